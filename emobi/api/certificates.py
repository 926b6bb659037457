"""Certificates: on stations, those they want signed, roots that a network trusts, and what is revoked."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Path, Router, Status
from pydantic import BaseModel, Field

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from stations import selectors
from stations.commands.certificates import EXAMPLE
from stations.models import (
    InstalledCertificate,
    RevocationReason,
    RevokedCertificate,
    RootCertificate,
    SigningRequest,
)
from stations.services.trust import revocations, root_certificates

of_station = Router(tags=["stations"])
router = Router(tags=["stations"])
revoked = Router(tags=["stations"])

Use = Literal["V2GRootCertificate", "MORootCertificate"]
Id = Annotated[int, Path(ge=1, le=2**63 - 1)]


class CertificateOut(BaseModel):
    """A certificate that a station has, named as it names it: so it is deleted, too."""

    certificate_type: str
    hash_algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str
    is_child: bool = Field(description="It stands below the V2G certificate of the station.")
    subject: str | None = Field(description="null: it didn't come from us.")
    expires_at: Time | None
    certificate: str | None = Field(description="PEM; null: it didn't come from us.")
    installed_at: Time | None = Field(description="When the station took it from us.")
    listed_at: Time | None = Field(description="When the station last said that it has it.")


class SigningRequestOut(BaseModel):
    """A station's key, and what came of it."""

    signing_request_id: str
    certificate_type: str
    state: str = Field(description="waiting, signed, installed; refused, rejected, failed.")
    reason: str | None
    common_name: str | None
    organization: str | None
    key_type: str | None
    repeats: int = Field(description="How often the station asked again.")
    serial_number: str | None
    expires_at: Time | None
    certificate_chain: str | None = Field(description="PEM, the station's certificate first.")
    created_at: Time
    signed_at: Time | None
    ended_at: Time | None
    revoked_at: Time | None = Field(description="When its certificate was revoked here.")


class RevocationIn(BaseModel):
    """A certificate that is to count no more."""

    model_config = body({"certificate": EXAMPLE, "reason": "key_compromise"})

    certificate: str = Field(
        min_length=1, max_length=20_000, description="PEM; of a chain the first certificate is meant."
    )
    reason: RevocationReason = RevocationReason.UNSPECIFIED


class RevokedOut(BaseModel):
    """A certificate with which no station gets in any more."""

    id: int
    subject: str
    serial_number: str = Field(description="The certificate's own, in hexadecimal.")
    fingerprint: str = Field(description="SHA-256, in hexadecimal.")
    expires_at: Time | None
    reason: RevocationReason
    revoked_at: Time
    revoked_by: str


class RootIn(BaseModel):
    """A root, or an authority below it, that contracts may come from."""

    model_config = body({"certificate_type": "MORootCertificate", "certificate": EXAMPLE})

    certificate_type: Use
    certificate: str = Field(min_length=1, max_length=5500, description="One certificate, in PEM.")


class RootOut(BaseModel):
    """A root that a network trusts."""

    id: int
    certificate_type: str
    subject: str
    fingerprint: str = Field(description="SHA-256, in hexadecimal.")
    expires_at: Time | None
    certificate: str
    added_at: Time


def shown(row: InstalledCertificate) -> dict[str, Any]:
    """A certificate of a station as the API shows it."""
    return {
        "certificate_type": row.use,
        "hash_algorithm": row.hash_algorithm,
        "issuer_name_hash": row.issuer_name_hash,
        "issuer_key_hash": row.issuer_key_hash,
        "serial_number": row.serial_number,
        "is_child": bool(row.parent_digest),
        "subject": row.subject or None,
        "expires_at": row.not_after,
        "certificate": row.pem or None,
        "installed_at": row.installed_at,
        "listed_at": row.listed_at,
    }


