"""Certificates that stations have, and the roots that a network trusts.

What a station says of itself wins over what we think that it has. Source: OCPP 2.0.1 part 2, M03 to M05.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from cryptography import x509

from emobi.core import checks, clock, events, unit_of_work
from stations import stated_limits, x509_text
from stations.commands.certificates import DeleteCertificate, InstallCertificate, ListCertificates
from stations.commands.outcome import Outcome
from stations.models import (
    CertificateUse,
    CommandState,
    InstalledCertificate,
    RootCertificate,
    Station,
    Variable,
)
from stations.x509_text import ALGORITHMS, CertificateHash

# What install_certificate brings.
ROOTS = (
    CertificateUse.CSMS_ROOT,
    CertificateUse.MANUFACTURER_ROOT,
    CertificateUse.MO_ROOT,
    CertificateUse.V2G_ROOT,
)
# What contract certificates are verified against.
CONTRACT_ROOTS = (CertificateUse.MO_ROOT, CertificateUse.V2G_ROOT)


def installed(station: Station, asked: InstallCertificate, outcome: Outcome) -> None:
    """The station took a root: it has it, and its network trusts it."""
    if outcome.state != CommandState.ACCEPTED:
        return
    root = x509_text.certificate(asked.certificate)
    use = CertificateUse(asked.certificate_type)
    hashed = x509_text.hash_of(root, root)
    facts = {"subject": x509_text.subject(root), "not_after": checks.sane_time(root.not_valid_after_utc)}
    InstalledCertificate.objects.update_or_create(
        station=station,
        use=use,
        digest=digest(hashed),
        defaults={
            "hash_algorithm": hashed.hash_algorithm,
            "issuer_name_hash": hashed.issuer_name_hash,
            "issuer_key_hash": hashed.issuer_key_hash,
            "serial_number": hashed.serial_number,
            "pem": asked.certificate,
            "installed_at": clock.now(),
            **facts,
        },
    )
    RootCertificate.objects.get_or_create(
        network_id=station.network_id,
        use=use,
        fingerprint=x509_text.fingerprint(root),
        defaults={"pem": asked.certificate, "added_at": clock.now(), **facts},
    )
    tell(station, use, root)


def deleted(station: Station, asked: DeleteCertificate, outcome: Outcome) -> None:
    """The station removed a certificate, or never had it. Its network goes on trusting the root."""
    if outcome.state != CommandState.ACCEPTED and outcome.status != "NotFound":
        return
    named = CertificateHash(
        hash_algorithm=asked.hash_algorithm,
        issuer_name_hash=asked.issuer_name_hash,
        issuer_key_hash=asked.issuer_key_hash,
        serial_number=asked.serial_number,
    )
    gone = [each.pk for each in _of(station) if _is(each, named)]
    InstalledCertificate.objects.filter(pk__in=gone).delete()


def listed(station: Station, asked: ListCertificates, outcome: Outcome) -> None:
    """The station said what it has of the kinds that it was asked for; all else of these kinds is gone."""
    if outcome.state != CommandState.ACCEPTED:
        return
    with unit_of_work.begin():
        known = list(_of(station))
        heard = {
            _keep(station, known, use, certificate, parent)
            for use, certificate, parent in _flat(outcome.detail["certificates"])
        }
        gone = InstalledCertificate.objects.filter(station=station).exclude(pk__in=heard)
        # V2G chains and the station's own certificate aren't roots that we brought.
        asked_for = asked.certificate_types or tuple(CertificateUse)
        gone.filter(use__in=[str(kind) for kind in asked_for]).delete()


def full_at(station: Station, asked: InstallCertificate) -> int | None:
    """How many roots the station holds, if it has that many and this were one more; None: it may have room.

    1.6 says it by a key, 2.0.1 by the limit of CertificateEntries. One that is there is replaced (M05.FR.17),
    and so is the CSMS root of a station that has but one (AdditionalRootCertificateCheck). What was never
    listed, and isn't from us, isn't known.
    """
    most = _most(station)
    if most is None:
        return None
    root = x509_text.certificate(asked.certificate)
    roots = [each for each in _of(station) if each.use in ROOTS]
    here = x509_text.hash_of(root, root)
    use = CertificateUse(asked.certificate_type)
    replaces = any(
        each.use == use and (_is(each, here) or (use == CertificateUse.CSMS_ROOT and _keeps_one(station)))
        for each in roots
    )
    return None if replaces or len(roots) < most else most


def _most(station: Station) -> int | None:
    """How many certificates it holds, if it has said so."""
    return stated_limits.most(station, "SecurityCtrlr", "CertificateEntries", key="CertificateStoreMaxLength")


def _keeps_one(station: Station) -> bool:
    return Variable.objects.filter(
        station=station,
        component__iexact="SecurityCtrlr",
        variable__iexact="AdditionalRootCertificateCheck",
        value__iexact="true",
    ).exists()


def tell(station: Station, use: CertificateUse, certificate: x509.Certificate) -> None:
    """Record that the station took a certificate from us; needs the open unit of work."""
    events.record(
        station.subject,
        events.CertificateInstalled(
            received_at=clock.now(),
            certificate_type=use.value,
            subject=x509_text.subject(certificate),
            issuer=certificate.issuer.rfc4514_string()[: x509_text.LONGEST_SUBJECT],
            serial_number=f"{certificate.serial_number:x}",
            expires_at=checks.sane_time(certificate.not_valid_after_utc),
        ),
    )


def contract_roots(network_id: int) -> list[x509.Certificate]:
    """The roots that a network trusts for contract certificates."""
    found = RootCertificate.objects.filter(network=network_id, use__in=CONTRACT_ROOTS)
    return [x509_text.certificate(pem) for pem in found.values_list("pem", flat=True).distinct()]


def digest(named: CertificateHash) -> str:
    """The same for all spellings of a certificate's hashes."""
    return hashlib.sha256(" ".join(named.key).encode()).hexdigest()


