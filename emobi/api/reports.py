"""`/reports/…`: figures over a time, of sessions and of uptime; and the uptime of one station."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, exports, paging
from emobi.api.fields import Bound, Number
from emobi.core import clock
from emobi.core.models import Network
from sessions import session_reports
from stations import selectors, uptime
from stations.models import Station

router = Router(tags=["reports"])
of_station = Router(tags=["reports"])

# What is reported on unless it is said.
USUAL = timedelta(days=30)
MOST_MONTHS = 36

Month = Annotated[
    str | None,
    Query(
        pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", description="As 2026-11, in UTC; this month if not given."
    ),
]


class UptimeOut(BaseModel):
    """How long a station could be reached in a month (UTC), in seconds.

    `uptime_percent` is 100 × (`period_s` - (`outage_s` - `excluded_s`)) / `period_s`.
    """

    station: str
    month: str = Field(examples=["2026-11"])
    period_s: int = Field(description="Of the month until now, since the station was first online.")
    outage_s: int = Field(description="Of that, without it.")
    excluded_s: int = Field(description="Of that, in maintenance: it doesn't count.")
    outages: int
    uptime_percent: Number | None = Field(description="null: it was never online.")
    target_percent: Number
    budget_left_s: int = Field(description="How much longer it may be away this month; negative: too long.")


class SessionReportOut(BaseModel):
    """Charging sessions that started within a time, added up."""

    station: str
    sessions: int
    active: int
    ended: int
    lost: int
    energy_wh: Number = Field(description="Delivered, as far as registers tell.")
    duration_s: int = Field(description="Of those that ended, by their stations' clocks.")
    failed_starts: int = Field(description="Refused, or over without energy delivered.")
    suspect: int
    reasons: dict[str, int] = Field(description="Why they ended, and how often.")


@router.get(
    "/sessions",
    response=paging.Page[SessionReportOut],
    summary="Charging sessions of a time, added up by station",
    openapi_extra=exports.DESCRIBED,
)
def report_sessions(
    request: HttpRequest,
    from_: Annotated[
        Bound | None, Query(alias="from", description="Started then or later; 30 days ago if not given.")
    ] = None,
    to: Annotated[Bound | None, Query(description="Started before then; now if not given.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """Stations by identity, each with its sessions of the time; those that had none have zeros."""
    network = auth.network_of(request)
    until = to or clock.now()
    since = from_ or until - USUAL
    read = partial(_session_page, network, since, until)
    return exports.told(format, SessionReportOut, read, cursor, limit, "sessions-report")


def _session_page(
    network: Network, since: datetime, until: datetime, cursor: str | None, limit: int
) -> dict[str, Any]:
    found = selectors.stations(network, after=paging.decode(cursor))
    stations = list(found[:limit])
    totals = session_reports.by_station([station.pk for station in stations], since, until)
    return paging.page(
        found,
        limit,
        key=lambda station: station.identity,
        shown=lambda station: {"station": station.identity, **totals[station.pk]},
    )


@router.get(
    "/uptime",
    response=paging.Page[UptimeOut],
    summary="Uptime of all stations in a month",
    openapi_extra=exports.DESCRIBED,
)
def report_uptime(
    request: HttpRequest,
    month: Month = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
    format: exports.Format = "json",
) -> dict[str, Any] | StreamingHttpResponse:
    """By identity. An outage begins when the station was last heard, and ends when it is back."""
    network = auth.network_of(request)
    now = clock.now()
    begin = uptime.month_of(datetime.fromisoformat(f"{month}-01T00:00:00Z") if month else now)
    read = partial(_uptime_page, network, begin, now)
    return exports.told(format, UptimeOut, read, cursor, limit, "uptime")


def _uptime_page(
    network: Network, month: datetime, now: datetime, cursor: str | None, limit: int
) -> dict[str, Any]:
    found = selectors.stations(network, after=paging.decode(cursor))
    stations = list(found[:limit])
    histories = uptime.histories(network, stations, month, uptime.next_month(month))
    return paging.page(
        found,
        limit,
        key=lambda station: station.identity,
        shown=lambda station: _shown(station, uptime.of_month(histories[station.pk], month, now)),
    )


@of_station.get(
    "/{segment:identity}/uptime",
    response=paging.Page[UptimeOut],
    summary="A station's uptime, month by month, the newest first",
)
def read_uptime(
    request: HttpRequest,
    identity: str,
    months: Annotated[int, Query(ge=1, le=MOST_MONTHS, description="How many, with this one.")] = 12,
) -> dict[str, Any]:
    """The same for one station, all on one page."""
    network = auth.network_of(request)
    station = selectors.station(network, identity)
    now = clock.now()
    asked = [uptime.month_of(now)]
    while len(asked) < months:
        asked.append(uptime.month_of(asked[-1] - timedelta(days=1)))
    history = uptime.histories(network, [station], asked[-1], now)[station.pk]
    return {
        "items": [_shown(station, uptime.of_month(history, month, now)) for month in asked],
        "next": None,
    }


def _shown(station: Station, found: uptime.Uptime) -> dict[str, Any]:
    percent = found.percent
    return {
        "station": station.identity,
        "month": f"{found.month:%Y-%m}",
        "period_s": round(found.period_s),
        "outage_s": round(found.outage_s),
        "excluded_s": round(found.excluded_s),
        "outages": found.outages,
        "uptime_percent": None if percent is None else round(percent, 4),
        "target_percent": 100 * uptime.TARGET,
        "budget_left_s": round(found.budget_left_s),
    }
