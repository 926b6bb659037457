"""What a station is made of and has done lately: its power within the hour, its states within the day.

Drawn apart from the page, and every minute anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import Access, part, viewer
from dashboard.plots.drawing import Tone
from dashboard.plots.lanes import LanePlot
from dashboard.plots.lines import LinePlot, Series
from dashboard.plots.time_axis import Window
from dashboard.station import day_states, station_page, topology
from dashboard.station.evse_cards import EvseCard
from emobi.core import clock
from sessions.models import MeterValue
from stations.models import Station

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
READINGS = 3000

_TONES = (Tone.POWER, Tone.FIRST, Tone.SECOND, Tone.THIRD)


@require_safe
@viewer
def activity_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The plots."""
    now = station_page.find(access, identity)
    station = now.station
    context = {
        "section": "stations",
        "station": station,
        "power": power(station),
        "lanes": lanes(station, station_page.cards(now)),
        "topology": topology.topology(station),
    }
    return part(request, access, "dashboard/station/_activity.html", context, f"{identity}, lately")


def power(station: Station) -> LinePlot:
    """What each EVSE drew within the hour, in kW; one query."""
    now = clock.wall()
    since = now - HOUR
    readings = MeterValue.objects.filter(station=station, power_w__isnull=False).order_by("-pk")
    by_evse: dict[int | None, list[tuple[datetime, float | None]]] = {}
    newest = readings.values_list("evse_id", "received_at", "power_w")[:READINGS]
    for evse_id, at, watts in reversed(newest):
        if at >= since:
            by_evse.setdefault(evse_id, []).append((at, (watts or 0) / 1000))
    series = [
        Series(name=_place(evse_id), unit="kW", samples=samples, tone=_TONES[index % len(_TONES)])
        for index, (evse_id, samples) in enumerate(sorted(by_evse.items(), key=lambda each: each[0] or 0))
    ]
    return LinePlot(
        caption="Power within the hour",
        window=Window(since=since, until=now, zone=timezone.get_current_timezone()),
        series=series,
        gap=timedelta(minutes=10),
    )


def _place(evse_id: int | None) -> str:
    return f"EVSE {evse_id}" if evse_id else "Main meter" if evse_id == 0 else "EVSE unknown"


def lanes(station: Station, cards: Sequence[EvseCard]) -> LanePlot:
    """Its connection and its connectors within the day; one query."""
    now = clock.wall()
    since = now - DAY
    return LanePlot(
        caption="States within the day",
        window=Window(since=since, until=now, zone=timezone.get_current_timezone()),
        lanes=day_states.lanes(station, cards, since, now),
    )
