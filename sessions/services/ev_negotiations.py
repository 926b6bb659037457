"""EVs that speak ISO 15118 tell what they need, are offered a schedule, and tell how they will charge.

Sources: OCPP 2.0.1 part 2, K15 (needs and offer), K16 and K17 (again, because either side wants it).
"""

import dataclasses
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from sessions import charging_abilities, ev_plans, held_profiles, limits, stored_profiles
from sessions.ev_strategies import NeedsAnswer, Offer, Situation, named
from sessions.models import ChargingSession, EvNegotiation, InstalledProfile
from sessions.reports import ChargingNeedsReport, EvScheduleReport
from sessions.services import profile_preparation
from sessions.services.open_sessions import OpenSessions
from stations.commands.charging_profiles import (
    LONGEST_COMPOSITE_S,
    ChargingProfile,
    ChargingSchedule,
    ProfileKind,
    ProfilePurpose,
    RateUnit,
)
from stations.models import Station
from stations.services.commanding import commands

# Who asks, in commands and in the audit log.
BY = "system:ev-charging"
# An EV waits for its schedule a minute at most (K15.FR.08).
EXPIRES_IN_S = 50
# So far an offer looks at least, and at most.
LOOKS_AHEAD = timedelta(days=1)
# So often an EV whose plan is beyond its limits is offered them again (K15.FR.13).
MOST_OFFERS = 3
# MostPeriods of OCPP's own schema, where neither EV nor station say less.
MOST_PERIODS = 1024


def take_needs(station: Station, report: ChargingNeedsReport) -> NeedsAnswer:
    """Keep what an EV needs, and have the schedule sent that the answer promises."""
    with unit_of_work.begin() as work:
        session = work.buffer(OpenSessions).on_evse(station, limits.place(report.evse_id))
        answer = NeedsAnswer.REJECTED if session is None else _negotiate(station, session, report)
        _tell_needs(station, session, report, answer)
    return answer


def take_schedule(station: Station, report: EvScheduleReport) -> bool:
    """Keep how an EV means to charge; whether that is within what it may (K15.FR.11, .12).

    An EV whose plan isn't is offered a schedule again, a few times.
    """
    with unit_of_work.begin() as work:
        session = work.buffer(OpenSessions).on_evse(station, limits.place(report.evse_id))
        within = session is None or _is_within(station, report)
        if session is not None:
            _keep_plan(station, session, report, within=within)
        _tell_plan(station, session, report, within=within)
    return within


def _negotiate(station: Station, session: ChargingSession, report: ChargingNeedsReport) -> NeedsAnswer:
    here = EvNegotiation.objects.filter(station=station, evse_id=report.evse_id)
    here.exclude(transaction_id=session.transaction_id).delete()
    row = here.first() or EvNegotiation(
        station=station, evse_id=report.evse_id, transaction_id=session.transaction_id
    )
    row.needs, row.needs_at, row.offers = events.plain(report), clock.now(), 0
    answer = _offer(station, row, report)
    row.answer = answer.value
    row.save()
    return answer


def _keep_plan(station: Station, session: ChargingSession, report: EvScheduleReport, *, within: bool) -> None:
    row = EvNegotiation.objects.filter(
        station=station, evse_id=report.evse_id, transaction_id=session.transaction_id
    ).first()
    if row is None:
        return
    row.schedule, row.time_base = events.plain(report.schedule), report.time_base
    row.schedule_at, row.schedule_answer = clock.now(), _word(within)
    if not within and row.offers < MOST_OFFERS:
        row.offers += 1
        _offer(station, row, _needs(row.needs))
    row.save()


def _offer(station: Station, row: EvNegotiation, needs: ChargingNeedsReport) -> NeedsAnswer:
    """Have an offer made, within what all but an earlier offer allows; and sent."""
    running = unit_of_work.current().buffer(OpenSessions).active(station)
    others = [
        other
        for other in held_profiles.held(held_profiles.rows(station), running)
        if other.profile_id is None or other.profile_id != row.profile_id
    ]
    situation = _situation(station, needs, others, running)
    offer = named(settings.EMOBI_EV_CHARGING)(needs, situation)
    if offer.schedule is None:
        return offer.answer
    return _send(station, row, offer, offer.schedule, others)


