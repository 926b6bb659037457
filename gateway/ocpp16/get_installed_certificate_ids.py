"""GetInstalledCertificateIds (OCPP 1.6 security whitepaper, section 5.7): which certificates are there?"""

import dataclasses
from collections.abc import Sequence

from gateway.adapter import Payload
from gateway.ocpp16 import fields
from stations.commands.certificates import InstalledUse, ListCertificates
from stations.commands.outcome import Outcome
from stations.models import CommandState, Station
from stations.x509_text import CertificateHash

# All that 1.6 knows.
USES = (InstalledUse.CSMS_ROOT, InstalledUse.MANUFACTURER_ROOT)
NOT_FOUND = "NotFound"


def split(command: ListCertificates, _station: Station) -> Sequence[ListCertificates]:
    """One type a message."""
    return _one_each(command)


def _one_each(command: ListCertificates) -> Sequence[ListCertificates]:
    return [ListCertificates(certificate_types=(use,)) for use in command.certificate_types or USES]


def join(command: ListCertificates, outcomes: Sequence[Outcome]) -> Outcome:
    """1.6 doesn't name the type of what it lists: it is the one that was asked for."""
    listed = [
        found | {"certificate_type": piece.certificate_types[0].value}
        for piece, outcome in zip(_one_each(command), outcomes, strict=False)
        for found in outcome.detail["certificates"]
    ]
    said = next((each for each in outcomes if each.status != NOT_FOUND), outcomes[0])
    return dataclasses.replace(said, detail={**said.detail, "certificates": listed})


def encode(command: ListCertificates) -> Payload:
    """A command with one type."""
    (use,) = command.certificate_types
    return {"certificateType": fields.certificate_use(use.value)}


def decode(payload: Payload) -> Outcome:
    """NotFound answers the question as well: there are none."""
    outcome = fields.outcome(payload)
    listed = [
        {
            "certificate_type": None,
            **dataclasses.asdict(CertificateHash.read(found)),
            "child_certificates": [],
        }
        for found in payload.get("certificateHashData", ())
    ]
    return dataclasses.replace(
        outcome,
        state=CommandState.ACCEPTED if outcome.status == NOT_FOUND else outcome.state,
        detail={"certificates": listed},
    )
