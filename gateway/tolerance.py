"""The second stage of intake: what to make of a payload that breaks its schema.

A refused message is lost: the station repeats it some times and throws it away, and with it what was to be
billed. So a payload is read once more with some leniency; what still doesn't fit is left out if it may be;
and only a payload that then lacks what it is about is refused. Each liberty becomes a `Deviation`.

Handlers have to cope with what is let pass as it is: see `is_tolerable`.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Any

from gateway import schemas
from gateway.frames import Deviation, Payload
from gateway.rereading import BLANKS, EACH, EXACT_ACTIONS, LONGEST_TEXT, LONGEST_WORD, Rereading, is_open
from gateway.schemas import Finding, Kind, Path

# Rounds of leaving out what doesn't fit. One may empty a list, which the next leaves out with what holds it,
# and so on: no schema is deeper.
ROUNDS = 8

# Left out at once. A payload with more faults is no payload of a station that means well.
MOST_FAULTS = 1_000


def mend(
    version: str, action: str, payload: Payload, kind: Kind = "call"
) -> tuple[Payload, tuple[Deviation, ...]] | None:
    """Make of ``payload`` what a handler can take; None if nothing usable is left.

    ``payload`` isn't changed. What is returned breaks its schema only in ways that `is_tolerable` allows.

    Raises:
        ActionUnknown: If ``version`` has no such action.
    """
    reading = Rereading(version, action, kind)
    mended = reading.read(payload)
    if not reading.is_whole:
        return None
    for _round in range(ROUNDS):
        found = schemas.findings(version, action, kind, mended)
        faults = list(
            islice((one for one in found if not is_tolerable(action, one, mended)), MOST_FAULTS + 1)
        )
        if not faults:
            return mended, reading.deviations
        if action in EXACT_ACTIONS or len(faults) > MOST_FAULTS or not _leave_out(mended, faults, reading):
            return None
        reading.fill(mended)
    return None


def is_tolerable(action: str, finding: Finding, payload: Payload) -> bool:
    """Whether ``payload`` may reach its handler in spite of ``finding``.

    It may hold texts of up to `LONGEST_TEXT` characters whatever their limit, words of up to `LONGEST_WORD`
    in open fields, and more elements or finer numbers than it should; a blank where that is read (`BLANKS`);
    and it may lack a ``timestamp``.
    """
    match finding.rule:
        case "maxLength":
            return len(str(_at(payload, finding.path))) <= LONGEST_TEXT
        case "enum":
            word = _at(payload, finding.path)
            blank = BLANKS.get(action, {}).get(str(finding.path[0]))
            if not isinstance(word, str) or not is_open(action, finding.path):
                return False
            return 0 < len(word) <= LONGEST_WORD or (len(finding.path) == 1 and word == blank)
        case "required":
            return finding.path[-1] == "timestamp" or finding.path[-2:] == ("customData", "vendorId")
    return finding.rule in ("maxItems", "multipleOf")


def _leave_out(payload: dict[str, Any], faults: list[Finding], reading: Rereading) -> bool:
    """Take out of ``payload`` the smallest parts that hold ``faults``; False if one can't be spared."""
    parts: dict[Path, Finding] = {}
    for fault in faults:
        part = _dispensable(fault, reading)
        if part is None:
            return False
        parts[part] = fault
    # From the back, so that the indexes of those in front stay true.
    for part in sorted(parts, reverse=True):
        *way, last = part
        del _at(payload, way)[last]
        place = tuple(EACH if isinstance(step, int) else step for step in part)
        reading.note(place, parts[part].rule, f"left out: {parts[part].text}")
    return True


def _dispensable(fault: Finding, reading: Rereading) -> Path | None:
    """The way to the smallest part that holds ``fault`` and may be absent."""
    way = fault.path[:-1] if fault.rule == "required" else fault.path
    schema = reading.schema
    part: Path | None = None
    for length, step in enumerate(way, 1):
        schema = reading.resolved(schema)
        if isinstance(step, int):
            part, schema = way[:length], schema["items"]
            continue
        if step not in schema.get("required", ()) or (length == 1 and step in reading.blanks):
            part = way[:length]
        schema = schema["properties"][step]
    return part


def _at(payload: Payload, way: Iterable[str | int]) -> Any:  # noqa: ANN401 - whatever JSON there is
    found: Any = payload
    for step in way:
        found = found[step]
    return found
