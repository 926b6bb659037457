"""What a station is made of and has done lately: its power within the hour, its states within the day.

Drawn apart from the page, and every minute anew.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard import statuses
from dashboard.access import Access, page, viewer
from dashboard.found import or_404
from dashboard.plots.drawing import Tone
from dashboard.plots.lanes import Lane, LanePlot, Span
from dashboard.plots.lines import LinePlot, Series
from dashboard.plots.time_axis import Window
from dashboard.station import topology
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.models import Event
from sessions.models import MeterValue
from stations import selectors
from stations.models import Connectivity, Connector, Station

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
READINGS = 3000
EVENTS = 2000

ONLINE = statuses.CONNECTIVITY[Connectivity.ONLINE]
OFFLINE = statuses.CONNECTIVITY[Connectivity.OFFLINE]

_TONES = (Tone.POWER, Tone.FIRST, Tone.SECOND, Tone.THIRD)
_CHANGES = ("connector.status_changed", "station.offline", "station.online")


@require_safe
@viewer
def activity_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The plots."""
    station = or_404(selectors.station, access.network, identity)
    context = {
        "station": station,
        "power": power(station),
        "lanes": lanes(station),
        "topology": topology.topology(station),
    }
    return page(request, access, "dashboard/station/_activity.html", context)


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
        window=Window(since=since, until=now),
        series=series,
        gap=timedelta(minutes=10),
    )


def _place(evse_id: int | None) -> str:
    return f"EVSE {evse_id}" if evse_id else "Main meter" if evse_id == 0 else "EVSE unknown"


def lanes(station: Station) -> LanePlot:
    """Its connection and what its connectors said, within the day; one query."""
    now = clock.wall()
    since = now - DAY
    found = Event.objects.filter(
        network=station.network_id, station=station.identity, type__in=_CHANGES, time__gte=since
    )
    changes = list(reversed(found.order_by("-sequence").values_list("type", "time", "data")[:EVENTS]))
    plugs = [plug for plug in station.connectors.all() if plug.evse_id]
    connection = [
        (at, ONLINE if kind == "station.online" else OFFLINE)
        for kind, at, _ in changes
        if kind != "connector.status_changed"
    ]
    before = _connection_before(station, connection, since)
    named = [Lane("Connection", _spans(connection, before, since, now))]
    for plug in plugs:
        said = [
            (at, _state(data["status"], data["detail"]))
            for kind, at, data in changes
            if kind == "connector.status_changed"
            and (data["evse_id"], data["connector_id"]) == (plug.evse_id, plug.connector_id)
        ]
        first = next(
            (
                data["previous"]
                for kind, _, data in changes
                if kind == "connector.status_changed"
                and (data["evse_id"], data["connector_id"]) == (plug.evse_id, plug.connector_id)
            ),
            None,
        )
        name = f"EVSE {plug.evse_id}" + (f", connector {plug.connector_id}" if plug.connector_id > 1 else "")
        named.append(Lane(name, _spans(said, _before(plug, said, first, since), since, now)))
    return LanePlot(caption="States within the day", window=Window(since=since, until=now), lanes=named)


def _state(status: str, detail: str | None) -> Shown:
    connector = Connector(status=status or "", detail=detail or "")
    return statuses.of_connector(connector)


def _before(
    plug: Connector, said: Sequence[tuple[datetime, Shown]], previous: str | None, since: datetime
) -> Shown | None:
    """What it was when the day began; None: not known."""
    if said:
        return _state(previous, None) if previous else None
    return statuses.of_connector(plug) if plug.changed_at <= since else None


def _connection_before(
    station: Station, changes: Sequence[tuple[datetime, Shown]], since: datetime
) -> Shown | None:
    """What it was when the day began; None: there was no such station yet."""
    if station.created_at >= since:
        return None
    if changes:
        return ONLINE if changes[0][1] == OFFLINE else OFFLINE
    return statuses.CONNECTIVITY[Connectivity(station.connectivity)]


def _spans(
    changes: Sequence[tuple[datetime, Shown]], before: Shown | None, since: datetime, now: datetime
) -> list[Span]:
    return list(_lasting([*([(since, before)] if before else []), *changes], now))


def _lasting(changes: Sequence[tuple[datetime, Shown]], now: datetime) -> Iterator[Span]:
    for index, (at, shown) in enumerate(changes):
        until = changes[index + 1][0] if index + 1 < len(changes) else now
        yield Span(shown, at, until)
