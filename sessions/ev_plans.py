"""Whether the way in which an EV means to charge is within what it may. Pure.

Source: OCPP 2.0.1 part 2, K15.FR.11, .12, K16.FR.06, .07.
"""

from collections.abc import Sequence

from sessions.composite_schedules import CompositePeriod
from stations.commands.charging_profiles import ChargingSchedule


def length_s(plan: ChargingSchedule, most: int) -> int:
    """How far the plan has to be looked at: to its end, or as far as its periods tell something new."""
    last = max((period.start_period for period in plan.charging_schedule_period), default=0)
    return max(1, min(plan.duration if plan.duration is not None else last + 1, most))


def is_within(plan: ChargingSchedule, allowed: Sequence[CompositePeriod], duration_s: int) -> bool:
    """Whether the plan never takes more than is allowed; both begin at the same moment, in one unit."""
    periods = sorted(plan.charging_schedule_period, key=lambda period: period.start_period)
    edges = {period.start_period for period in periods} | {period.start_period for period in allowed}
    for second in sorted(edge for edge in edges if 0 <= edge < duration_s):
        planned = [period.limit for period in periods if period.start_period <= second]
        limit = [period.limit for period in allowed if period.start_period <= second][-1]
        if planned and limit is not None and planned[-1] > limit:
            return False
    return True
