"""The composite schedule: what all charging profiles together allow, computed by us. Pure.

The lowest limit of all purposes counts at every moment; of a transaction's own profiles and the default ones,
the own ones do. Limits are compared as amperes of each phase, which is what a station makes of W, too:
W divided by voltage and phases, where the schedule's own number of phases counts, or 3 (K01.FR.49 to .51).
Where no profile has a limit there is none to tell, and None stands for it.

Sources: OCPP 2.0.1 part 2, sections K.3.4 and K.3.5, K08 and SC.01, with errata 2.36 and 2.40; OCPP 1.6,
sections 3.13.2 and 3.13.3.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from math import floor

from sessions.limit_timelines import Held, Leading, Limit, Window, of_purpose, of_transaction
from stations.commands.charging_profiles import ProfilePurpose, RateUnit

# What OCPP takes for granted of AC (K01.FR.49).
PHASES = 3


@dataclass(frozen=True, kw_only=True)
class Evse:
    """An EVSE and its supply.

    Attributes:
        phases: Of alternating current; None for direct current, which has none.
        voltage_v: Between phase and neutral as the grid is meant to have it, or of the direct current.
        rated_w: The most that it can deliver; None: not known.
        began_at: Start of the transaction that runs; None: none does, and one is taken to begin (K08.FR.06).
    """

    evse_id: int
    phases: int | None = PHASES
    voltage_v: Decimal = Decimal(230)
    rated_w: Decimal | None = None
    began_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class CompositePeriod:
    """From second ``start_period`` on; ``limit`` None: no profile has one.

    ``limited_by`` is the purpose of the tightest profile; None: there is none, or the EVSE itself can't do
    more.
    """

    start_period: int
    limit: Decimal | None
    number_phases: int | None = None
    phase_to_use: int | None = None
    limited_by: ProfilePurpose | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Allowed:
    """What may flow at a moment, in both units and without rounding; None: as much as can."""

    amperes: Fraction | None = None
    watts: Fraction | None = None
    phases: int | None
    phase_to_use: int | None = None
    limited_by: ProfilePurpose | None = None


def of_evse(
    held: Sequence[Held], evse: Evse, *, since: datetime, duration_s: int, unit: RateUnit
) -> tuple[CompositePeriod, ...]:
    """What an EVSE may draw, for ``duration_s`` seconds from ``since`` on.

    Args:
        held: The station's profiles; those of other transactions than the one that runs left out.
        evse: Which one, and how it is supplied.
        since: In whole seconds, by the clock that the profiles go by.
        duration_s: How far to look.
        unit: What to tell it in.
    """
    inner, outer = _inner(held, evse, since, duration_s), _outer(held, since, duration_s)

    def allowed(second: int) -> _Allowed:
        limits = [limit for leading in (*inner, *outer) for limit in leading.at(second)]
        return _tightened(_unlimited(evse), limits, evse.voltage_v)

    return _periods((*inner, *outer), duration_s, unit, allowed)


def of_station(
    held: Sequence[Held],
    evses: Sequence[Evse],
    *,
    since: datetime,
    duration_s: int,
    unit: RateUnit,
    voltage_v: Decimal,
) -> tuple[CompositePeriod, ...]:
    """What the station may draw from the grid: what its EVSEs may together, and no more than its own limit.

    Amperes of all EVSEs are taken to flow through the same phases, which is the worst that can be.
    """
    inner = [(evse, _inner(held, evse, since, duration_s)) for evse in evses]
    outer = _outer(held, since, duration_s)

    def allowed(second: int) -> _Allowed:
        parts = [
            _tightened(_unlimited(evse), [one for each in own for one in each.at(second)], evse.voltage_v)
            for evse, own in inner
        ]
        limits = [limit for leading in outer for limit in leading.at(second)]
        return _tightened(_sum(parts, voltage_v), limits, voltage_v)

    every = [leading for _, own in inner for leading in own]
    return _periods((*every, *outer), duration_s, unit, allowed)


def _inner(held: Sequence[Held], evse: Evse, since: datetime, duration_s: int) -> list[Leading]:
    """What is limited at the EVSE itself."""
    window = Window(since=since, length_s=duration_s, began_s=0)
    if evse.began_at is not None:
        window = Window(since=since, length_s=duration_s, began_s=window.second(evse.began_at))
    return [
        of_transaction(held, evse.evse_id, window),
        of_purpose(held, ProfilePurpose.STATION_MAX, evse.evse_id, window),
        of_purpose(held, ProfilePurpose.EXTERNAL_CONSTRAINTS, evse.evse_id, window),
    ]


def _outer(held: Sequence[Held], since: datetime, duration_s: int) -> list[Leading]:
    """What is limited for the whole station."""
    window = Window(since=since, length_s=duration_s, began_s=0)
    return [
        of_purpose(held, ProfilePurpose.STATION_MAX, 0, window),
        of_purpose(held, ProfilePurpose.EXTERNAL_CONSTRAINTS, 0, window),
    ]


def _unlimited(evse: Evse) -> _Allowed:
    if evse.rated_w is None:
        return _Allowed(phases=evse.phases)
    watts = Fraction(evse.rated_w)
    amperes = watts / (Fraction(evse.voltage_v) * (evse.phases or 1))
    return _Allowed(amperes=amperes, watts=watts, phases=evse.phases)


def _sum(parts: Sequence[_Allowed], voltage_v: Decimal) -> _Allowed:
    phases = max((part.phases or PHASES for part in parts), default=PHASES)
    limited_by = {part.limited_by for part in parts}
    return _Allowed(
        amperes=_total(_grid_amperes(part, voltage_v) for part in parts),
        watts=_total(part.watts for part in parts),
        phases=phases,
        limited_by=limited_by.pop() if len(limited_by) == 1 else None,
    )


def _grid_amperes(part: _Allowed, voltage_v: Decimal) -> Fraction | None:
    """Direct current is made of all phases alike."""
    if part.phases is not None:
        return part.amperes
    return None if part.watts is None else part.watts / (Fraction(voltage_v) * PHASES)


def _total(values: Iterable[Fraction | None]) -> Fraction | None:
    """None if one of them is unlimited, or if there are none."""
    known: list[Fraction] = []
    for value in values:
        if value is None:
            return None
        known.append(value)
    return sum(known, Fraction()) if known else None


def _tightened(base: _Allowed, limits: Sequence[Limit], voltage_v: Decimal) -> _Allowed:
    """``base`` within these limits: the lowest limit, and the fewest phases (erratum 2.36)."""
    if not limits:
        return base
    phases = base.phases and min(base.phases, *(_phases(limit) for limit in limits))
    amperes, limited_by = base.amperes, base.limited_by
    for limit in limits:
        own = _amperes(limit, base.phases is not None, voltage_v)
        if amperes is None or own < amperes:
            amperes, limited_by = own, limit.purpose
    assert amperes is not None
    watts = [amperes * Fraction(voltage_v) * (phases or 1)]
    watts += [Fraction(limit.period.limit) for limit in limits if limit.unit == RateUnit.WATT]
    if base.watts is not None:
        watts.append(base.watts)
    chosen = {limit.period.phase_to_use for limit in limits} - {None}
    return _Allowed(
        amperes=amperes,
        watts=min(watts),
        phases=phases,
        phase_to_use=chosen.pop() if phases == 1 and len(chosen) == 1 else None,
        limited_by=limited_by,
    )


def _phases(limit: Limit) -> int:
    return limit.period.number_phases or PHASES


def _amperes(limit: Limit, alternating: bool, voltage_v: Decimal) -> Fraction:
    """Of each phase."""
    rate = Fraction(limit.period.limit)
    if limit.unit == RateUnit.AMPERE:
        return rate
    return rate / (Fraction(voltage_v) * (_phases(limit) if alternating else 1))


def _periods(
    leadings: Iterable[Leading], duration_s: int, unit: RateUnit, allowed: Callable[[int], _Allowed]
) -> tuple[CompositePeriod, ...]:
    edges = {0} | {edge for leading in leadings for edge in leading.edges()}
    seconds = sorted(edge for edge in edges if 0 <= edge < duration_s)
    return tuple(_merged(_told(second, allowed(second), unit) for second in seconds))


def _told(second: int, allowed: _Allowed, unit: RateUnit) -> CompositePeriod:
    exact = allowed.amperes if unit == RateUnit.AMPERE else allowed.watts
    return CompositePeriod(
        start_period=second,
        # Down to a tenth: never more than what was set.
        limit=None if exact is None else Decimal(floor(exact * 10)) / 10,
        number_phases=allowed.phases,
        phase_to_use=allowed.phase_to_use,
        limited_by=allowed.limited_by,
    )


def _merged(periods: Iterable[CompositePeriod]) -> Iterator[CompositePeriod]:
    last: CompositePeriod | None = None
    for period in periods:
        if last is None or _content(period) != _content(last):
            yield period
            last = period


def _content(period: CompositePeriod) -> tuple[object, ...]:
    return (period.limit, period.number_phases, period.phase_to_use, period.limited_by)
