"""Reports of a period: all stations, and one of them with what doesn't count."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard import file_rows, zones
from dashboard.access import Access, admin, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.overview.lately import lately
from dashboard.reports import files, letters, period_report, periods, posture, site_report, uptime_report, use
from dashboard.reports.periods import Period
from emobi.core import checks
from emobi.core.errors import Invalid, Refused
from emobi.core.models import Network
from stations import selectors, uptime
from stations.models import Station
from stations.services.ledger import exclusions

# So long all EVSEs together are kept.
KEPT_S = 60.0

# What comes after the page, by the name of its template and of what that finds.
PARTS: Mapping[str, Callable[[Network, Period], object]] = {
    "overall": uptime_report.overall,
    "figures": period_report.read,
    "sites": site_report.read,
    "use": use.read,
    "posture": lambda network, _: posture.read(network),
}

FILES = {"uptime": files.uptime, "sessions": files.sessions, "outages": files.outages}


@require_safe
@viewer
def reports(request: HttpRequest, access: Access) -> HttpResponse:
    """The page of a period."""
    try:
        shown = periods.asked(access.network, request.GET)
    except Invalid as refusal:
        return _no_period(request, access, refusal)
    rows, more = uptime_report.rows(access.network, shown, request.GET.get("after", "").replace("\0", ""))
    whole = bool(request.GET.get("all"))
    context = {
        "section": "reports",
        "path": _path(None),
        "shown": shown,
        "presets": periods.presets(),
        "rows": rows,
        "more": more,
        "target": 100 * uptime.TARGET,
        # For browsers without scripts: all that else comes after the page.
        **{part: read(access.network, shown) if whole else None for part, read in PARTS.items()},
        **letters.context(access),
    }
    return page(request, access, "dashboard/reports/reports.html", context)


def _path(station: Station | None) -> str:
    """Of the page itself: after a refusal it is shown elsewhere, where nobody can GET it."""
    if station is None:
        return reverse("dashboard:reports")
    return reverse("dashboard:report-station", args=[station.identity])


def _no_period(
    request: HttpRequest, access: Access, refusal: Invalid, station: Station | None = None
) -> HttpResponse:
    """The page of what is no period: it says what is wrong, beside what was typed."""
    context = {
        "section": "reports",
        "path": _path(station),
        "station": station,
        "period_error": refusal,
        "typed": {name: request.GET.get(name, "") for name in ("from", "to")},
        "presets": periods.presets(),
    }
    return page(request, access, "dashboard/reports/wrong_period.html", context, status=422)


def _plainly(refusal: Invalid) -> HttpResponse:
    """The same for whoever asks for a part or a file."""
    return HttpResponse(str(refusal), status=422, content_type="text/plain")


@require_safe
@viewer
def part_fragment(request: HttpRequest, access: Access, part: str) -> HttpResponse:
    """What comes when the page is there: of a large network each part takes a while."""
    if part not in PARTS:
        raise Http404("There is no such part.")
    try:
        shown = periods.asked(access.network, request.GET)
    except Invalid as refusal:
        return _plainly(refusal)
    found = lately(
        # Use is told by the hours of whoever looks.
        f"report {part} {shown.name} {timezone.get_current_timezone_name()}",
        access.network.pk,
        KEPT_S,
        lambda: PARTS[part](access.network, shown),
    )
    context = {part: found, "shown": shown, "target": 100 * uptime.TARGET, "fragment": True}
    return page(request, access, f"dashboard/reports/_{part}.html", context)


def _file(request: HttpRequest, access: Access, name: str, kind: str) -> StreamingHttpResponse | HttpResponse:
    try:
        shown = periods.asked(access.network, request.GET)
    except Invalid as refusal:
        return _plainly(refusal)
    read = partial(FILES[name], access.network, shown)
    columns = files.columns(name, shown)
    return file_rows.answer(request, access, kind, columns, read, name, access.network.slug, shown.name)


@require_safe
@viewer
def uptime_file(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse | HttpResponse:
    """Uptime by station and EVSE."""
    return _file(request, access, "uptime", kind)


@require_safe
@viewer
def outages_file(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse | HttpResponse:
    """Outages with their evidence."""
    return _file(request, access, "outages", kind)


@require_safe
@viewer
def sessions_file(request: HttpRequest, access: Access, kind: str) -> StreamingHttpResponse | HttpResponse:
    """Sessions by station."""
    return _file(request, access, "sessions", kind)


@require_safe
@viewer
def station(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The page of one station."""
    return _station(request, access, identity)


def _station(
    request: HttpRequest,
    access: Access,
    identity: str,
    form: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    found = or_404(selectors.bare_station, access.network, identity)
    try:
        shown = periods.asked(access.network, request.GET)
    except Invalid as refusal:
        return _no_period(request, access, refusal, found)
    zones.enter(access.preferences, found)
    context = {
        "section": "reports",
        "path": _path(found),
        "shown": shown,
        "presets": periods.presets(),
        "station": found,
        "report": uptime_report.station_report(access.network, found, shown),
        "use": use.read(access.network, shown, found) if request.GET.get("all") else None,
        "target": 100 * uptime.TARGET,
        "form": form or {name: request.GET.get(f"exclude-{name}", "") for name in ("from", "to")},
    }
    return page(request, access, "dashboard/reports/station.html", context, status=status)


@require_safe
@viewer
def station_use(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Use of one station, which comes when its page is there."""
    found = or_404(selectors.bare_station, access.network, identity)
    try:
        shown = periods.asked(access.network, request.GET)
    except Invalid as refusal:
        return _plainly(refusal)
    zones.enter(access.preferences, found)
    context = {"use": use.read(access.network, shown, found), "shown": shown}
    return page(request, access, "dashboard/reports/_use.html", context)


@require_POST
@admin
def exclude(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Have a span not count."""
    found = or_404(selectors.station, access.network, identity)
    given = {name: request.POST.get(name, "") for name in ("from", "to", "evse", "reason")}
    try:
        exclusions.add(
            found,
            evse_id=_evse(given["evse"]),
            from_at=_moment(given["from"], "from"),
            to_at=_moment(given["to"], "to"),
            reason=given["reason"].replace("\0", ""),
            by=access.actor,
            address=client_address(request),
        )
    except Invalid as refusal:
        form = {**given, "error": str(refusal), "field": refusal.field}
        return _station(request, access, identity, form, status=422)
    messages.success(request, "It doesn't count any more.")
    return _back(request, identity)


def _evse(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not int(text):
        raise Invalid("Choose an EVSE.", "evse")
    return int(text)


def _moment(text: str, field: str) -> datetime:
    """A time of a form, in UTC as days are."""
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        raise Invalid("Say when.", field) from None
    sane = checks.sane_time(aware)
    if sane is None:
        raise Invalid("Between 2000 and 2100.", field)
    return sane


@require_POST
@admin
def withdraw(request: HttpRequest, access: Access, identity: str, exclusion_id: int) -> HttpResponse:
    """Have it count again."""
    found = or_404(selectors.station, access.network, identity)
    if exclusion_id > files.LARGEST_ID:
        raise Http404
    try:
        or_404(
            exclusions.withdraw,
            found,
            exclusion_id,
            reason=request.POST.get("reason", "").replace("\0", ""),
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "It counts again.")
    return _back(request, identity)


def _back(request: HttpRequest, identity: str) -> HttpResponse:
    """To the period that was shown."""
    asked = {name: request.GET[name] for name in ("month", "from", "to") if name in request.GET}
    named = f"?{urlencode(asked)}" if asked else ""
    return redirect(reverse("dashboard:report-station", args=[identity]) + named)
