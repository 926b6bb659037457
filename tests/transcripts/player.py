"""Plays transcripts: conversations with a station, in files that people read too.

Each line begins with a sign; one that begins with a space goes on with the line above.

    # a remark; the first one names the section of the specification
    > a frame that the station sends
    < the next frame that it is sent
    ! what somebody else does: see `Player.act`
    = an event that was recorded, with what matters of its data

"$any" stands for anything, "$time" for a time that the strictest station can read, and each other "$name" for
what it stood for first: a transaction's number, the message id of a CALL of ours. The station starts
connected. All events are listed, in their order, but for those about its socket (`OF_THE_SOCKET`).
"""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from emobi.core.errors import Refused
from emobi.core.models import Event, Role
from stations.models import Command, CommandState, Station
from stations.services import commands, registration
from tests.gateway.listener_process import PATIENCE_S, until

OF_THE_SOCKET = {
    "station.connected",
    "station.disconnected",
    "station.offline",
    "station.online",
    "station.taken_over",
}
OPERATOR = "user:operator"

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
NAME = re.compile(r'"\$(\w+)"')


class Line(NamedTuple):
    """A line of a transcript, by its number, its sign and what comes after it."""

    number: int
    sign: str
    text: str


class Unlike(Exception):
    """What happened isn't what the transcript says."""


def read(path: Path) -> list[Line]:
    """The lines of a transcript, remarks included."""
    lines: list[Line] = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        if text.startswith(" "):
            lines[-1] = lines[-1]._replace(text=f"{lines[-1].text} {text.strip()}")
        elif text:
            lines.append(Line(number, text[0], text[1:].strip()))
    return lines


class Names:
    """What the names in a transcript stand for."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def filled_in(self, text: str, spelt: Callable[[Any], Any] = lambda value: value) -> str:
        """``text`` with what its names stand for, ``spelt`` as they are needed there."""
        return NAME.sub(lambda found: json.dumps(spelt(self._values[found[1]])), text)

    def compare(self, expected: Any, actual: Any, *, where: str = "", partly: bool = False) -> None:
        """Compare JSON; ``partly``: objects may hold more than is expected of them.

        Raises:
            Unlike: If it differs.
        """
        match expected:
            case str() if expected.startswith("$"):
                self._compare_name(expected[1:], actual, where)
            case dict() if isinstance(actual, dict):
                more = set() if partly else actual.keys() - expected.keys()
                if more or expected.keys() - actual.keys():
                    raise Unlike(f"{where}: {sorted(actual)} and not {sorted(expected)}")
                for key, value in expected.items():
                    self.compare(value, actual[key], where=f"{where}.{key}", partly=partly)
            case list() if isinstance(actual, list) and len(actual) == len(expected):
                for index, value in enumerate(expected):
                    self.compare(value, actual[index], where=f"{where}[{index}]", partly=partly)
            case _ if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
                raise Unlike(f"{where}: {json.dumps(actual)} and not {json.dumps(expected)}")

    def _compare_name(self, name: str, actual: Any, where: str) -> None:
        if name == "time":
            if not TIME.fullmatch(str(actual)):
                raise Unlike(f"{where}: {actual!r} is no time for a station")
            datetime.fromisoformat(actual)
        # A transaction's number is a number in 1.6's frames, and text everywhere else.
        elif name != "any" and str(self._values.setdefault(name, actual)) != str(actual):
            raise Unlike(f"{where}: {actual!r} and not {self._values[name]!r}, which is {name}")


class Player:
    """A station that follows a transcript, and whoever else acts in it."""

    def __init__(self, station: Station, port: int) -> None:
        self.station = station
        self._url = f"ws://127.0.0.1:{port}/ocpp/{station.network.slug}/{station.identity}"
        self._sockets = ExitStack()
        self._socket: ClientConnection
        self._names = Names()
        # What the station asked and has no answer to.
        self._open: list[str] = []
        self._command: Command | Refused

    def play(self, lines: Sequence[Line]) -> list[Event]:
        """Say what the station says; the events that were recorded.

        Raises:
            Unlike: If what it is told, or what was recorded, isn't what the transcript says.
        """
        does = {">": self.send, "<": self.receive, "!": self.act}
        with self._sockets:
            self.act("connect")
            for line in lines:
                if line.sign in does:
                    with_number(line, does[line.sign])
            if self._open:
                raise Unlike(f"what {self._open} are answered isn't in the transcript")
        recorded = Event.objects.filter(network=self.station.network).exclude(type__in=OF_THE_SOCKET)
        events = list(recorded.order_by("sequence"))
        self._compare_events([line for line in lines if line.sign == "="], events)
        return events

    def send(self, text: str) -> None:
        frame = json.loads(self._names.filled_in(text))
        if frame[0] == 2:
            self._open.append(frame[1])
        self._socket.send(json.dumps(frame))

    def receive(self, text: str) -> None:
        self._names.compare(json.loads(text), self._next_frame())

    def act(self, text: str) -> None:
        match text.split(" ", 2):
            case ["connect"]:
                subprotocol = Subprotocol(f"ocpp{self.station.ocpp_version}")
                self._socket = self._sockets.enter_context(connect(self._url, subprotocols=[subprotocol]))
            case ["drop", "connection"]:
                # What it is answered doesn't reach it any more.
                while self._open:
                    self._next_frame()
                self._socket.close_socket()
            case ["registration", word]:
                registration.set_registration(self.station, word, by=OPERATOR)
            case ["command", name, params]:
                self._ask(name, json.loads(self._names.filled_in(params, str)))
            case ["expect", "command", state]:
                self._expect(state)
            case _:
                raise Unlike(f"nobody can {text}")

    def _next_frame(self) -> Any:
        frame = json.loads(self._socket.recv(PATIENCE_S))
        if frame[0] != 2 and frame[1] in self._open:
            self._open.remove(frame[1])
        return frame

    def _ask(self, name: str, params: dict[str, Any]) -> None:
        try:
            self._command = commands.request(
                self.station.network, self.station, name, params, requested_by=OPERATOR, role=Role.ADMIN
            )
        except Refused as refusal:
            self._command = refusal

    def _expect(self, state: str) -> None:
        """Wait for the end of the last command; "refused" is one that we don't even queue."""
        if isinstance(self._command, Refused):
            self._names.compare(state, "refused")
            return
        command = self._command
        ended = until(lambda: not CommandState(_fresh(command).state).open and _fresh(command))
        self._names.compare(state, ended.state)

    def _compare_events(self, expected: Sequence[Line], events: Sequence[Event]) -> None:
        types = [line.text.partition(" ")[0] for line in expected]
        recorded = [event.type for event in events]
        if types != recorded:
            raise Unlike(f"recorded were {recorded}, and not {types}")
        for line, event in zip(expected, events, strict=True):
            data = json.loads(line.text.partition(" ")[2] or "{}")
            with_number(line, lambda _, data=data, event=event: self._names.compare(data, event.data, partly=True))


def _fresh(command: Command) -> Command:
    return Command.objects.get(pk=command.pk)


def with_number(line: Line, do: Callable[[str], None]) -> None:
    """Do what a line says; what goes wrong is said with its number."""
    try:
        do(line.text)
    except Unlike as unlike:
        raise Unlike(f"line {line.number}: {line.sign} {line.text[:200]}\n{unlike}") from None
