"""Plays transcripts with a gateway, over a socket."""

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from decimal import Decimal
from typing import Any

from django.conf import settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from emobi.core.errors import Refused
from emobi.core.models import Event, Network, Role
from gateway.development_certificates import ensure_development_certificates
from sessions.services import tariffs
from stations.models import AccessChange, AccessChangeState, Command, CommandState, Station
from stations.services.commanding import commands
from stations.services.registry import registration
from stations.services.trust import access_changes, signing
from tests.gateway.listener_process import PATIENCE_S, until
from tests.gateway.tls_stations import trusting
from tests.gateway.whole.charger import basic
from tests.gateway.whole.gateway_process import GatewayProcess
from tests.transcripts.transcript import Line, Names, Unlike

# When these come is a matter of sockets and their time-outs, of which transcripts don't tell.
OF_THE_SOCKET = {
    "station.connected",
    "station.disconnected",
    "station.offline",
    "station.online",
    "station.taken_over",
}
OPERATOR = "user:operator"
SOON_S = 0.1


class Player:
    """A station that follows a transcript, connected from the beginning, and whoever else acts in it."""

    def __init__(self, station: Station, gateway: GatewayProcess, known: Mapping[str, Any]) -> None:
        self.station = station
        self._gateway = gateway
        self._password: str | None = None
        self._names = Names(known)
        self._sockets = ExitStack()
        self._socket: ClientConnection
        # Message ids of the station's CALLs that have no answer yet.
        self._open: list[str] = []
        self._command: Command | Refused | None = None
        self._change: AccessChange | None = None
        # The last that has ended.
        self._ended: Command | None = None

    def play(self, lines: Sequence[Line]) -> list[Event]:
        """Follow the transcript; the events that were recorded.

        Raises:
            Unlike: If what the station is sent, or what was recorded, isn't what the transcript says.
        """
        does = {">": self.send, "<": self.receive, "!": self.act}
        with self._sockets:
            self._connect()
            for line in lines:
                if line.sign in does:
                    _follow(line, does[line.sign])
            self._check_that_all_is_told()
        recorded = Event.objects.filter(network=self.station.network).exclude(type__in=OF_THE_SOCKET)
        events = list(recorded.order_by("sequence"))
        self._compare_events([line for line in lines if line.sign == "="], events)
        return events

    def send(self, text: str) -> None:
        frame = self._names.filled_in(text)
        if frame[0] == 2:
            self._open.append(frame[1])
        self._socket.send(json.dumps(frame))

    def receive(self, text: str) -> None:
        self._names.compare(json.loads(text), self._next_frame())

    def act(self, text: str) -> None:
        """Do what one of these says; a command that isn't even queued is refused."""
        match text.split(" ", 2):
            case ["drop", "connection"]:
                # What it is answered doesn't reach it any more.
                while self._open:
                    self._next_frame()
                self._socket.close_socket()
            case ["connect"]:
                self._connect()
            case ["connect", "securely"]:
                self._connect(securely=True)
            case ["refused"]:
                self._be_refused()
            case ["password", password]:
                known = {"password": json.loads(password), "security_profile": 1}
                registration.change(self.station, known, by=OPERATOR)
                self._password = json.loads(password)
            case ["shows", password]:
                self._password = self._names.filled_in(password)
            case ["change", "password"]:
                self.station.refresh_from_db()
                self._change = access_changes.change_password(self.station, by=OPERATOR)
            case ["raise", "profile", profile]:
                self.station.refresh_from_db()
                self._change = access_changes.raise_profile(self.station, int(profile), by=OPERATOR)
            case ["expect", "change", state]:
                self._names.compare(state, self._end_of_change())
            case ["registration", status]:
                registration.set_registration(self.station, status, by=OPERATOR)
            case ["network", "reads", "device model"]:
                Network.objects.filter(pk=self.station.network_id).update(reads_device_model=True)
            case ["command", name, params]:
                self._ask(name, self._names.filled_in(params, str))
            case ["expect", "command", state]:
                self._names.compare(state, self._end_of_command())
            case ["expect", "effect", state]:
                self._names.compare(state, self._seen_of_command())
            case ["sign"]:
                until(signing.sign_due)
                until(signing.bring_due)
            case ["tariff", name, prices]:
                said = json.loads(prices, parse_float=Decimal)
                tariffs.change(self.station.network, name, by=OPERATOR, **said)
            case _:
                raise Unlike("nobody can do that")

    def _connect(self, *, securely: bool = False) -> None:
        self._socket = self._sockets.enter_context(self._knock(securely=securely))

    def _knock(self, *, securely: bool = False) -> ClientConnection:
        port = self._gateway.tls_port if securely else self._gateway.port
        place = f"127.0.0.1:{port}/ocpp/{self.station.network.slug}/{self.station.identity}"
        return connect(
            f"{'wss' if securely else 'ws'}://{place}",
            ssl=_trusting() if securely else None,
            subprotocols=[Subprotocol(f"ocpp{self.station.ocpp_version}")],
            additional_headers=basic(self._password and self.station.identity, self._password or ""),
            open_timeout=PATIENCE_S,
        )

    def _be_refused(self) -> None:
        """Connect without TLS, and be told 401; what is recorded of it comes before whatever is done next."""
        rejected = Event.objects.filter(network=self.station.network, type="station.rejected")
        before = rejected.count()
        try:
            with self._knock():
                raise Unlike("it was let in")
        except InvalidStatus as refused:
            self._names.compare(401, refused.response.status_code)
        until(lambda: rejected.count() > before)

    def _next_frame(self) -> Any:
        try:
            frame = json.loads(self._text())
        except (TimeoutError, ConnectionClosed) as end:
            raise Unlike(f"no frame came: {end!r}") from None
        if frame[0] != 2 and frame[1] in self._open:
            self._open.remove(frame[1])
        return frame

    def _text(self) -> str | bytes:
        """What comes next. A change goes on at once, and not when a gateway looks after it."""
        end = time.monotonic() + PATIENCE_S
        while self._change is not None and time.monotonic() < end:
            access_changes.advance_due()
            with suppress(TimeoutError):
                return self._socket.recv(SOON_S)
        return self._socket.recv(PATIENCE_S)

    def _ask(self, name: str, params: dict[str, Any]) -> None:
        network = self.station.network
        try:
            self._command = commands.request(
                network, self.station, name, params, requested_by=OPERATOR, role=Role.ADMIN
            )
        except Refused as refusal:
            self._command = refusal

    def _end_of_command(self) -> str:
        asked, self._command = self._command, None
        if isinstance(asked, Command):
            until(lambda: not CommandState(_state(asked)).open)
            self._ended = asked
            return _state(asked)
        return "refused" if asked else "none"

    def _seen_of_command(self) -> str:
        """What was seen of the effect of the command that ended last: verified, or not_seen."""
        asked = self._ended
        if asked is None:
            return "none"
        return until(lambda: _verification(asked)) or ""

    def _end_of_change(self) -> str:
        asked, self._change = self._change, None
        if asked is None:
            return "none"
        until(lambda: access_changes.advance_due() >= 0 and _state(asked) != AccessChangeState.RUNNING)
        return _state(asked)

    def _check_that_all_is_told(self) -> None:
        if self._command or self._change:
            raise Unlike("how the last command or change ends isn't in the transcript")
        # A pong comes after all that was sent before it.
        assert self._socket.ping().wait(PATIENCE_S)
        if self._open:
            raise Unlike(f"not in the transcript: the answers to {self._open}")
        with suppress(TimeoutError):
            raise Unlike(f"not in the transcript: {self._socket.recv(0)!r}")

    def _compare_events(self, expected: Sequence[Line], events: Sequence[Event]) -> None:
        types = [line.text.partition(" ")[0] for line in expected]
        recorded = [event.type for event in events]
        if types != recorded:
            raise Unlike(f"recorded were {recorded}, and not {types}")
        told = iter(events)
        for line in expected:
            _follow(line, lambda text: self._compare_event(text, next(told)))

    def _compare_event(self, text: str, event: Event) -> None:
        self._names.compare(json.loads(text.partition(" ")[2]), event.data, partly=True)


def _state(asked: Command | AccessChange) -> str:
    asked.refresh_from_db(fields=["state"])
    return asked.state


def _verification(asked: Command) -> str | None:
    """None while it is awaited."""
    asked.refresh_from_db(fields=["outcome"])
    state: str = (asked.outcome or {}).get("verification", {}).get("state", "none")
    return None if state == "pending" else state


def _trusting() -> ssl.SSLContext:
    """A station's side of TLS."""
    server = ensure_development_certificates(settings.EMOBI_DATA_DIR / "tls", ["127.0.0.1"])
    return trusting(server)


def _follow(line: Line, do: Callable[[str], None]) -> None:
    """Do what a line says; what goes wrong is told with its number."""
    try:
        do(line.text)
    except Unlike as unlike:
        raise Unlike(f"line {line.number}: {line.sign} {line.text}\n{unlike}") from None
