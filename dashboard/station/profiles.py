"""The charging profiles of a station: which there are, what they come to, and what is drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.commands.command_lives import Life
from dashboard.plots.lines import Series
from dashboard.station import schedule_plot, station_page, tabs
from dashboard.station.schedule_plot import Known
from sessions import held_profiles
from sessions.models import InstalledProfile, ProfileSource
from stations.commands.charging_profiles import RateUnit
from stations.models import Station

SOURCES = {
    ProfileSource.OURS: "Set by us",
    ProfileSource.REPORTED: "Told by the station",
    ProfileSource.EXTERNAL: "Somebody else's",
}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A profile; ``held`` whether the station still has it, or its transaction is over."""

    profile: InstalledProfile
    held: bool

    @property
    def source(self) -> str:
        return SOURCES[ProfileSource(self.profile.source)]

    @property
    def place(self) -> str:
        evse_id = self.profile.evse_id
        return "where it starts" if evse_id is None else f"EVSE {evse_id}" if evse_id else "Station"

    @property
    def kind(self) -> str:
        content = self.profile.content
        recurs = content.get("recurrency_kind")
        return f"{content['charging_profile_kind']}{f', {recurs.lower()}' if recurs else ''}"

    @property
    def limits(self) -> str:
        """Its first schedule in short: from when which limit."""
        schedules: Sequence[dict[str, Any]] = self.profile.content["charging_schedule"]
        if not schedules:
            return "not told"
        periods, unit = schedules[0]["charging_schedule_period"], schedules[0]["charging_rate_unit"]
        told = [f"{_clock(each['start_period'])} {each['limit']:g} {unit}" for each in periods[:4]]
        return ", ".join(told) + (f" and {len(periods) - 4} more" if len(periods) > 4 else "")

    @property
    def editable(self) -> bool:
        """Whether it is ours to change."""
        return self.profile.source != ProfileSource.EXTERNAL


def _clock(second: int) -> str:
    return f"+{second // 3600}:{second % 3600 // 60:02}"


@require_safe
@viewer
def profiles(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    now = station_page.find(access, identity, watched=True)
    station = now.station
    context = station_page.context(now, access, tabs.PROFILES)
    found = schedule_plot.known(station, now.running)
    evse_id, unit = asked(request, station)
    held = {row.pk for row in held_profiles.held(found.rows, now.running)}
    context |= {
        "profiles": [Row(profile=row, held=row.pk in held) for row in found.rows],
        "evse_ids": evse_ids(station),
        "evse_id": evse_id,
        "evse_text": str(evse_id),
        "unit": unit.value,
        **_plotted(found, now.lives, evse_id, unit),
    }
    return page(request, access, "dashboard/station/profiles.html", context)


def _plotted(found: Known, lives: Sequence[Life], evse_id: int, unit: RateUnit) -> dict[str, Any]:
    composite = found.composite(evse_id, unit)
    where = found.place(evse_id, unit)
    own, asked_by = schedule_plot.own_answer([life.command for life in lives], where)
    others: list[Series] = [
        schedule_plot.measured(found.station, where, composite.since, found.running),
        *([own] if own else []),
        *schedule_plot.profile_series(found, where, composite.since),
    ]
    name = f"EVSE {evse_id}" if evse_id else "the whole station"
    plot = schedule_plot.plot(composite, where, others=others, caption=f"What {name} may draw, and draws")
    return {"plot": plot, "own_answer": asked_by, "untold": composite.untold}


def evse_ids(station: Station) -> list[int]:
    """Its EVSEs, as far as they are known."""
    return sorted({plug.evse_id for plug in station.connectors.all() if plug.evse_id})


def asked(request: HttpRequest, station: Station) -> tuple[int, RateUnit]:
    """The place and unit that are looked at: the first EVSE, in W, where nothing is said."""
    known = evse_ids(station)
    text = request.GET.get("evse", "")
    evse_id = int(text) if text in {str(each) for each in (0, *known)} else (known or [0])[0]
    unit = RateUnit.AMPERE if request.GET.get("unit") == RateUnit.AMPERE.value else RateUnit.WATT
    return evse_id, unit