def _of(station: Station) -> Iterable[InstalledCertificate]:
    return InstalledCertificate.objects.filter(station=station)


def _is(known: InstalledCertificate, named: CertificateHash) -> bool:
    """Whether a certificate that we know is the one that is named, perhaps by another hash algorithm."""
    if known.digest == digest(named):
        return True
    if not known.pem or named.hash_algorithm not in ALGORITHMS:
        return False
    root = x509_text.certificate(known.pem)
    return x509_text.hash_of(root, root, named.hash_algorithm).same_as(named)


type _Listed = tuple[str, CertificateHash, str]


def _flat(chains: Iterable[Mapping[str, Any]]) -> Iterable[_Listed]:
    """Each certificate with its use and the digest of the one that it was listed below."""
    for chain in chains:
        use = chain["certificate_type"]
        top = _named(chain)
        yield use, top, ""
        for child in chain["child_certificates"]:
            yield use, _named(child), digest(top)


def _named(listed: Mapping[str, Any]) -> CertificateHash:
    return CertificateHash(**{name: str(listed[name]) for name in CertificateHash.__dataclass_fields__})


def _keep(
    station: Station, known: Iterable[InstalledCertificate], use: str, named: CertificateHash, parent: str
) -> int:
    """Note that a certificate is there, in the station's own spelling; its row."""
    same = next((each for each in known if each.use == use and _is(each, named)), None)
    row = same or InstalledCertificate(station=station, use=use[:32])
    # Longer than OCPP allows it is kept in part: it can be seen, if not deleted.
    row.hash_algorithm, row.serial_number = named.hash_algorithm[:6], named.serial_number[:64]
    row.issuer_name_hash, row.issuer_key_hash = named.issuer_name_hash[:128], named.issuer_key_hash[:128]
    row.digest, row.parent_digest, row.listed_at = digest(named), parent, clock.now()
    row.save()
    return row.pk
