"""Which charging profiles a station has now, and what they come to. Read only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from emobi.core import events
from sessions import charging_abilities, composite_schedules
from sessions.charging_abilities import Abilities
from sessions.composite_schedules import CompositePeriod
from sessions.limit_timelines import Held
from sessions.models import ChargingSession, EvNegotiation, InstalledProfile, SessionState
from stations.commands.charging_profiles import ProfilePurpose, RateUnit
from stations.models import Station

# A remote start that is accepted waits for the plug; then its profile is gone (ConnectionTimeOut, and more).
REMOTE_START_WAITS = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class Composite:
    """What all profiles allow at a place (EVSE 0: the station), computed by us.

    Attributes:
        untold: Sources of external limits that the station won't tell the size of: they aren't in it.
    """

    evse_id: int
    since: datetime
    duration_s: int
    unit: RateUnit
    periods: tuple[CompositePeriod, ...]
    untold: tuple[str, ...]


def rows(
    station: Station,
    *,
    evse_id: int | None = None,
    purpose: str | None = None,
    source: str | None = None,
    after: int | None = None,
) -> QuerySet[InstalledProfile]:
    """All that is known of the station's profiles, those of transactions that are over included.

    ``after`` is the key of the last row of the page before.
    """
    wanted = {"evse_id": evse_id, "purpose": purpose, "source": source, "pk__gt": after}
    given = {name: value for name, value in wanted.items() if value is not None}
    return InstalledProfile.objects.filter(station=station, **given).order_by("pk")


def negotiations(station: Station, *, after: int | None = None) -> QuerySet[EvNegotiation]:
    """What EVs want there, by EVSE; ``after`` that of the last one of the page before."""
    found = EvNegotiation.objects.filter(station=station)
    return (found if after is None else found.filter(evse_id__gt=after)).order_by("evse_id")


def active(station: Station) -> list[ChargingSession]:
    """What runs at the station."""
    return list(ChargingSession.objects.filter(station=station, state=SessionState.ACTIVE).order_by("pk"))


def held(found: Iterable[InstalledProfile], running: Sequence[ChargingSession]) -> list[InstalledProfile]:
    """The profiles that the station still has: those for a transaction go with it (K02.FR.05).

    Those that came with a remote start name the transaction and the EVSE where it has begun.
    """
    kept = []
    for row in found:
        if row.purpose == ProfilePurpose.TX:
            session = next((session for session in running if is_for(row, session)), None)
            if session is None:
                continue
            row.transaction_id = session.transaction_id
            row.evse_id = session.evse_id if row.evse_id is None else row.evse_id
        kept.append(row)
    return kept


def is_for(row: InstalledProfile, session: ChargingSession) -> bool:
    """Whether a TxProfile is for a session's transaction.

    One that came with a remote start is for the transaction that names the start. 1.6 can't name it: there it
    is the next one with its token at its place.
    """
    if row.transaction_id:
        return row.transaction_id == session.transaction_id
    if session.remote_start_id is not None:
        return row.remote_start_id == session.remote_start_id
    begun = row.set_at <= session.received_at <= row.set_at + REMOTE_START_WAITS
    here = row.evse_id in (None, session.evse_id)
    return begun and here and row.id_token.casefold() == session.id_token.casefold()


def placed(found: Iterable[InstalledProfile], running: Sequence[ChargingSession]) -> list[Held]:
    """The same as what the composite schedule is made of."""
    return [
        Held(evse_id=row.evse_id, profile=row.profile)
        for row in held(found, running)
        if row.evse_id is not None
    ]


def composite(
    station: Station, *, evse_id: int, since: datetime, duration_s: int, unit: RateUnit
) -> Composite:
    """What all that we know of allows, from ``since`` on; four queries."""
    return composite_of(
        station,
        list(rows(station)),
        active(station),
        evse_id=evse_id,
        since=since,
        duration_s=duration_s,
        unit=unit,
    )


def composite_of(
    station: Station,
    found: Sequence[InstalledProfile],
    running: Sequence[ChargingSession],
    *,
    evse_id: int,
    since: datetime,
    duration_s: int,
    unit: RateUnit,
    abilities: Abilities | None = None,
    known_evses: Sequence[int] | None = None,
) -> Composite:
    """What these profiles allow while these sessions run.

    ``abilities`` and ``known_evses`` are the station's, where the caller has read them already.
    """
    profiles, since = placed(found, running), since.replace(microsecond=0)
    began = {session.evse_id: session.started_at for session in running}
    abilities = abilities or charging_abilities.of(station)
    if evse_id:
        evse = abilities.evse(evse_id, began_at=began.get(evse_id))
        periods = composite_schedules.of_evse(profiles, evse, since=since, duration_s=duration_s, unit=unit)
    else:
        known = charging_abilities.evse_ids(station) if known_evses is None else known_evses
        evses = [abilities.evse(number, began_at=began.get(number)) for number in known]
        periods = composite_schedules.of_station(
            profiles,
            evses,
            since=since,
            duration_s=duration_s,
            unit=unit,
            voltage_v=Decimal(settings.EMOBI_GRID_VOLTAGE_V),
        )
    untold = {row.limit_source for row in found if not row.content["charging_schedule"]}
    return Composite(
        evse_id=evse_id,
        since=since,
        duration_s=duration_s,
        unit=unit,
        periods=periods,
        untold=tuple(sorted(untold)),
    )


def told(composite: Composite) -> dict[str, Any]:
    """A composite schedule of ours with the keys that a station's own has in outcomes."""
    found: dict[str, Any] = events.plain(
        {
            "evse_id": composite.evse_id,
            "schedule_start": composite.since,
            "duration": composite.duration_s,
            "charging_rate_unit": composite.unit.value,
            "charging_schedule_period": composite.periods,
            "untold": composite.untold,
        }
    )
    return found
