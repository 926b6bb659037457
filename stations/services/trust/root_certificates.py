"""The roots that a network trusts for contract certificates, by an operator's hand."""

from django.db import IntegrityError, transaction

from emobi.core import checks, clock, unit_of_work
from emobi.core.errors import Conflict, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations import x509_text
from stations.models import CertificateUse, RootCertificate


def add(network: Network, use: str, pem: str, *, by: str, address: str | None = None) -> RootCertificate:
    """Trust a root, or an authority below one.

    Raises:
        Invalid: If it is no certificate.
        Conflict: If the network trusts it already.
    """
    root = x509_text.certificate(pem, "certificate")
    row = RootCertificate(
        network=network,
        use=CertificateUse(use),
        fingerprint=x509_text.fingerprint(root),
        pem=pem,
        subject=x509_text.subject(root),
        not_after=checks.sane_time(root.not_valid_after_utc),
        added_at=clock.now(),
    )
    with unit_of_work.begin():
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict("The network trusts this root already.") from error
        detail = {"use": row.use, "subject": row.subject, "fingerprint": row.fingerprint}
        audit.record(network.pk, by, "root_certificate.added", row.subject[:200], detail, address)
    return row


def remove(network: Network, row_id: int, *, by: str, address: str | None = None) -> None:
    """Trust a root no more.

    Raises:
        NotFound: If the network doesn't.
    """
    with unit_of_work.begin():
        row = RootCertificate.objects.filter(network=network, pk=row_id).first()
        if row is None:
            raise NotFound("There is no such root.")
        detail = {"use": row.use, "subject": row.subject, "fingerprint": row.fingerprint}
        row.delete()
        audit.record(network.pk, by, "root_certificate.removed", row.subject[:200], detail, address)
