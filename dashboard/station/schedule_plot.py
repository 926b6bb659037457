"""Plots of what may be drawn at a place: composite schedules, profiles, the station's own answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from dashboard.plots.drawing import Tone
from dashboard.plots.lines import LinePlot, Series
from dashboard.plots.thinning import Sample
from dashboard.plots.time_axis import Window
from emobi.core import clock
from sessions import charging_abilities, held_profiles, limit_timelines
from sessions.charging_abilities import Abilities
from sessions.composite_schedules import CompositePeriod
from sessions.held_profiles import Composite
from sessions.limit_timelines import Held
from sessions.models import ChargingSession, InstalledProfile, MeterValue
from stations.commands.charging_profiles import RateUnit
from stations.models import Command, Station

# How far back and how far ahead.
BEFORE = timedelta(hours=4)
SPAN = timedelta(hours=24)
READINGS = 2000
# Far behind the edge of every plot.
LATEST_S = 365 * 86400
# No more profiles are drawn than can be told apart.
PROFILES = 6

_PROFILE_TONES = (Tone.FIRST, Tone.SECOND, Tone.THIRD)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where, and in what.

    Attributes:
        evse_id: 0 is the whole station.
        unit: Of the plot.
        watts_per_ampere: What an ampere of each phase comes to there.
    """

    evse_id: int
    unit: RateUnit
    watts_per_ampere: Decimal

    @property
    def word(self) -> str:
        return "kW" if self.unit == RateUnit.WATT else "A"

    def value(self, limit: Decimal | float | None, unit: RateUnit) -> float | None:
        """A limit in the plot's unit."""
        if limit is None:
            return None
        watts = Decimal(str(limit)) * (self.watts_per_ampere if unit == RateUnit.AMPERE else 1)
        return float(watts / 1000 if self.unit == RateUnit.WATT else watts / self.watts_per_ampere)


def place(abilities: Abilities, evse_id: int, unit: RateUnit) -> Place:
    """A place as the station says that it is supplied."""
    if not evse_id:
        volts = Decimal(settings.EMOBI_GRID_VOLTAGE_V)
        return Place(evse_id=0, unit=unit, watts_per_ampere=volts * 3)
    evse = abilities.evse(evse_id)
    return Place(evse_id=evse_id, unit=unit, watts_per_ampere=evse.voltage_v * (evse.phases or 1))


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a station's profiles, read once."""

    station: Station
    rows: Sequence[InstalledProfile]
    running: Sequence[ChargingSession]
    abilities: Abilities

    @property
    def evse_ids(self) -> Sequence[int]:
        """Of a station that came with its connectors."""
        return sorted({plug.evse_id for plug in self.station.connectors.all() if plug.evse_id})

    def place(self, evse_id: int, unit: RateUnit) -> Place:
        return place(self.abilities, evse_id, unit)

    def composite(self, evse_id: int, unit: RateUnit, extra: Sequence[InstalledProfile] = ()) -> Composite:
        """What they come to, from `BEFORE` on; with ``extra`` in place of what has its id or its place."""
        rows = [row for row in self.rows if not any(_replaces(each, row) for each in extra)]
        return held_profiles.composite_of(
            self.station,
            [*rows, *extra],
            self.running,
            evse_id=evse_id,
            since=clock.now() - BEFORE,
            duration_s=int(SPAN.total_seconds()),
            unit=unit,
            abilities=self.abilities,
            known_evses=self.evse_ids,
        )


def known(station: Station, running: Sequence[ChargingSession]) -> Known:
    """What is known; two queries."""
    return Known(
        station=station,
        rows=list(held_profiles.rows(station)),
        running=running,
        abilities=charging_abilities.of(station),
    )


def _replaces(new: InstalledProfile, old: InstalledProfile) -> bool:
    return new.profile_id is not None and new.profile_id == old.profile_id


def window(since: datetime) -> Window:
    return Window(since=since, until=since + SPAN, zone=timezone.get_current_timezone())


def plot(
    composite: Composite,
    where: Place,
    *,
    others: Sequence[Series] = (),
    caption: str,
    name: str = "All profiles together",
    tone: Tone = Tone.LIMIT,
) -> LinePlot:
    """A composite schedule, and what else is shown beside it."""
    now = clock.wall()
    whole = window(composite.since)
    first = Series(
        name=name, unit=where.word, step=True, tone=tone,
        samples=list(_of_periods(composite.periods, composite.since, where, composite.unit)),
    )  # fmt: skip
    return LinePlot(
        caption=caption,
        window=whole,
        series=[first, *others],
        now=now,
        finding=finding(composite, where, now),
    )