def _situation(
    station: Station,
    needs: ChargingNeedsReport,
    others: list[InstalledProfile],
    running: list[ChargingSession],
) -> Situation:
    abilities, now = charging_abilities.of(station), clock.now().replace(microsecond=0)
    wanted = RateUnit.WATT if needs.energy_transfer == "DC" else RateUnit.AMPERE
    units = abilities.rate_units
    unit = wanted if wanted in units or not units else next(iter(units))
    composite = held_profiles.composite_of(
        station,
        others,
        running,
        evse_id=needs.evse_id,
        since=now,
        duration_s=_horizon_s(now, needs.departure_at),
        unit=unit,
    )
    most = [needs.max_schedule_tuples, abilities.periods_per_schedule, MOST_PERIODS]
    return Situation(
        now=now,
        evse=abilities.evse(needs.evse_id),
        unit=unit,
        allowed=composite.periods,
        most_periods=max(1, min(each for each in most if each is not None)),
    )


def _horizon_s(now: datetime, departure_at: datetime | None) -> int:
    stays = (departure_at - now) if departure_at is not None else LOOKS_AHEAD
    return min(int(max(stays, LOOKS_AHEAD).total_seconds()), LONGEST_COMPOSITE_S)


def _send(
    station: Station,
    row: EvNegotiation,
    offer: Offer,
    schedule: ChargingSchedule,
    others: list[InstalledProfile],
) -> NeedsAnswer:
    levels = {
        other.stack_level
        for other in others
        if other.purpose == ProfilePurpose.TX and other.transaction_id == row.transaction_id
    }
    profile = ChargingProfile(
        id=row.profile_id if row.profile_id is not None else profile_preparation.new_id(station),
        # The lowest level that is free: what an operator set for this transaction stays.
        stack_level=next(level for level in range(len(levels) + 1) if level not in levels),
        charging_profile_purpose=ProfilePurpose.TX,
        charging_profile_kind=ProfileKind.ABSOLUTE,
        transaction_id=row.transaction_id,
        charging_schedule=(schedule,),
    )
    params = {
        "evse_id": row.evse_id,
        "charging_profile": _said(stored_profiles.written(profile)),
    }
    try:
        commands.request(
            station.network,
            station,
            "set_charging_profile",
            params,
            requested_by=BY,
            role=Role.OPERATOR,
            expires_in_s=EXPIRES_IN_S,
        )
    except Refused:
        # The station may not be asked now; it goes by the profiles that it has.
        return NeedsAnswer.REJECTED
    row.profile_id = profile.id
    return offer.answer


def _said(found: Any) -> Any:  # noqa: ANN401 — any JSON
    """Without what isn't said: null."""
    match found:
        case dict():
            return {name: _said(value) for name, value in found.items() if value is not None}
        case list():
            return [_said(value) for value in found]
    return found


def _is_within(station: Station, report: EvScheduleReport) -> bool:
    since = (report.time_base or clock.now()).replace(microsecond=0)
    allowed = held_profiles.composite_of(
        station,
        list(held_profiles.rows(station)),
        unit_of_work.current().buffer(OpenSessions).active(station),
        evse_id=report.evse_id,
        since=since,
        duration_s=ev_plans.length_s(report.schedule, LONGEST_COMPOSITE_S),
        unit=report.schedule.charging_rate_unit,
    )
    return ev_plans.is_within(report.schedule, allowed.periods, allowed.duration_s)


def _needs(stored: Mapping[str, Any]) -> ChargingNeedsReport:
    departure = stored["departure_at"]
    return ChargingNeedsReport(**{**stored, "departure_at": departure and datetime.fromisoformat(departure)})


def _word(within: bool) -> str:
    return "Accepted" if within else "Rejected"


def _tell_needs(
    station: Station, session: ChargingSession | None, report: ChargingNeedsReport, answer: NeedsAnswer
) -> None:
    told = events.EvChargingNeeds(
        **dataclasses.asdict(report),
        received_at=clock.now(),
        session_id=session.id if session else None,
        transaction_id=session.transaction_id if session else None,
        answer=answer.value,
    )
    events.record(station.subject, told)


def _tell_plan(
    station: Station, session: ChargingSession | None, report: EvScheduleReport, *, within: bool
) -> None:
    told = events.EvChargingSchedule(
        evse_id=report.evse_id,
        station_time=report.time_base,
        received_at=clock.now(),
        session_id=session.id if session else None,
        transaction_id=session.transaction_id if session else None,
        time_base=report.time_base,
        charging_schedule=events.plain(report.schedule),
        answer=_word(within),
    )
    events.record(station.subject, told)
