"""Who may open a socket: identity, subprotocol, credentials and limits, decided before the 101.

Source: OCPP-J 1.6 sections 3 and 6, security whitepaper edition 3; OCPP 2.0.1 part 2, A00, and part 4,
section 3. An unknown station and a wrong password are told apart by nobody outside: status, body and time are
the same.
"""

import base64
import binascii
import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from django.db.models import Value
from django.db.models.functions import Lower

from emobi.core.errors import Refused
from emobi.core.models import Network
from gateway.client_certificate import ClientCertificate, client_certificate
from gateway.versions import ADAPTERS
from stations.models import Registration, Station
from stations.services import credentials, registration

# Spellings of subprotocols that stations use (quirk 2), folded.
_SPELLINGS = {"ocpp1.6": "ocpp1.6", "ocpp1.6j": "ocpp1.6", "ocpp2.0.1": "ocpp2.0.1"}
# What a URL's path begins with. It is for people to read: the subprotocol decides the version.
_ENDPOINTS = frozenset({"1.6", "2.0.1", "ocpp"})
LONGEST_NAME = 48
_BAD_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A refused handshake: ``status`` and ``headers`` go out, the rest is for the operator."""

    status: int
    reason: str
    detail: str
    network_slug: str = ""
    identity: str = ""
    network_id: int | None = None
    known: bool = False
    headers: Sequence[tuple[bytes, bytes]] = ()


@dataclass(frozen=True, kw_only=True)
class Admission:
    """A station that may connect.

    Attributes:
        echo: The subprotocol as the station spells it; "" where it named none.
        security_profile: That the connection has in fact.
        serial_number: That its certificate names, with security profile 3.
    """

    station: Station
    subprotocol: str
    echo: str
    security_profile: int
    serial_number: str | None


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a station presents."""

    network_slug: str
    identity: str
    offered: Sequence[str]
    basic: tuple[bytes, bytes] | None
    certificate: ClientCertificate | None
    secure: bool

    def refused(
        self, status: int, reason: str, detail: str, headers: Sequence[tuple[bytes, bytes]] = ()
    ) -> Refusal:
        """A refusal of this request."""
        return Refusal(
            status=status,
            reason=reason,
            detail=detail,
            headers=headers,
            network_slug=_shown(self.network_slug),
            identity=_shown(self.identity),
        )

    def unauthorized(self, reason: str, detail: str) -> Refusal:
        """A 401: the same to the outside, whatever the reason."""
        return self.refused(401, reason, detail, ((b"WWW-Authenticate", b'Basic realm="ocpp"'),))


def read(scope: Mapping[str, Any]) -> Request | Refusal:
    """Read the upgrade request. Pure."""
    raw_path: bytes = scope["raw_path"]
    names = [_decoded(segment) for segment in raw_path.split(b"/") if segment]
    if len(names) == 4 and names[2] == names[3]:
        del names[3]  # stations that append their identity to a URL that holds it already (quirk 7)
    match names:
        case [str(endpoint), str(network_slug), str(identity)] if endpoint in _ENDPOINTS:
            request = Request(
                network_slug=network_slug,
                identity=identity,
                offered=scope["subprotocols"],
                basic=None,
                certificate=None,
                secure=scope["scheme"] == "wss",
            )
        case _:
            detail = "The URL must end in /ocpp/NETWORK/IDENTITY."
            return Refusal(status=404, reason="no such path", detail=detail)
    if not (_is_name(network_slug) and _is_name(identity)) or ":" in identity:
        detail = "A network and an identity have at most 48 printable characters, an identity no colon."
        return request.refused(404, "bad identity", detail)
    try:
        request = dataclasses.replace(request, certificate=client_certificate(scope))
    except ValueError:
        return request.unauthorized("bad certificate", "The client certificate can't be read.")
    headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
    presented = [value for name, value in headers if name == b"authorization"]
    if not presented:
        return request
    basic = _basic(presented[0]) if len(presented) == 1 else None
    if basic is None:
        return request.unauthorized(
            "bad authorization", "The Authorization header isn't Basic, or is there twice."
        )
    return dataclasses.replace(request, basic=basic)


def _shown(name: str) -> str:
    """A name as it is kept: what can't be printed, or stored, is replaced."""
    return "".join(char if char.isprintable() else "\ufffd" for char in name[:64])


def _is_name(text: str) -> bool:
    return len(text) <= LONGEST_NAME and text.isprintable()


def _decoded(segment: bytes) -> str | None:
    """A path segment, percent-decoded once; None if it can't be."""
    if _BAD_ESCAPE.search(segment):
        return None
    try:
        return unquote_to_bytes(segment).decode()
    except UnicodeDecodeError:
        return None


def _basic(header: bytes) -> tuple[bytes, bytes] | None:
    """User name and password, as bytes: a 1.6 password needn't be text (whitepaper, A00.FR.205)."""
    scheme, _, encoded = header.partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except binascii.Error:
        return None
    return (user, password) if colon else None


