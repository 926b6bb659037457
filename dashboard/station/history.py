"""Who did what to a station: its part of the audit log."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import paging, station_page, tabs
from emobi.core.models import AuditEntry

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry, in words."""

    row: AuditEntry

    @property
    def reason(self) -> str:
        return str(self.row.detail.get("reason") or "")

    @property
    def said(self) -> list[str]:
        """Its detail: what was changed from what to what, or what else there is."""
        told = []
        for name, value in self.row.detail.items():
            match value:
                case {"from": before, "to": after}:
                    told.append(f"{name}: {_plain(before)} → {_plain(after)}")
                case _ if name not in ("reason", "command_id"):
                    told.append(f"{name}: {_plain(value)}")
        return told


def _plain(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:200]}…"


@require_safe
@viewer
def history(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.HISTORY)
    found = AuditEntry.objects.filter(network=access.network, target=station.identity).order_by("-pk")
    before = paging.before(request)
    if before is not None:
        found = found.filter(pk__lt=before)
    rows = list(found[: PAGE + 1])
    context |= {
        "entries": [Entry(row=row) for row in rows[:PAGE]],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else "",
    }
    return page(request, access, "dashboard/station/history.html", context)
