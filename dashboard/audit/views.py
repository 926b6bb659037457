"""Who did what, to read and to take along."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from dashboard.access import Access, auditor, page
from dashboard.audit import entries
from dashboard.audit.entries import AuditFilter
from dashboard.saved_views.defaults import opens_by_default
from emobi.core import clock
from emobi.core.models import AuditEntry
from emobi.core.services import audit_seals

COLUMNS = ("at", "actor", "action", "target", "detail", "address", "request_id")
TYPES = {"ndjson": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
# What a spreadsheet would take for a formula.
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


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
    if kind not in TYPES:
        return HttpResponse("format: ndjson or csv", status=422, content_type="text/plain")
    wanted = replace(AuditFilter.read(request.GET.dict()), after="")
    found = entries.find(access.network, wanted).iterator(chunk_size=500)
    lines = _ndjson(found) if kind == "ndjson" else _csv(found)
    name = f"audit-{access.network.slug}-{clock.wall():%Y%m%d-%H%M%S}.{kind}"
    response = StreamingHttpResponse(lines, content_type=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _ndjson(found: Iterator[AuditEntry]) -> Iterator[bytes]:
    for entry in found:
        yield orjson.dumps(_values(entry), option=orjson.OPT_APPEND_NEWLINE)


def _csv(found: Iterator[AuditEntry]) -> Iterator[str]:
    yield _row(COLUMNS)
    for entry in found:
        values = _values(entry)
        yield _row([_cell(values[name]) for name in COLUMNS])


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {**{name: getattr(entry, name) for name in COLUMNS}, "at": clock.iso(entry.at)}


def _cell(value: object) -> str:
    text = orjson.dumps(value).decode() if isinstance(value, dict) else "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _row(cells: Any) -> str:  # noqa: ANN401 - whatever csv takes
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
