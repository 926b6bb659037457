"""Logs that a station was asked for, and those that came."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard.access import Access, operator, page, viewer
from dashboard.found import or_404
from dashboard.station import station_page, tabs
from emobi.core import file_answers
from emobi.core.file_answers import StoredFile
from stations import file_store, maintenance, selectors

SHOWN = 50


@require_safe
@viewer
def logs(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.LOGS)
    context["logs"] = list(maintenance.logs(station)[:SHOWN])
    return page(request, access, "dashboard/station/logs.html", context)


@require_safe
@operator
def download(request: HttpRequest, access: Access, identity: str, log_id: str) -> HttpResponseBase:
    """A log's file, to be saved: never shown by us, for a station may call anything a log."""
    station = or_404(selectors.station, access.network, identity)
    log = or_404(maintenance.log, station, log_id[:26])
    if log.stored_at is None or log.size is None:
        raise Http404("This log hasn't come to us.")
    file = StoredFile(
        path=file_store.path(file_store.LOGS, log.pk),
        filename=log.filename or f"{station.identity}-{log.type}.log",
        size=log.size,
        sha256=log.sha256,
    )
    try:
        return file_answers.answer(request, file)
    except file_answers.Gone:
        raise Http404("The file of this log is gone.") from None