def finding(composite: Composite, where: Place, now: datetime) -> str:
    """What may be drawn now, and when that changes next."""
    second = (now - composite.since).total_seconds()
    current = next((each for each in reversed(composite.periods) if each.start_period <= second), None)
    following = next((each for each in composite.periods if each.start_period > second), None)
    told = f"Now {_limit(current, where, composite.unit)}"
    if following is None:
        return f"{told}, and no change ahead"
    at = timezone.localtime(composite.since + timedelta(seconds=following.start_period))
    return f"{told}; {_limit(following, where, composite.unit)} from {at:%H:%M %Z}"


def _limit(period: CompositePeriod | None, where: Place, unit: RateUnit) -> str:
    value = where.value(period.limit, unit) if period else None
    return "no limit" if value is None else f"{value:.1f} {where.word}"


def composite_series(name: str, composite: Composite, where: Place, tone: Tone) -> Series:
    """One more composite schedule."""
    samples = list(_of_periods(composite.periods, composite.since, where, composite.unit))
    return Series(name=name, unit=where.word, step=True, tone=tone, samples=samples)


def _of_periods(
    periods: Iterable[CompositePeriod], since: datetime, where: Place, unit: RateUnit
) -> Iterator[Sample]:
    value: float | None = None
    for period in periods:
        value = where.value(period.limit, unit)
        yield since + timedelta(seconds=period.start_period), value
    yield since + SPAN, value


def profile_series(found: Known, where: Place, since: datetime) -> list[Series]:
    """Each profile that holds there, by itself."""
    whole = limit_timelines.Window(since=since, length_s=int(SPAN.total_seconds()), began_s=0)
    here = [
        one
        for one in held_profiles.placed(found.rows, found.running)
        if one.evse_id in (0, where.evse_id) and one.profile.charging_schedule
    ]
    return [
        Series(
            name=f"{one.profile.charging_profile_purpose.value} {one.profile.id or ''}".strip(),
            unit=where.word,
            step=True,
            tone=_PROFILE_TONES[index % len(_PROFILE_TONES)],
            samples=list(_of_profile(one, whole, where, found.running)),
        )
        for index, one in enumerate(here[:PROFILES])
    ]


def _of_profile(
    one: Held, whole: limit_timelines.Window, where: Place, running: Sequence[ChargingSession]
) -> Iterator[Sample]:
    began = next((each.started_at for each in running if each.evse_id == one.evse_id), None)
    if began is not None:
        began_s = whole.second(began)
        whole = limit_timelines.Window(since=whole.since, length_s=whole.length_s, began_s=began_s)
    laid_out = limit_timelines.timeline(one.profile, one.profile.charging_schedule[0], whole)
    edges = sorted({0, whole.length_s, *laid_out.edges()})
    for second in (each for each in edges if 0 <= each <= whole.length_s):
        limit = laid_out.at(second) if second < whole.length_s else None
        value = where.value(limit.period.limit, limit.unit) if limit else None
        yield whole.since + timedelta(seconds=second), value


def measured(station: Station, where: Place, since: datetime, running: Sequence[ChargingSession]) -> Series:
    """What was drawn there; one query. Of the whole station only the main meter tells it."""
    readings = MeterValue.objects.filter(station=station, evse_id=where.evse_id, power_w__isnull=False)
    newest = readings.order_by("-pk").values_list("received_at", "power_w")[:READINGS]
    samples = [(at, where.value(watts, RateUnit.WATT)) for at, watts in reversed(newest) if at >= since]
    return Series(name="Measured", unit=where.word, tone=Tone.POWER, samples=samples)


def own_answer(asked: Sequence[Command], where: Place) -> tuple[Series | None, Command | None]:
    """What the station itself said last that holds there, if it is among what it was asked."""
    command = next((each for each in asked if _answers(each, where)), None)
    if command is None:
        return None, None
    schedule: Mapping[str, Any] = (command.outcome or {})["detail"]["schedule"]
    start = _moment(schedule.get("schedule_start")) or command.ended_at or command.created_at
    unit = RateUnit(schedule.get("charging_rate_unit") or RateUnit.WATT)
    samples = list(_of_answer(schedule, start, where, unit))
    series = Series(name="The station's own", unit=where.word, step=True, tone=Tone.TARGET, samples=samples)
    return series, command


def _answers(command: Command, where: Place) -> bool:
    if command.name != "get_composite_schedule" or command.params.get("evse_id") != where.evse_id:
        return False
    return bool(((command.outcome or {}).get("detail") or {}).get("schedule"))


def _of_answer(
    schedule: Mapping[str, Any], start: datetime, where: Place, unit: RateUnit
) -> Iterator[Sample]:
    """Of the time after it the answer says nothing."""
    for period in schedule.get("charging_schedule_period") or []:
        yield _later(start, period.get("start_period") or 0), where.value(period.get("limit"), unit)
    if schedule.get("duration"):
        yield _later(start, schedule["duration"]), None


def _later(start: datetime, seconds: int) -> datetime:
    """Stations have said numbers of seconds that no clock reaches."""
    return start + timedelta(seconds=min(max(seconds, 0), LATEST_S))


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
