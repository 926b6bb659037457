"""When energy flowed in a charging session, as far as readings of its meter tell: pure arithmetic.

By our clock, as the session's ``received_at`` and ``heard_at``: stations' own may be anywhere. Between two
readings energy flowed if the register rose by as much as any EV takes; where registers are coarse, or there
are none, if power did. What a station tells afterwards all at once has no length.

A session keeps it as JSON: ``at`` (seconds since 1970), ``wh`` and ``on`` of the newest message, ``spans`` in
which it flowed, and ``gaps`` of which nobody can tell, if there were any: pairs of such seconds in order.
Without ``spans`` nothing is known: there was no second reading soon enough.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sessions.measurands import Figures

# No EV charges with less (IEC 61851-1: 6 A), and no station takes so much for itself on a session's meter.
LEAST_W = 100
# Who reads a meter at all does so each hour, give or take; longer ago, nobody can say when in between.
LONGEST_S = 65 * 60
# A session that is switched all the time keeps so many; then the shortest pauses don't count, nor gaps.
MOST_SPANS = 48


def after(
    known: Mapping[str, Any] | None, at: datetime, told: Sequence[Figures], *, since: datetime
) -> Mapping[str, Any] | None:
    """What is known with one message's readings more, in whatever order these are.

    Args:
        known: What the session keeps; None: nothing yet.
        at: When the message came, by our clock.
        told: The figures of its readings.
        since: When we heard of the session first, by our clock.
    """
    energies = [float(each.energy_wh) for each in told if each.energy_wh is not None]
    powers = [each.power_w >= LEAST_W for each in told if each.power_w is not None]
    if not energies and not powers:
        return known
    now = int(at.timestamp())
    energy_wh = max(energies, default=None)
    on = any(powers) if powers else None
    if known is None:
        begun = int(since.timestamp())
        first = {"at": now, "wh": energy_wh, "on": on}
        return {**first, "gaps": [[begun, now]]} if now - begun > LONGEST_S else first
    before: int = known["at"]
    if energy_wh is not None and known["wh"] is not None:
        # A reading that comes late takes back nothing.
        energy_wh = max(energy_wh, known["wh"])
    if now <= before:
        energy_wh = known["wh"] if energy_wh is None else energy_wh
        return {**known, "wh": energy_wh, "on": _either(known["on"], on)}
    newest: dict[str, Any] = {"at": now, "wh": energy_wh, "on": on}
    spans, gaps = known.get("spans"), known.get("gaps")
    if now - before > LONGEST_S:
        gaps = _with_gap(gaps or [], [before, now])
    elif (flowed := _flowed(known, newest)) is not None:
        spans = _with(spans or [], [before, now]) if flowed else spans or []
        if gaps and len(spans) == MOST_SPANS:
            gaps = _outside(gaps, spans)
    if spans is not None:
        newest["spans"] = spans
    if gaps:
        newest["gaps"] = gaps
    return newest


def _flowed(known: Mapping[str, Any], newest: Mapping[str, Any]) -> bool | None:
    """Whether it did between two readings; None: they don't tell."""
    was: bool | None = known["on"]
    is_on: bool | None = newest["on"]
    if known["wh"] is None or newest["wh"] is None:
        # A power holds until the next is told.
        return is_on if was is None else was
    rose: float = newest["wh"] - known["wh"]
    lasted_s: int = newest["at"] - known["at"]
    return rose * 3600 >= LEAST_W * lasted_s or bool(was and is_on)


def _either(one: bool | None, other: bool | None) -> bool | None:
    return other if one is None else one or bool(other)


def _with(spans: Sequence[Sequence[int]], span: Sequence[int]) -> list[list[int]]:
    """One more, joined to the last if that goes on."""
    found = [list(each) for each in spans]
    if found and span[0] <= found[-1][1]:
        found[-1][1] = span[1]
        return found
    found.append(list(span))
    if len(found) > MOST_SPANS:
        pauses = [later[0] - earlier[1] for earlier, later in pairwise(found)]
        nearest = pauses.index(min(pauses))
        found[nearest : nearest + 2] = [[found[nearest][0], found[nearest + 1][1]]]
    return found


def _with_gap(gaps: Sequence[Sequence[int]], gap: Sequence[int]) -> list[list[int]]:
    """The same of a gap; those that are joined have no reading between them that tells anything."""
    found = [list(each) for each in gaps]
    if found and gap[0] <= found[-1][1]:
        found[-1][1] = gap[1]
        return found
    found.append(list(gap))
    if len(found) > MOST_SPANS:
        found.remove(min(found, key=lambda each: each[1] - each[0]))
    return found


def _outside(gaps: Sequence[Sequence[int]], spans: Sequence[Sequence[int]]) -> list[Sequence[int]]:
    """Those gaps that aren't within a span: as pauses that don't count may be."""
    return [gap for gap in gaps if not any(begin <= gap[0] and gap[1] <= end for begin, end in spans)]