def shown_request(row: SigningRequest) -> dict[str, Any]:
    """A signing request as the API shows it."""
    return {
        "signing_request_id": row.pk,
        "certificate_type": row.use,
        "state": row.state,
        "reason": row.reason or None,
        "common_name": row.common_name or None,
        "organization": row.organization or None,
        "key_type": row.key_type or None,
        "repeats": row.repeats,
        "serial_number": row.serial_number or None,
        "expires_at": row.not_after,
        "certificate_chain": row.chain or None,
        "created_at": row.created_at,
        "signed_at": row.signed_at,
        "ended_at": row.ended_at,
        "revoked_at": selectors.revoked_at(row),
    }


def shown_revoked(row: RevokedCertificate) -> dict[str, Any]:
    """A revoked certificate as the API shows it."""
    return {
        "id": row.pk,
        "subject": row.subject,
        "serial_number": row.serial_number,
        "fingerprint": row.fingerprint,
        "expires_at": row.not_after,
        "reason": row.reason,
        "revoked_at": row.revoked_at,
        "revoked_by": row.revoked_by,
    }


def shown_root(row: RootCertificate) -> dict[str, Any]:
    """A root as the API shows it."""
    return {
        "id": row.pk,
        "certificate_type": row.use,
        "subject": row.subject,
        "fingerprint": row.fingerprint,
        "expires_at": row.not_after,
        "certificate": row.pem,
        "added_at": row.added_at,
    }


@of_station.get(
    "/{segment:identity}/certificates",
    response=paging.Page[CertificateOut],
    summary="A station's certificates",
)
def list_certificates(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """What it took from us, and what it listed when it was last asked (`list_certificates`)."""
    station = selectors.station(auth.network_of(request), identity)
    found = InstalledCertificate.objects.filter(station=station).order_by("pk")
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(pk__gt=after)
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown)


@of_station.get(
    "/{segment:identity}/signing-requests",
    response=paging.Page[SigningRequestOut],
    summary="A station's keys that it wanted signed, the newest first",
)
def list_signing_requests(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """With what came of each. `trigger_message` asks a station for a new one."""
    station = selectors.station(auth.network_of(request), identity)
    found = selectors.signing_requests(station)
    before = paging.decode(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_request)


@router.get("", response=paging.Page[RootOut], summary="Roots that the network trusts, the oldest first")
def list_root_certificates(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Those that a station was told to trust, and those that were added here."""
    found = RootCertificate.objects.filter(network=auth.network_of(request)).order_by("pk")
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(pk__gt=after)
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_root)


@router.post("", response={201: RootOut}, summary="Trust a root for contract certificates")
def create_root_certificate(request: HttpRequest, body: RootIn) -> Status[dict[str, Any]]:
    """Needs the role admin. No station is told: `install_certificate` does that."""
    key = auth.demand(request, Role.ADMIN)
    row = root_certificates.add(
        key.network,
        body.certificate_type,
        body.certificate,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, shown_root(row))


@router.delete("/{segment:root_id}", response={204: None}, summary="Trust a root no more")
def delete_root_certificate(request: HttpRequest, root_id: Id) -> Status[None]:
    """Needs the role admin. Stations that have it keep it: `delete_certificate` takes it from them."""
    key = auth.demand(request, Role.ADMIN)
    root_certificates.remove(key.network, root_id, by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@revoked.get("", response=paging.Page[RevokedOut], summary="Revoked certificates, the oldest first")
def list_revoked_certificates(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Those that were revoked here. What their authority revokes is asked of its OCSP responder."""
    found = RevokedCertificate.objects.filter(network=auth.network_of(request)).order_by("pk")
    after = paging.decode_number(cursor)
    if after is not None:
        found = found.filter(pk__gt=after)
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_revoked)


@revoked.post("", response={200: RevokedOut, 201: RevokedOut}, summary="Revoke a certificate")
def create_revoked_certificate(request: HttpRequest, body: RevocationIn) -> Status[dict[str, Any]]:
    """Needs the role admin. It can't be undone. A station that is connected with it is let go; have it ask
    for another one first (`trigger_message`), if it is to stay. 200: it was revoked before.
    """
    key = auth.demand(request, Role.ADMIN)
    row, created = revocations.revoke(
        key.network, body.certificate, body.reason, by=auth.actor(key), address=client_address(request)
    )
    return Status(201 if created else 200, shown_revoked(row))
