"""The language of transcripts: conversations with a station, in files that people read too.

Each line begins with a sign; one that is indented goes on with the line above.

    # a remark; the first one names the place in the specification
    > a frame that the station sends
    < the next frame that it is sent
    ! what somebody else does (`tests.transcripts.player.Player.act`)
    = an event that was recorded, and what matters of its data

"$any" stands for anything, "$time" for a time that the strictest station can read, and each other "$name" for
what it stood for first: a transaction's number, the message id of a CALL of ours, a session. Some stand for
something from the beginning (`tests.transcripts.outside.Outside`).
"""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
NAME = re.compile(r'"\$(\w+)"')


class Line(NamedTuple):
    """A line of a transcript, by its number, its sign and what comes after it."""

    number: int
    sign: str
    text: str


class Unlike(AssertionError):
    """What happened isn't what the transcript says."""


def read(transcript: str) -> list[Line]:
    """The lines of a transcript, remarks included."""
    lines: list[Line] = []
    for number, text in enumerate(transcript.splitlines(), 1):
        if text.startswith(" "):
            lines[-1] = lines[-1]._replace(text=f"{lines[-1].text} {text.strip()}")
        elif text:
            assert text[0] in "#><!=", f"line {number}: no sign"
            lines.append(Line(number, text[0], text[1:].strip()))
    return lines


class Names:
    """What the names in a transcript stand for."""

    def __init__(self, known: Mapping[str, Any] | None = None) -> None:
        self._values: dict[str, Any] = dict(known or {})

    def filled_in(self, text: str, spelt: Callable[[Any], Any] = lambda value: value) -> Any:
        """The JSON in ``text`` with what its names stand for, ``spelt`` as it is needed there."""
        return json.loads(NAME.sub(lambda found: json.dumps(spelt(self._values[found[1]])), text))

    def compare(self, expected: Any, actual: Any, *, partly: bool = False, at: str = "") -> None:
        """Compare JSON; ``partly``: objects may hold more than is expected of them.

        Raises:
            Unlike: If it differs.
        """
        match expected:
            case str() if expected.startswith("$"):
                self._compare_name(expected[1:], actual, at)
            case dict() if isinstance(actual, dict):
                unexpected = set() if partly else actual.keys() - expected.keys()
                missing = expected.keys() - actual.keys()
                if unexpected or missing:
                    raise Unlike(f"{at}: unexpected {sorted(unexpected)}, missing {sorted(missing)}")
                for name, value in expected.items():
                    self.compare(value, actual[name], partly=partly, at=f"{at}.{name}")
            case list() if isinstance(actual, list) and len(actual) == len(expected):
                for index, value in enumerate(expected):
                    self.compare(value, actual[index], partly=partly, at=f"{at}[{index}]")
            case _ if expected != actual or isinstance(expected, bool) != isinstance(actual, bool):
                raise Unlike(f"{at}: {json.dumps(actual)}, and not {json.dumps(expected)}")

    def _compare_name(self, name: str, actual: Any, at: str) -> None:
        if name == "any":
            return
        if name == "time":
            if not TIME.fullmatch(str(actual)):
                raise Unlike(f"{at}: {actual!r} is no time for a station")
            datetime.fromisoformat(actual)
            return
        known = self._values.setdefault(name, actual)
        # A transaction's number is a number in 1.6's frames, and text everywhere else.
        if str(known) != str(actual):
            raise Unlike(f"{at}: {actual!r}, and not {known!r}, which is {name}")
