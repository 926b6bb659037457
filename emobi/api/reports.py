"""`/reports/sessions` and `/reports/use`: charging of a time, added up. Uptime: `emobi.api.uptime`."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from emobi.api import auth, exports, paging
from emobi.api.fields import Bound, Number, Time
from emobi.core import clock
from emobi.core.errors import Invalid
from emobi.core.models import Network
from emobi.core.services import preferences
from sessions import session_reports, utilisation
from stations import selectors

router = Router(tags=["reports"])

# What is reported on unless it is said.
USUAL = timedelta(days=30)
# Of use, hour by hour.
MOST = timedelta(days=366)

_END: TypeAdapter[datetime] = TypeAdapter(Bound)


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
    refused: int = Field(description="Of the failed starts: those whose token was refused.")
    zero_energy: int = Field(description="Of the failed starts: those over without energy delivered.")
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
    until = to or _place(cursor)[0] or clock.now()
    since = from_ or until - USUAL
    if since > until:
        raise Invalid("It begins after its end.", "from")
    read = partial(_session_page, network, since, until)
    return exports.told(request, format, SessionReportOut, read, cursor, limit, "sessions-report")


class HourOfUseOut(BaseModel):
    """An hour of a weekday, of all EVSEs together, in seconds."""

    weekday: int = Field(description="From Monday, 1.")
    hour: int
    period_s: int
    occupied_s: int
    charging_s: int


class UseOut(BaseModel):
    """How long EVSEs were occupied, and how long energy flowed: of all together, in seconds."""

    since: Time
    until: Time
    zone: str
    period_s: int = Field(description="How long they were there, as far as the time is over.")
    occupied_s: int = Field(description="Of that, with a charging session.")
    charging_s: int = Field(description="Of that, while energy flowed, as readings of the meter tell.")
    untold_s: int = Field(
        description="Of `occupied_s`, of which no reading tells: sessions without two within 65 min, and "
        "in others what is longer than that without one."
    )
    peak_w: Number | None = Field(
        description="The most at once, each session taken at its mean power; null: none brought energy."
    )
    hours: list[HourOfUseOut] = Field(description="168 of them, from Monday 0 h.")


@router.get("/use", response=UseOut, summary="How long EVSEs were occupied, and how long they charged")
def report_use(
    request: HttpRequest,
    from_: Annotated[Bound | None, Query(alias="from", description="30 days ago if not given.")] = None,
    to: Annotated[Bound | None, Query(description="Now if not given, or if that is later.")] = None,
    station: Annotated[str | None, Query(description="Identity; all stations if not given.")] = None,
    zone: Annotated[str, Query(description="Of weekdays and hours, as Europe/Berlin.")] = "UTC",
) -> dict[str, Any]:
    """The figures of the dashboard's report, by our clock; 366 days at most."""
    network = auth.network_of(request)
    until = min(to or clock.now(), clock.now())
    since = from_ or until - USUAL
    if since > until:
        raise Invalid("It begins after its end.", "from")
    if until - since > MOST:
        raise Invalid(f"At most {MOST.days} days.", "from")
    if zone != "UTC" and zone not in preferences.NAMED:
        raise Invalid("There is no such time zone.", "zone")
    found = None if station is None else selectors.bare_station(network, station)
    spent = utilisation.spent(network, since, until, ZoneInfo(zone), found)
    return {
        "since": since,
        "until": until,
        "zone": zone,
        "period_s": spent.whole.total(),
        "occupied_s": spent.occupied.total(),
        "charging_s": spent.charging.total(),
        "untold_s": spent.untold.total(),
        "peak_w": utilisation.peak(network, since, until, found),
        "hours": [
            {
                "weekday": day,
                "hour": hour,
                "period_s": spent.whole[day, hour],
                "occupied_s": spent.occupied[day, hour],
                "charging_s": spent.charging[day, hour],
            }
            for day in range(1, 8)
            for hour in range(24)
        ],
    }


def _session_page(
    network: Network, since: datetime, until: datetime, cursor: str | None, limit: int
) -> dict[str, Any]:
    found = selectors.stations(network, after=_place(cursor)[1])
    stations = list(found[:limit])
    totals = session_reports.by_station([station.pk for station in stations], since, until)
    return paging.page(
        found,
        limit,
        key=lambda station: f"{until.isoformat()} {station.identity}",
        shown=lambda station: {"station": station.identity, **totals[station.pk]},
    )


def _place(cursor: str | None) -> tuple[datetime | None, str | None]:
    """Of the page before: when its time ends, so that all pages are of the same one, and its last station.

    Raises:
        Invalid: If it's no cursor of ours.
    """
    key = paging.decode(cursor)
    if key is None:
        return None, None
    end, _, identity = key.partition(" ")
    try:
        until = _END.validate_python(end)
    except ValidationError:
        raise paging.invalid() from None
    if not identity:
        raise paging.invalid()
    return until, identity
