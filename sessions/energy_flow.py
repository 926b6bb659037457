"""When energy flowed in a charging session, as far as readings of its meter tell: pure arithmetic.

By our clock, as the session's ``received_at`` and ``heard_at``: stations' own may be anywhere. Between two
readings energy flowed if the register rose by as much as any EV takes; where registers are coarse, or there
are none, if power did. What a station tells afterwards all at once has no length.

A session keeps it as JSON: ``at`` (seconds since 1970), ``wh`` and ``on`` of the newest message, and
``spans``, pairs of such seconds in order. Without ``spans`` nothing is known: there was no second reading
soon enough.
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
# A session that is switched all the time keeps so many; then the shortest pauses don't count.
MOST_SPANS = 48


def after(known: Mapping[str, Any] | None, at: datetime, told: Sequence[Figures]) -> Mapping[str, Any] | None:
    """What is known with one message's readings more, in whatever order these are.

    Args:
        known: What the session keeps; None: nothing yet.
        at: When the message came, by our clock.
        told: The figures of its readings.
    """
    energies = [float(each.energy_wh) for each in told if each.energy_wh is not None]
    powers = [each.power_w >= LEAST_W for each in told if each.power_w is not None]
    if not energies and not powers:
        return known
    now = int(at.timestamp())
    energy_wh = max(energies, default=None)
    on = any(powers) if powers else None
    if known is None:
        return {"at": now, "wh": energy_wh, "on": on}
    before: int = known["at"]
    if energy_wh is not None and known["wh"] is not None:
        # A reading that comes late takes back nothing.
        energy_wh = max(energy_wh, known["wh"])
    if now <= before:
        energy_wh = known["wh"] if energy_wh is None else energy_wh
        return {**known, "wh": energy_wh, "on": _either(known["on"], on)}
    newest = {"at": now, "wh": energy_wh, "on": on}
    spans = known.get("spans")
    if now - before <= LONGEST_S and (flowed := _flowed(known, newest)) is not None:
        spans = _with(spans or [], [before, now]) if flowed else spans or []
    return newest if spans is None else {**newest, "spans": spans}


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
