"""What an EV that tells its needs is offered. Pure; `EMOBI_EV_CHARGING` names the strategy.

A strategy is a function, of this module or of a package that is installed beside Emobi. It sees the needs and
what all other profiles allow, and offers one schedule (K15.FR.18), which a transaction then gets as its
TxProfile: that overrules the default profiles, so an offer stays within them.

Source: OCPP 2.0.1 part 2, K15 and K17.
"""

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from importlib.metadata import entry_points

from sessions.composite_schedules import CompositePeriod, Evse
from sessions.reports import ChargingNeedsReport
from stations.commands.charging_profiles import ChargingSchedule, RateUnit, SchedulePeriod

# EnergyTransferModeEnumType. Source: OCPP 2.0.1 part 2, section 3.31.
_PHASES = {"AC_single_phase": 1, "AC_two_phase": 2, "AC_three_phase": 3}


class NeedsAnswer(StrEnum):
    """NotifyEVChargingNeedsStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.59."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    PROCESSING = "Processing"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What an offer has to fit in.

    Attributes:
        allowed: What all other profiles allow from ``now`` on, in ``unit``.
        most_periods: So many periods the EV and the station take.
    """

    now: datetime
    evse: Evse
    unit: RateUnit
    allowed: Sequence[CompositePeriod]
    most_periods: int


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The answer, with the schedule that it promises."""

    answer: NeedsAnswer
    schedule: ChargingSchedule | None = None


type Strategy = Callable[[ChargingNeedsReport, Situation], Offer]


def soonest(needs: ChargingNeedsReport, situation: Situation) -> Offer:
    """All that the EV can take and the other profiles leave it: it is full as soon as it can be.

    Where neither the EV nor a profile has a limit there is nothing to offer.
    """
    most = _most(needs, situation)
    periods = []
    for period in situation.allowed:
        limits = [limit for limit in (most, period.limit) if limit is not None]
        if not limits:
            return Offer(answer=NeedsAnswer.REJECTED)
        phases = _PHASES.get(needs.energy_transfer)
        periods.append(
            SchedulePeriod(
                start_period=period.start_period,
                limit=min(limits),
                number_phases=phases and min(phases, period.number_phases or phases),
                phase_to_use=period.phase_to_use,
            )
        )
    schedule = ChargingSchedule(
        id=1,
        charging_rate_unit=situation.unit,
        start_schedule=situation.now,
        charging_schedule_period=tuple(_few(_merged(periods), situation.most_periods)),
    )
    return Offer(answer=NeedsAnswer.ACCEPTED, schedule=schedule)


def elsewhere(needs: ChargingNeedsReport, situation: Situation) -> Offer:
    """Somebody else makes the schedule, and sends it with `set_charging_profile` (K15.FR.05)."""
    return Offer(answer=NeedsAnswer.PROCESSING)


def off(needs: ChargingNeedsReport, situation: Situation) -> Offer:
    """No schedules are made (K15.FR.04)."""
    return Offer(answer=NeedsAnswer.REJECTED)


STRATEGIES: Mapping[str, Strategy] = {"soonest": soonest, "elsewhere": elsewhere, "off": off}
# Entry points under which packages name theirs.
GROUP = "emobi.ev_strategies"


@functools.cache
def named(name: str) -> Strategy:
    """The strategy of that name; ours come first.

    Raises:
        KeyError: If there is none.
    """
    if name in STRATEGIES:
        return STRATEGIES[name]
    strategy: Strategy = entry_points(group=GROUP)[name].load()
    return strategy


def _most(needs: ChargingNeedsReport, situation: Situation) -> Decimal | None:
    """The most that the EV can take, in the unit of the offer; None: it doesn't say."""
    amperes, phases = needs.max_current_a, _PHASES.get(needs.energy_transfer)
    if situation.unit == RateUnit.AMPERE:
        return None if amperes is None else Decimal(amperes)
    if needs.max_power_w is not None:
        return Decimal(needs.max_power_w)
    if amperes is None:
        return None
    volts = Decimal(needs.max_voltage_v or 0) if phases is None else situation.evse.voltage_v
    watts = amperes * volts * (phases or 1)
    return watts.quantize(Decimal("0.1"), ROUND_FLOOR) or None


def _merged(periods: Iterable[SchedulePeriod]) -> Iterator[SchedulePeriod]:
    last: tuple[object, ...] = ()
    for period in periods:
        content = (period.limit, period.number_phases, period.phase_to_use)
        if content != last:
            yield period
            last = content


def _few(periods: Iterable[SchedulePeriod], most: int) -> list[SchedulePeriod]:
    """No more than ``most`` of them: the last stands for all that come after it, with the lowest limit."""
    every = list(periods)
    kept, rest = every[: most - 1], every[most - 1 :]
    if rest:
        lowest = min(rest, key=lambda period: period.limit)
        first = rest[0]
        kept.append(
            SchedulePeriod(
                start_period=first.start_period,
                limit=lowest.limit,
                number_phases=lowest.number_phases,
                phase_to_use=lowest.phase_to_use,
            )
        )
    return kept
