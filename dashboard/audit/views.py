"""Who did what, to read and to take along."""

from dataclasses import replace
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard import file_exports, file_rows
from dashboard.access import Access, auditor, page
from dashboard.audit import entries
from dashboard.audit.entries import AuditFilter
from dashboard.saved_views.defaults import opens_by_default
from emobi.core import clock
from emobi.core.models import Network
from emobi.core.services import audit_seals

COLUMNS = ("at", "actor", "action", "target", "detail", "address", "request_id")
EXPORTED_AT_ONCE = 500


@require_safe
@auditor
@opens_by_default("audit")
def audit(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    wanted = AuditFilter.read(request.GET.dict())
    found = list(entries.find(access.network, wanted)[: entries.PAGE + 1])
    shown = found[: entries.PAGE]
    context = {
        "section": "audit",
        "filter": wanted,
        "entries": [entries.Shown(entry) for entry in shown],
        "next": wanted.from_(str(shown[-1].pk)) if len(found) > entries.PAGE else "",
        "first": wanted.from_("") if wanted.after else None,
        "guarded": audit_seals.is_guarded(),
        "seal": audit_seals.newest(access.network),
        "verdict": audit_seals.check(access.network) if request.GET.get("check") else None,
    }
    return page(request, access, "dashboard/audit/audit.html", context)


@require_safe
@auditor
def export(request: HttpRequest, access: Access) -> HttpResponseBase:
    """All that the filter names, streamed: NDJSON, or CSV for spreadsheets."""
    kind = request.GET.get("format", "ndjson")
    if kind not in file_exports.CONTENT_TYPES:
        return HttpResponse("format: ndjson or csv", status=422, content_type="text/plain")
    read = partial(_exported, access.network, AuditFilter.read(request.GET.dict()))
    name = ("audit", access.network.slug, f"{clock.wall():%Y%m%d-%H%M%S}")
    return file_rows.answer(request, access, kind, COLUMNS, read, *name)


def _exported(network: Network, wanted: AuditFilter, after: str) -> tuple[list[dict[str, Any]], str]:
    found = list(entries.find(network, replace(wanted, after=after))[:EXPORTED_AT_ONCE])
    rows = [
        {**{name: getattr(entry, name) for name in COLUMNS}, "at": clock.iso(entry.at)} for entry in found
    ]
    return rows, str(found[-1].pk) if len(found) == EXPORTED_AT_ONCE else ""
