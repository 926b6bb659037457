"""The local list of a station: what it has, what our tokens would make of it, and the difference."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from emobi.core import clock
from sessions.models import IdToken, LocalList
from sessions.services import local_lists
from stations.models import Station

# More can't be looked through on a page, and aren't compared there.
MOST = 2000
SHOWN = 200


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A token that isn't there as it is here; None: it isn't."""

    id_token: str
    there: str | None
    here: str | None


@require_safe
@viewer
def local_list(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.LOCAL_LIST)
    copy = LocalList.objects.filter(station=station).first()
    tokens = list(IdToken.objects.filter(network=station.network_id)[: MOST + 1])
    differences = list(_differences(station, copy, tokens)) if len(tokens) <= MOST else None
    context |= {
        "copy": copy,
        "entries": copy.entries[:SHOWN] if copy else [],
        "more_entries": max(0, len(copy.entries) - SHOWN) if copy else 0,
        "differences": differences and differences[:SHOWN],
        "compared": differences is not None,
        "most": MOST,
    }
    return page(request, access, "dashboard/station/local_list.html", context)


def _differences(station: Station, copy: LocalList | None, tokens: list[IdToken]) -> Iterator[Difference]:
    there = {str(each["id_token"]).casefold(): each for each in (copy.entries if copy else ())}
    here = {
        entry.id_token.casefold(): entry
        for token in tokens
        if (entry := local_lists.entry_of(station, token)) is not None
    }
    for key, entry in here.items():
        told = there.get(key)
        wanted = _words(str(entry.status), entry.expires_at, entry.group_id_token)
        found = None if told is None else _words_of(told)
        if found != wanted:
            yield Difference(id_token=entry.id_token, there=found, here=wanted)
    for key, each in there.items():
        if key not in here:
            yield Difference(id_token=str(each["id_token"]), there=_words_of(each), here=None)


def _words_of(entry: Mapping[str, Any]) -> str:
    expires_at = entry.get("expires_at")
    moment = datetime.fromisoformat(expires_at) if expires_at else None
    return _words(str(entry.get("status") or "Accepted"), moment, entry.get("group_id_token"))


def _words(status: str, expires_at: datetime | None, group: str | None) -> str:
    parts = [
        status,
        f"until {clock.iso(expires_at)}" if expires_at else "",
        f"group {group}" if group else "",
    ]
    return ", ".join(part for part in parts if part)
