"""GetInstalledCertificateIds (OCPP 2.0.1, use case M03): which certificates does the station have?"""

import dataclasses

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from stations.commands.certificates import ListCertificates
from stations.commands.outcome import Outcome
from stations.models import CommandState
from stations.x509_text import CertificateHash


def encode(command: ListCertificates) -> Payload:
    if not command.certificate_types:
        return {}
    return {"certificateType": [kind.value for kind in command.certificate_types]}


def decode(payload: Payload) -> Outcome:
    """NotFound answers the question as well: the station has none."""
    outcome = fields.outcome(payload)
    listed = [
        {
            "certificate_type": chain["certificateType"],
            **dataclasses.asdict(CertificateHash.read(chain["certificateHashData"])),
            "child_certificates": [
                dataclasses.asdict(CertificateHash.read(child))
                for child in chain.get("childCertificateHashData", ())
            ],
        }
        for chain in payload.get("certificateHashDataChain", ())
    ]
    return dataclasses.replace(
        outcome,
        state=CommandState.ACCEPTED if outcome.status == "NotFound" else outcome.state,
        detail={**outcome.detail, "certificates": listed},
    )
