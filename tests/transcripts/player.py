"""Plays transcripts with a gateway, over a socket."""

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from emobi.core.errors import Refused
from emobi.core.models import Event, Network, Role
from stations.models import Command, CommandState, Station
from stations.services.commanding import commands
from stations.services.registry import registration
from tests.gateway.listener_process import PATIENCE_S, until
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


class Player:
    """A station that follows a transcript, connected from the beginning, and whoever else acts in it."""

    def __init__(self, station: Station, port: int) -> None:
        self.station = station
        self._url = f"ws://127.0.0.1:{port}/ocpp/{station.network.slug}/{station.identity}"
        self._names = Names()
        self._sockets = ExitStack()
        self._socket: ClientConnection
        # Message ids of the station's CALLs that have no answer yet.
        self._open: list[str] = []
        self._command: Command | Refused | None = None

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
            case ["registration", status]:
                registration.set_registration(self.station, status, by=OPERATOR)
            case ["network", "reads", "device model"]:
                Network.objects.filter(pk=self.station.network_id).update(reads_device_model=True)
            case ["command", name, params]:
                self._ask(name, self._names.filled_in(params, str))
            case ["expect", "command", state]:
                self._names.compare(state, self._end_of_command())
            case _:
                raise Unlike("nobody can do that")

    def _connect(self) -> None:
        subprotocol = Subprotocol(f"ocpp{self.station.ocpp_version}")
        self._socket = self._sockets.enter_context(connect(self._url, subprotocols=[subprotocol]))

    def _next_frame(self) -> Any:
        try:
            frame = json.loads(self._socket.recv(PATIENCE_S))
        except (TimeoutError, ConnectionClosed) as end:
            raise Unlike(f"no frame came: {end!r}") from None
        if frame[0] != 2 and frame[1] in self._open:
            self._open.remove(frame[1])
        return frame

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
            return _state(asked)
        return "refused" if asked else "none"

    def _check_that_all_is_told(self) -> None:
        if self._command:
            raise Unlike("how the last command ends isn't in the transcript")
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


def _state(command: Command) -> str:
    return Command.objects.values_list("state", flat=True).get(pk=command.pk)


def _follow(line: Line, do: Callable[[str], None]) -> None:
    """Do what a line says; what goes wrong is told with its number."""
    try:
        do(line.text)
    except Unlike as unlike:
        raise Unlike(f"line {line.number}: {line.sign} {line.text}\n{unlike}") from None