def judge(request: Request) -> Admission | Refusal:
    """Look the station up and judge what it presents; a password may be hashed for some milliseconds."""
    network = Network.objects.filter(slug=request.network_slug).first()
    station = _find(network, request.identity)
    if network is None or (station is None and not network.auto_register):
        credentials.verify_nobody(request.basic[1] if request.basic else b"")
        where = f"network {request.network_slug}" if network else "any network: there is none of that name"
        verdict: Admission | Refusal = request.unauthorized(
            "unknown station", f"No station {request.identity} in {where}."
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


def _find(network: Network | None, identity: str) -> Station | None:
    if network is None:
        return None
    folded = Lower(Value(identity))  # as the unique index has it (quirk 10)
    station = Station.objects.alias(folded=Lower("identity")).filter(network=network, folded=folded).first()
    if station is not None:
        station.network = network
    return station


def _judge_known(station: Station, request: Request) -> Admission | Refusal:
    return _credentials(station, request) or _subprotocol(station, request)


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
        listed = _find(network, request.identity)
        if listed is not None:  # by another socket, a moment ago
            return _judge_known(listed, request)
        return request.unauthorized("not listed", str(reason))
    station.network = network
    return dataclasses.replace(verdict, station=station)


def _credentials(station: Station, request: Request) -> Refusal | None:
    """Why the station's credentials don't do; None if they do (A00.FR.204, .313, .403-.405)."""
    profile = station.profile
    if profile >= 2 and not request.secure:
        return request.unauthorized("profile too low", f"Security profile {profile} needs wss, not ws.")
    if profile == 3:
        return _certificate(station, request)
    if request.basic is None:
        if _needs_no_password(station):
            return None
        credentials.verify_nobody(b"")
        return request.unauthorized("no credentials", "The station sent no user name and password.")
    user, password = request.basic
    matches = _needs_no_password(station) or credentials.verify(station.pk, station.password_hash, password)
    name = user.decode("utf-8", "replace")[:64]
    if name.lower() != station.identity.lower():
        return request.unauthorized(
            "user name is not the identity",
            f"The user name must be {station.identity}; the station sent {name!r}.",
        )
    if not matches and not station.password_hash:
        return request.unauthorized("no password here", "The station has no password here yet: set one.")
    if not matches:
        hint = " Did somebody paste a space?" if password != password.strip() else ""
        return request.unauthorized("wrong password", f"The password isn't this station's.{hint}")
    return None


def _needs_no_password(station: Station) -> bool:
    """Whoever has a password has to prove it; of the others those may come who may do no more than boot."""
    return not station.password_hash and (station.profile == 0 or _waits(station))


def _waits(station: Station) -> bool:
    """Whether an operator has yet to decide about a station that nobody registered."""
    return station.registration == Registration.PENDING and station.network.auto_register


def _certificate(station: Station, request: Request) -> Refusal | None:
    """The chain was verified by TLS; who it names is judged here."""
    certificate = request.certificate
    if certificate is None:
        return request.unauthorized("no client certificate", "Security profile 3 needs a client certificate.")
    operator = station.network.operator_name or station.network.name
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
    return None


def _subprotocol(station: Station, request: Request) -> Admission | Refusal:
    """The first of the station's list that we speak with it (OCPP-J 1.6 section 3.1.2)."""
    allowed = station.allowed_versions or station.network.allowed_versions
    assumed = station.quirks.get("assume_subprotocol")
    if not request.offered and assumed in ADAPTERS:
        return _admission(station, request, assumed, echo="")
    for token in request.offered:
        subprotocol = _SPELLINGS.get(token.strip().casefold(), "")
        adapter = ADAPTERS.get(subprotocol)
        if adapter is not None and (not allowed or adapter.version in allowed):
            return _admission(station, request, subprotocol, echo=token)
    if not request.offered:
        return request.refused(400, "no subprotocol", "The station named no OCPP version.")
    speaks = ", ".join(request.offered)[:100]
    may = ", ".join(allowed or [adapter.version for adapter in ADAPTERS.values()])
    return request.refused(400, "no usable subprotocol", f"The station speaks {speaks}; it may speak {may}.")


def _admission(station: Station, request: Request, subprotocol: str, *, echo: str) -> Admission:
    certificate = request.certificate if station.profile == 3 else None
    return Admission(
        station=station,
        subprotocol=subprotocol,
        echo=echo,
        security_profile=_actual_profile(station, request),
        serial_number=certificate.common_name if certificate else None,
    )


def _actual_profile(station: Station, request: Request) -> int:
    """The security profile that this connection has in fact."""
    if station.profile == 3:
        return 3
    if request.basic is None or not station.password_hash:
        return 0
    return 2 if request.secure else 1
