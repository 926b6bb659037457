"""What a central system owes, by use case of OCPP 2.0.1 and message of 1.6, and which transcripts show it.

The first remark of a transcript says where in the specification it belongs; nothing else does. `make
conformance` plays them all and prints what came of it (`tests.transcripts.conformance_report`).
"""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from tests.transcripts.transcript import read

HERE = Path(__file__).parent
VERSIONS = {"ocpp16": "1.6", "ocpp201": "2.0.1"}

# The blocks of OCPP 2.0.1, part 2.
BLOCKS = {
    "A": "Security",
    "B": "Provisioning",
    "C": "Authorization",
    "D": "Local authorization list",
    "E": "Transactions",
    "F": "Remote control",
    "G": "Availability",
    "H": "Reservation",
    "I": "Tariff and cost",
    "J": "Meter values",
    "K": "Smart charging",
    "L": "Firmware",
    "M": "Certificates",
    "N": "Diagnostics",
    "O": "Display messages",
    "P": "Data transfer",
}

# Documents number their sections alike: what stands after a document's name is of that document.
_PLACE = re.compile(
    r"(?P<whitepaper>security whitepaper)|(?P<other>1\.6-J|errata|part 4)"
    r"|(?P<first>[A-P]\d\d)(?: to (?P<last>[A-P]\d\d))?|(?<![\d.])(?P<section>\d+\.\d+)"
)


@dataclass(frozen=True, kw_only=True)
class Duty:
    """A use case, or a message of 1.6.

    Attributes:
        places: Its use case or section, as `places` spells it; then others that are about it too.
        messages: A transcript that shows it has at least one of them.
        owes: What the central system has to do; empty if nothing.
        elsewhere: The test that shows what a transcript can't: its file, or that with its name after "::".
        tells: What its transcripts have to say between them, so that they show what is owed and not only
            that the messages are known.
    """

    version: str
    group: str
    places: tuple[str, ...]
    title: str
    messages: frozenset[str]
    owes: str
    elsewhere: str
    tells: tuple[str, ...]

    @property
    def place(self) -> str:
        return self.places[0]

    def shown_in(self, path: Path) -> bool:
        """Whether the transcript names one of the places, and has one of the messages."""
        named = VERSIONS[path.parent.name] == self.version and not places(path).isdisjoint(self.places)
        return named and not actions(path).isdisjoint(self.messages)

    def untold(self, showing: Iterable[Path]) -> list[str]:
        """What of it none of these transcripts says."""
        said = [doings(path) for path in showing]
        return [words for words in self.tells if not any(words in each for each in said)]


class Row(NamedTuple):
    """A duty, the names of the transcripts that show it, and what came of them."""

    duty: Duty
    transcripts: str
    result: str


@cache
def duties() -> Sequence[Duty]:
    """All of them, in the order of the specifications, 2.0.1 first."""
    return [*_duties("2.0.1", "use_cases.csv"), *_duties("1.6", "profiles.csv")]


def _duties(version: str, name: str) -> Iterator[Duty]:
    with (HERE / name).open(newline="", encoding="utf-8") as table:
        for row in csv.DictReader(table):
            yield Duty(
                version=version,
                group=row.get("profile") or f"{row['places'][0]} {BLOCKS[row['places'][0]]}",
                places=tuple(row["places"].split()),
                title=row["title"],
                messages=frozenset(row["messages"].split()),
                owes=row["duty"],
                elsewhere=row["elsewhere"],
                tells=tuple(row["tells"].split()),
            )


@cache
def transcripts() -> Sequence[Path]:
    """All of them, by version and name."""
    return sorted(path for folder in VERSIONS for path in (HERE / folder).iterdir())


@cache
def places(path: Path) -> frozenset[str]:
    """Which use cases and sections the first remark of a transcript names before its colon.

    "E02"; "5.2"; "security:5.9" for the whitepaper's; those of other documents aren't among them.
    """
    remark = read(path.read_text(encoding="utf-8"))[0].text
    return frozenset(_places(remark.partition(",")[2].partition(":")[0]))


def _places(named: str) -> Iterator[str]:
    document: str | None = ""
    for found in _PLACE.finditer(named):
        match found.groupdict():
            case {"whitepaper": str()}:
                document = "security:"
            case {"other": str()}:
                document = None
            case {"first": str(first), "last": last} if document is not None:
                for number in range(int(first[1:]), int((last or first)[1:]) + 1):
                    yield f"{document}{first[0]}{number:02}"
            case {"section": str(section)} if document is not None:
                yield f"{document}{section}"


@cache
def actions(path: Path) -> frozenset[str]:
    """What is asked in a transcript, by either side."""
    lines = read(path.read_text(encoding="utf-8"))
    frames = [json.loads(line.text) for line in lines if line.sign in "<>"]
    return frozenset(frame[2] for frame in frames if frame[0] == 2)


@cache
def doings(path: Path) -> str:
    """What is said and done in a transcript, without its remarks and what is recorded of it."""
    lines = read(path.read_text(encoding="utf-8"))
    return "\n".join(line.text for line in lines if line.sign in "<>!")


def table(passed: Mapping[Path, bool]) -> Iterator[Row]:
    """A row for each duty; ``passed`` has the transcripts that were played."""
    for duty in duties():
        showing = [path for path in transcripts() if duty.shown_in(path)]
        yield Row(duty, " ".join(path.stem for path in showing), _result(duty, showing, passed))


def _result(duty: Duty, showing: Sequence[Path], passed: Mapping[Path, bool]) -> str:
    if not showing and not duty.owes:
        return "nothing owed"
    if not showing and duty.elsewhere:
        return "elsewhere"
    if not showing or duty.untold(showing):
        return "not shown"
    if all(passed.get(path) for path in showing):
        return "passed"
    return "failed" if False in (passed.get(path) for path in showing) else "not played"


def listing() -> str:
    """The duties as `docs/ocpp/conformance.md` has them, in Markdown."""
    head = "| | | What the central system owes |\n| --- | --- | --- |\n"
    parts = [
        f"\n### OCPP {version}, {group}\n\n{head}{''.join(map(_line, members))}"
        for (version, group), members in groups()
    ]
    return "".join(parts)


def groups() -> Iterator[tuple[tuple[str, str], Iterator[Duty]]]:
    """The duties by version and block or profile."""
    return groupby(duties(), key=lambda duty: (duty.version, duty.group))


def _line(duty: Duty) -> str:
    place = duty.place.replace("security:", "security whitepaper ")
    return f"| {place} | {duty.title} | {duty.owes or '–'} |\n"
