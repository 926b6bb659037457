"""Certificates with which no station gets in any more: one was stolen, or its holder is another's now.

The authority may say the same by OCSP (`gateway.revocation`); this is for what we know ourselves, and for
authorities without a responder. What is revoked stays so. Source: OCPP 2.0.1 part 2, A00.FR.403 and .407.
"""

from collections.abc import Collection

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.db import IntegrityError, transaction

from emobi.core import checks, clock, unit_of_work
from emobi.core.models import Network
from emobi.core.services import audit
from stations import x509_text
from stations.models import (
    Connection,
    RevocationReason,
    RevokedCertificate,
    SigningRequest,
    SigningState,
)
from stations.services.presence import connections


def revoke(
    network: Network, pem: str, reason: str, *, by: str, address: str | None = None
) -> tuple[RevokedCertificate, bool]:
    """Take a certificate from whoever has it; the row, and whether it is new. Idempotent.

    Its station is let go, if it is connected with one, and gets in again with another one. If it is still to
    be brought to its station, it isn't.

    Args:
        network: Whose stations it is that may not come with it.
        pem: The certificate; of a chain the first is meant.
        reason: One of `RevocationReason`.
        by: Who does it, as in the audit log.
        address: Where the request came from.

    Raises:
        Invalid: If it is no certificate.
    """
    certificate = x509_text.chain(pem, "certificate")[0]
    row = RevokedCertificate(
        network=network,
        fingerprint=x509_text.fingerprint(certificate),
        serial_number=f"{certificate.serial_number:x}",
        subject=x509_text.subject(certificate),
        not_after=checks.sane_time(certificate.not_valid_after_utc),
        reason=RevocationReason(reason),
        revoked_at=clock.now(),
        revoked_by=by[:200],
    )
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            return RevokedCertificate.objects.get(network=network, fingerprint=row.fingerprint), False
        detail = {"reason": row.reason, "subject": row.subject, "fingerprint": row.fingerprint}
        audit.record(network.pk, by, "certificate.revoked", row.subject[:200], detail, address)
        _bring_no_more(network, row, by)
        _let_go(network, certificate)
    return row, True


def among(network_id: int, fingerprints: Collection[str]) -> bool:
    """Whether any of these certificates is revoked in a network."""
    found = RevokedCertificate.objects.filter(network=network_id, fingerprint__in=fingerprints)
    return found.exists()


def _bring_no_more(network: Network, row: RevokedCertificate, by: str) -> None:
    SigningRequest.objects.filter(
        station__network=network, state=SigningState.SIGNED, serial_number=row.serial_number
    ).update(state=SigningState.FAILED, reason=f"Revoked by {by}."[:300], ended_at=clock.now())


def _let_go(network: Network, certificate: x509.Certificate) -> None:
    """Close the sockets of the stations that it names, if they came with a certificate."""
    named = [each.value for each in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    held = Connection.objects.filter(
        station__network=network,
        station__serial_number__in=[name for name in named if isinstance(name, str) and name],
        security_profile=3,
        closed_at=None,
    )
    for connection in held:
        connections.let_go(connection)
