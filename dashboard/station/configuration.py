"""The configuration of a station: its variables, how they differ from templates, changing several at once.

What somebody types is staged in the form: it is looked over before it is sent, and sent as one command.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, page, requires, viewer
from dashboard.addresses import client_address
from dashboard.commands import command_forms
from dashboard.commands.command_lives import Life
from dashboard.station import settings_table, station_page, tabs
from dashboard.station.settings_table import Setting
from emobi.core import ulid
from emobi.core.errors import Refused
from stations.commands import catalogue
from stations.models import Command
from stations.services.commanding import commands

ENTRY = catalogue.entry("set_config")
# What fills the table, by what it asks for.
REFRESHES = ("get_config", "get_base_report", "get_report")


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def configuration(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab. A search, or the next page, is posted with what is staged, so that it stays."""
    station, context = station_page.read(access, identity, tabs.CONFIGURATION)
    if request.method == "POST" and not may_set(access):
        raise PermissionDenied(f"Settings are changed with the role {ENTRY.role.value}.")
    asked = _filled(request.POST if "q" in request.POST else request.GET)
    q, show, after = asked.get("q", "")[:100], asked.get("show", ""), asked.get("after", "")
    offset = int(after) if after.isascii() and after.isdecimal() and len(after) < 7 else None
    staged = settings_table.of_fields(station, _filled(request.POST)) if request.method == "POST" else []
    table = settings_table.read(station, q=q, show=show, after=offset, staged=staged)
    here = {setting.field for setting in table.settings}
    context |= {
        "table": table,
        "elsewhere": [setting for setting in staged if setting.field not in here],
        "q": q,
        "show": show,
        "shows": settings_table.SHOWS,
        "narrowed": bool(q or show),
        "may_set": may_set(access),
        **_last(context["now"].lives),
    }
    answer = page(request, access, "dashboard/station/configuration.html", context)
    if request.method == "POST":
        narrowed = urlencode(
            {name: text for name, text in (("q", q), ("show", show), ("after", after)) if text}
        )
        answer["HX-Push-Url"] = f"{request.path}?{narrowed}" if narrowed else request.path
    return answer


@require_POST
@requires(ENTRY.role)
def review(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The changes that were typed, each with what it is now; nothing is sent yet."""
    station, context = station_page.read(access, identity, tabs.CONFIGURATION)
    settings = settings_table.of_fields(station, _filled(request.POST))
    if not settings:
        messages.info(request, "Nothing is changed.")
        return redirect(tabs.address(station, tabs.CONFIGURATION))
    return _review(request, access, context, settings, {})


@require_POST
@requires(ENTRY.role)
def apply(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Ask the station for all of them, as one command."""
    station, context = station_page.read(access, identity, tabs.CONFIGURATION)
    filled = _filled(request.POST)
    settings = settings_table.of_fields(station, filled)
    try:
        commands.request(
            access.network,
            station,
            ENTRY.command,
            settings_table.params(settings),
            requested_by=access.actor,
            role=access.role,
            **command_forms.waiting(filled),
            idempotency_key=filled.get("idempotency_key") or None,
            address=client_address(request),
            reason=filled.get("reason", "").strip()[: command_forms.LONGEST_REASON],
        )
    except Refused as refusal:
        return _review(request, access, context, settings, filled, refusal)
    count = len(settings)
    messages.success(request, f"{count} change{'s are' if count > 1 else ' is'} queued.")
    return redirect(tabs.address(station, tabs.CONFIGURATION) + "#last-change")


def may_set(access: Access) -> bool:
    """Whether somebody may change settings."""
    return access.role.includes(ENTRY.role)


def _review(
    request: HttpRequest,
    access: Access,
    context: Mapping[str, Any],
    settings: Sequence[Setting],
    filled: Mapping[str, str],
    refusal: Refused | None = None,
) -> HttpResponse:
    wrong = refusal is not None or any(setting.error for setting in settings)
    more = {
        "settings": settings,
        "refusal": refusal,
        "waits": command_forms.WAITS,
        "wait_s": command_forms.wait_s(filled),
        "reason": filled.get("reason", ""),
        "idempotency_key": ulid.new(),
        "effect": ENTRY.effect,
    }
    template = "dashboard/station/configuration_review.html"
    return page(request, access, template, {**context, **more}, status=422 if wrong else 200)


def _last(lives: Sequence[Life]) -> dict[str, Any]:
    """The newest change, and how far the newest refresh has come, if it was lately."""
    change = next((life for life in lives if life.command.name == ENTRY.command), None)
    refresh = next((life for life in lives if life.command.name in REFRESHES), None)
    return {"change": change, "answers": _answers(change.command) if change else [], "refresh": refresh}


def _answers(change: Command) -> list[dict[str, str]]:
    """What was said of each setting."""
    detail = (change.outcome or {}).get("detail") or {}
    return [
        {
            "name": each.get("key") or f"{each.get('component', '')}.{each.get('variable', '')}",
            "status": str(each.get("status", "")),
        }
        for each in detail.get("variables") or []
    ]


def _filled(sent: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(text).replace("\0", "") for name, text in sent.items()}
