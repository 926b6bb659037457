"""Who may open a socket: identity, subprotocol and credentials, judged before the 101.

Source: OCPP-J 1.6 sections 3 and 6, security whitepaper edition 3; OCPP 2.0.1 part 2, A00, and part 4,
section 3. An unknown station and a wrong password are told apart by nobody outside: status, body and time are
the same.
"""

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from emobi.core import batch
from emobi.core.errors import Refused
from emobi.core.models import Network
from gateway.client_certificate import ClientCertificate
from gateway.presented import Refusal, Request
from gateway.standing import Status
from gateway.versions import ADAPTERS
from stations.models import Registration, Station
from stations.services.registry import registration
from stations.services.trust import credentials, revocations

# Whose certificate can't be checked now is to come back after this time.
AGAIN_S = 30

# Spellings of subprotocols that stations use (quirk 2), folded.
_SPELLINGS = {"ocpp1.6": "ocpp1.6", "ocpp1.6j": "ocpp1.6", "ocpp2.0.1": "ocpp2.0.1"}


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A station that may connect.

    Attributes:
        echo: The subprotocol as the station spells it; "" where it named none.
        security_profile: That the connection has in fact.
        password_hash: The stored one that its password matched; "" if it showed none.
        serial_number: That its certificate names, with security profile 3.
        unchecked: Why nobody knows whether that certificate was revoked; "" if somebody does.
        certificate_not_after: When that certificate ends.
    """

    station: Station
    subprotocol: str
    echo: str
    security_profile: int
    password_hash: str
    serial_number: str | None
    unchecked: str
    certificate_not_after: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class _Proof:
    """What the station proved."""

    security_profile: int
    password_hash: str = ""
    serial_number: str | None = None
    unchecked: str = ""
    certificate_not_after: datetime | None = None


def judge(request: Request) -> Admission | Refusal:
    """Look the station up and judge what it presents; a password may be hashed for some milliseconds."""
    network, station = _find(request)
    if network is None or (station is None and not network.auto_register):
        where = f"network {request.network_slug}{'' if network else ': there is none of that name'}"
        verdict: Admission | Refusal = _unproved(
            request, "unknown station", f"No station {request.identity} in {where}."
        )
    elif station is None:
        verdict = _judge_stranger(network, request)
    else:
        verdict = _judge_known(station, request)
    if isinstance(verdict, Admission):
        return verdict
    return dataclasses.replace(
        verdict,
        identity=station.identity if station else verdict.identity,
        network_id=network.pk if network else None,
        known=station is not None,
    )


# One prepared statement: after a cut a whole fleet is looked up, and Django makes two anew for each station.
_FIND = f"""
SELECT {batch.columns(Network, "network")}, {batch.columns(Station, "station")}
FROM jsonb_to_recordset(%s::jsonb) AS knock(n text, i text)
JOIN core_network AS network ON network.slug = n
LEFT JOIN LATERAL (
    SELECT * FROM stations_station WHERE network_id = network.id AND lower(identity) = lower(i) OFFSET 0
) AS station ON true
"""  # as the unique index has it (quirk 10)
_OF_NETWORK = len(Network._meta.concrete_fields)


def _find(request: Request) -> tuple[Network | None, Station | None]:
    found = batch.execute(_FIND, [{"n": request.network_slug, "i": request.identity}])
    if not found:
        return None, None
    (row,) = found
    (network,) = batch.instances(Network, [row[:_OF_NETWORK]])
    if row[_OF_NETWORK] is None:
        return network, None
    (station,) = batch.instances(Station, [row[_OF_NETWORK:]])
    station.network = network
    return network, station


def _judge_known(station: Station, request: Request) -> Admission | Refusal:
    proof = _credentials(station, request)
    return proof if isinstance(proof, Refusal) else _subprotocol(station, request, proof)


def _judge_stranger(network: Network, request: Request) -> Admission | Refusal:
    """Judge a station that nobody registered like one that waits for an operator; then list it as that."""
    stranger = Station(network=network, identity=request.identity, registration=Registration.PENDING)
    verdict = _judge_known(stranger, request)
    if isinstance(verdict, Refusal):
        return verdict
    try:
        station = registration.adopt_unknown(
            network, request.identity, request.basic[1] if request.basic else None
        )
    except Refused as reason:
        _, listed = _find(request)
        if listed is not None:  # by another socket, a moment ago
            return _judge_known(listed, request)
        return request.unauthorized("not listed", str(reason))
    station.network = network
    return dataclasses.replace(verdict, station=station)


def _credentials(station: Station, request: Request) -> _Proof | Refusal:
    """What the station proves, or why that doesn't do (A00.FR.204, .313, .403-.405).

    While it is told to use a higher security profile both will do, for it may fall back (A05.FR.07).
    """
    if station.upgrading_to is not None:
        proof = _of_profile(station, request, station.upgrading_to)
        if isinstance(proof, _Proof):
            return proof
    return _of_profile(station, request, station.profile)


def _of_profile(station: Station, request: Request, profile: int) -> _Proof | Refusal:
    if profile >= 2 and not request.secure:
        return _unproved(request, "profile too low", f"Security profile {profile} needs wss, not ws.")
    if profile == 3:
        return _certificate(station, request)
    if request.basic is None:
        if _needs_no_password(station, profile):
            return _Proof(security_profile=0)
        return _unproved(request, "no credentials", "The station sent no user name and password.")
    user, password = request.basic
    free = _needs_no_password(station, profile) and not station.has_password
    matched = None
    if station.password_hash or not free:
        matched = credentials.matching(station.pk, station.password_hash, password)
    if matched is None and free:
        matched = ""
    # What it sent isn't kept: a station whose user name and password are swapped sends its password there.
    if user.decode("utf-8", "replace").lower() != station.identity.lower():
        return request.unauthorized(
            "user name is not the identity",
            f"The user name must be {station.identity}; the station sent another one than its identity.",
        )
    if matched is None and not station.password_hash:
        return request.unauthorized("no password here", "The station has no password here yet: set one.")
    if matched is None:
        hint = " Did somebody paste a space?" if password != password.strip() else ""
        return request.unauthorized("wrong password", f"The password isn't this station's.{hint}")
    actual = (2 if request.secure else 1) if matched else 0
    return _Proof(security_profile=actual, password_hash=matched)


def _unproved(request: Request, reason: str, detail: str) -> Refusal:
    """A refusal of who showed nothing that could be checked; it takes as long as that of a wrong password."""
    credentials.verify_nobody(request.basic[1] if request.basic else b"")
    return request.unauthorized(reason, detail)


def _needs_no_password(station: Station, profile: int) -> bool:
    """Whoever has a password has to prove it; of the others those may come who may do no more than boot.

    A station that had no password until now may not know yet that it has one.
    """
    if station.has_password:
        return profile == 0 and station.upgrading_to is not None
    return profile == 0 or _waits(station)


def _waits(station: Station) -> bool:
    """Whether an operator has yet to decide about a station that nobody registered."""
    return station.registration == Registration.PENDING and station.network.auto_register


def _certificate(station: Station, request: Request) -> _Proof | Refusal:
    """The chain was verified by TLS; who it names is judged here."""
    certificate = request.certificate
    if certificate is None:
        return _unproved(request, "no client certificate", "Security profile 3 needs a client certificate.")
    operator = station.network.organization
    if (certificate.organisation or "").casefold() != operator.casefold():
        return request.unauthorized(
            "certificate of another operator",
            f"Its subject O must be {operator}; it is {certificate.organisation!r}.",
        )
    name, serial = certificate.common_name, station.serial_number
    is_first = not serial and _waits(station)  # it boots with its serial number, which must be this one
    if not name or (name != serial and not is_first):
        return request.unauthorized(
            "certificate of another station",
            f"Its subject CN must be the serial number {serial!r}; it is {name!r}.",
        )
    revoked = _revoked(station, request, certificate)
    if revoked is not None:
        return revoked
    unchecked = request.standing.why if request.standing.status is Status.UNKNOWN else ""
    return _Proof(
        security_profile=3,
        serial_number=name,
        unchecked=unchecked,
        certificate_not_after=certificate.not_after,
    )


def _revoked(station: Station, request: Request, certificate: ClientCertificate) -> Refusal | None:
    """Whether the certificate counts no more, by what we know and by what its authority says."""
    if revocations.among(station.network_id, certificate.fingerprints):
        return request.unauthorized("certificate revoked", "It was revoked here.")
    standing = request.standing
    if standing.status is Status.REVOKED:
        return request.unauthorized("certificate revoked", f"Its authority revoked it: {standing.why}.")
    if standing.status is Status.UNKNOWN and settings.EMOBI_OCSP_STRICT:
        detail = f"Nobody knows whether the certificate was revoked: {standing.why}."
        return request.refused(503, "revocation not known", detail, ((b"Retry-After", b"%d" % AGAIN_S),))
    return None


def _subprotocol(station: Station, request: Request, proof: _Proof) -> Admission | Refusal:
    """The first of the station's list that we speak with it (OCPP-J 1.6 section 3.1.2)."""
    allowed = station.allowed_versions or station.network.allowed_versions
    assumed = station.flags.get("assume_subprotocol")
    if not request.offered and assumed in ADAPTERS:
        return _admission(station, proof, assumed, echo="")
    for token in request.offered:
        subprotocol = _SPELLINGS.get(token.strip().casefold(), "")
        adapter = ADAPTERS.get(subprotocol)
        if adapter is not None and (not allowed or adapter.version in allowed):
            return _admission(station, proof, subprotocol, echo=token)
    if not request.offered:
        return request.refused(400, "no subprotocol", "The station named no OCPP version.")
    speaks = ", ".join(request.offered)[:100]
    may = ", ".join(allowed or [adapter.version for adapter in ADAPTERS.values()])
    return request.refused(400, "no usable subprotocol", f"The station speaks {speaks}; it may speak {may}.")


def _admission(station: Station, proof: _Proof, subprotocol: str, *, echo: str) -> Admission:
    return Admission(
        station=station,
        subprotocol=subprotocol,
        echo=echo,
        security_profile=proof.security_profile,
        password_hash=proof.password_hash,
        serial_number=proof.serial_number,
        unchecked=proof.unchecked,
        certificate_not_after=proof.certificate_not_after,
    )
