"""`/reports/sessions`: charging sessions of a time, added up. Uptime has its own: `emobi.api.uptime`."""

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
from stations import selectors

router = Router(tags=["reports"])

# What is reported on unless it is said.
USUAL = timedelta(days=30)


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
