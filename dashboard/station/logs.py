"""Logs that a station was asked for, and those that came."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.found import or_404
from dashboard.station import log_text, station_page, tabs
from emobi.core import file_answers
from emobi.core.file_answers import StoredFile
from stations import file_store, maintenance, selectors
from stations.models import Station, StationLog

SHOWN = 50


@require_safe
@viewer
def logs(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    return page(request, access, "dashboard/station/logs.html", _context(access, identity))


@require_safe
@viewer
def logs_fragment(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """What of it changes by itself."""
    return page(request, access, "dashboard/station/_logs.html", _context(access, identity))


def _context(access: Access, identity: str) -> dict[str, Any]:
    station, context = station_page.read(access, identity, tabs.LOGS)
    found = newest(station)
    return context | {
        "logs": found,
        "logs_shape": shape_of(found),
        "retention_days": settings.EMOBI_MESSAGE_RETENTION_DAYS,
    }


def newest(station: Station) -> Sequence[StationLog]:
    """Its newest logs; one query."""
    return list(maintenance.logs(station)[:SHOWN])


def shape_of(found: Sequence[StationLog]) -> str:
    """Changes when they have to be drawn anew."""
    return station_page.shape_by(
        f"{log.pk}/{log.command.state}/{log.status}/{log.status_at}/{log.stored_at}" for log in found
    )


@require_safe
@operator
def view(request: HttpRequest, access: Access, identity: str, log_id: str) -> HttpResponse:
    """The beginning of a log, if it is text: told as text, for a station may call anything a log."""
    station, context = station_page.read(access, identity, tabs.LOGS)
    log = _stored(station, log_id)
    try:
        seen = log_text.beginning(file_store.path(file_store.LOGS, log.pk))
    except FileNotFoundError:
        raise Http404("The file of this log is gone.") from None
    return page(request, access, "dashboard/station/log.html", context | {"log": log, "seen": seen})


@require_safe
@operator
def download(request: HttpRequest, access: Access, identity: str, log_id: str) -> HttpResponseBase:
    """A log's file as it came, to be saved."""
    station = or_404(selectors.station, access.network, identity)
    log = _stored(station, log_id)
    file = StoredFile(
        path=file_store.path(file_store.LOGS, log.pk),
        filename=log.filename or f"{station.identity}-{log.type}.log",
        size=log.size or 0,
        sha256=log.sha256,
    )
    try:
        return file_answers.answer(request, file)
    except file_answers.Gone:
        raise Http404("The file of this log is gone.") from None


def _stored(station: Station, log_id: str) -> StationLog:
    log = or_404(maintenance.log, station, log_id[:26])
    if log.stored_at is None or log.size is None:
        raise Http404("This log hasn't come to us.")
    return log
