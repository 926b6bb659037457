"""The composite schedule: what all profiles together allow from now on.

Source: OCPP 1.6 section 5.7; OCPP 2.0.1 part 2, K08.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from emobi.simulator.evse import Evse
from emobi.simulator.profiles import Period, volts_of

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def schedule(
    station: "Station", evse_id: int, since: datetime, duration: timedelta, unit: str
) -> list[Period]:
    """Periods from ``since`` on, of one EVSE or (0) of the grid connection, in W or A of each phase."""
    evses = station.evses.at(evse_id)
    until = since + duration
    moments = sorted(
        {
            moment
            for evse in evses
            for moment in station.profiles.boundaries(evse.evse_id, since, until, _began(evse))
        }
    )
    periods: list[Period] = []
    for moment in moments:
        limit_w = _limit_w(station, evse_id, evses, moment)
        limit = limit_w if unit == "W" else limit_w / volts_of(evses[0].plan.phases)
        if not periods or periods[-1].limit != round(limit, 1):
            periods.append(Period(start_s=round((moment - since).total_seconds()), limit=round(limit, 1)))
    return periods


def _limit_w(station: "Station", evse_id: int, evses: list[Evse], at: datetime) -> float:
    total_w = sum(
        min(evse.plan.max_w, limit_w)
        if (limit_w := station.profiles.limit_w(evse.evse_id, evse.plan.phases, at, _began(evse))) is not None
        else evse.plan.max_w
        for evse in evses
    )
    if evse_id:
        return total_w
    station_w = station.profiles.limit_w(0, evses[0].plan.phases, at, None)
    return total_w if station_w is None else min(total_w, station_w)


def _began(evse: Evse) -> datetime | None:
    return evse.session.started_at if evse.session is not None else None
