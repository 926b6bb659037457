"""Doing something with many stations: what, to whom, how fast; then how far it has come."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard import file_exports
from dashboard.access import Access, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.bulk import actions, progress, selection
from dashboard.bulk.selection import Selection
from dashboard.commands import answers, command_forms, command_words, filled_params
from dashboard.commands.command_fields import Asked
from dashboard.commands.filled_params import Untellable
from dashboard.found import or_404
from dashboard.stations import exports
from emobi.core import ulid
from emobi.core.errors import Invalid, Refused
from sessions import selectors as charging
from stations.commands import catalogue
from stations.models import BulkCommand, CommandState, Station
from stations.services.commanding import bulk_commands
from stations.services.device_model import configuration_templates

# The command that a template of configuration comes to, and how many templates are offered.
SETS = "set_config"
MOST_TEMPLATES = 50

PACES = (("1", "1 a second"), ("5", "5 a second"), ("20", "20 a second"), ("50", "50 a second"))
STOPS = (
    ("", "Never"),
    ("0.5", "When half have failed"),
    ("0.2", "When a fifth has failed"),
    ("0", "At the first failure"),
)


@require_http_methods(["GET", "HEAD", "POST"])
@operator
def choose(request: HttpRequest, access: Access) -> HttpResponse:
    """What to do with those that were selected; with an action, its form and what will come of it.

    Whoever opens its address again has selected nothing.
    """
    return _form(request, access) if request.method == "POST" else redirect("dashboard:stations")


@require_POST
@operator
def export(request: HttpRequest, access: Access, kind: str) -> HttpResponseBase:
    """Those that were selected, as the list's file."""
    chosen = Selection.read(request.POST)
    if chosen.is_empty:
        return _form(request, access)
    chunks = exports.chunks(access.network, chosen.filter, kind, chosen.picked)
    filters = {"query": chosen.query, "picked": len(chosen.picked)}
    return file_exports.answer(request, access.taker, kind, chunks, "stations", filters=filters)


@require_POST
@operator
def start(request: HttpRequest, access: Access) -> HttpResponse:
    """Begin. What wasn't confirmed or can't be read comes back with the form."""
    chosen, action = Selection.read(request.POST), request.POST.get("action", "")
    if chosen.is_empty or "add" in request.POST or "remove" in request.POST:
        return _form(request, access)  # one of the form's own buttons: another row, or one less
    stations = chosen.stations(access.network)
    total = stations.count()
    try:
        if not actions.confirmed(total, request.POST.get("typed", ""), risky=_risky(action)):
            raise Invalid(f"Type {total} to confirm.", "typed")
        if actions.is_command(action):
            if command_forms.waiting(_filled(request))["only_now"]:
                stations = _there(stations)
            return redirect("dashboard:bulk-command", _request(request, access, action, list(stations)).pk)
        if total > actions.MOST_CHANGED:
            raise Invalid(f"At most {actions.MOST_CHANGED} stations at once; narrow the list.")
        value = request.POST.get("value", "").strip().replace("\0", "")
        changed = actions.change(stations, action, value, by=access.actor, address=client_address(request))
    except Refused as refusal:
        return _form(request, access, refusal)
    messages.success(request, f"{changed} of {total} stations were changed.")
    return redirect(reverse("dashboard:stations") + chosen.filter.query)


def _there(stations: QuerySet[Station]) -> QuerySet[Station]:
    """Those of them that are connected now.

    Raises:
        Invalid: If none is.
    """
    there = stations.filter(connection__isnull=False, connection__closed_at=None)
    if not there.exists():
        raise Invalid("None of them is connected now: nothing was asked.", "expires_in_s")
    return there


def _request(request: HttpRequest, access: Access, action: str, stations: list[Station]) -> BulkCommand:
    filled = _filled(request)
    params = command_forms.params(catalogue.entry(action), _example(stations), filled)
    rate = filled.get("stop_at", "")
    return bulk_commands.request(
        access.network,
        stations,
        action,
        params,
        requested_by=access.actor,
        role=access.role,
        per_second=float(filled["pace"]) if filled.get("pace") in dict(PACES) else 5.0,
        stop_at_failure_rate=float(rate) if rate and rate in dict(STOPS) else None,
        expires_in_s=command_forms.waiting(filled)["expires_in_s"],
        idempotency_key=filled.get("idempotency_key") or None,
        asked={"command": action, "params": params, "stations": [station.identity for station in stations]},
        address=client_address(request),
        reason=command_forms.reason(catalogue.entry(action), filled),
    )


def _form(request: HttpRequest, access: Access, refusal: Refused | None = None) -> HttpResponse:
    chosen, (action, params) = Selection.read(request.POST), _wanted(request, access)
    if chosen.is_empty:
        return _unchosen(request, access)
    filled = _filled(request)
    stations = chosen.stations(access.network)
    context: dict[str, Any] = {
        "section": "stations",
        "chosen": chosen,
        "action": action,
        "value": request.POST.get("value", ""),
        "typed_from": actions.TYPED_FROM,
        "refusal": str(refusal) if refusal else "",
        "total": stations.count(),
    }
    if actions.is_command(action):
        entry = catalogue.entry(action)
        some = list(stations.prefetch_related("connectors")[:50])
        if some:
            example = _example(some)
            filled |= _told(example, params) if params else {}
            asked = Asked(station=example, filled=filled, refusal=refusal)
            form = command_forms.form(entry, asked, json_text=filled.get("json"))
            context |= {"form": form, "paces": PACES, "stops": STOPS}
        running = charging.running_at(stations) if command_forms.ends_sessions(entry) else 0
        context |= {
            "eligible": selection.eligibility(stations, entry.versions),
            "effect": command_forms.effect(entry, running),
            "waits": command_forms.WAITS,
            "wait_s": command_forms.wait_s(filled),
            "pace": filled.get("pace", "5"),
            "stop_at": filled.get("stop_at", "0.5"),
            "reason": filled.get("reason", ""),
            "idempotency_key": ulid.new(),
        }
    elif action in actions.CHANGES:
        context["change"] = actions.CHANGES[action]
    else:
        context["groups"] = actions.offered(access.role)
        if access.may_engineer:
            context["templates"] = configuration_templates.of_network(access.network)[:MOST_TEMPLATES]
        context["may_update"] = access.role.includes(catalogue.entry("update_firmware").role)
        context["names"] = list(stations.values_list("identity", flat=True)[:20])
    context["typed"] = context["total"] > actions.TYPED_FROM or _risky(action)
    return page(request, access, "dashboard/bulk/new.html", context, status=422 if refusal else 200)


def _unchosen(request: HttpRequest, access: Access) -> HttpResponse:
    """Says that nothing was picked, and leads to where that is done."""
    kind, _, template_id = request.POST.get("action", "").partition(":")
    back = ""
    if kind == "template":
        template = or_404(configuration_templates.get, access.network, template_id)
        back = reverse("dashboard:config-template", args=[template.pk])
    context = {"section": "stations", "total": 0, "unchosen": selection.NOTHING_CHOSEN, "back": back}
    return page(request, access, "dashboard/bulk/new.html", context, status=422)


def _example(stations: list[Station]) -> Station:
    """One whose form is shown: where they speak several versions, one that speaks none in particular."""
    first = stations[0]
    if len({station.ocpp_version for station in stations}) > 1:
        first.ocpp_version = ""
    return first


def _wanted(request: HttpRequest, access: Access) -> tuple[str, dict[str, Any]]:
    """What is to be done, and with which params, where a template is to be applied."""
    action = request.POST.get("action", "")
    kind, _, template_id = action.partition(":")
    if kind != "template":
        return action, {}
    template = or_404(configuration_templates.get, access.network, template_id)
    return SETS, {"variables": template.variables}


def _told(station: Station, params: dict[str, Any]) -> dict[str, str]:
    """Params as the form is filled in: as JSON where its fields can't tell them."""
    try:
        return filled_params.write(SETS, station.ocpp_version, params)
    except Untellable:
        return {"json": command_forms.to_json(params)}


def _risky(action: str) -> bool:
    return actions.is_command(action) and command_words.WORDS[action].risky


def _filled(request: HttpRequest) -> dict[str, str]:
    """What was filled in, with a row more or less where one of the form's buttons wants it so."""
    filled = {name: str(text).replace("\0", "") for name, text in request.POST.dict().items()}
    add, remove = filled.pop("add", ""), filled.pop("remove", "")
    if add:
        filled = answers.added(filled, add)
    return answers.removed(filled, remove) if remove else filled


@require_safe
@viewer
def bulk_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The last ones."""
    context = {"section": "stations", "all": progress.newest(access.network)}
    return page(request, access, "dashboard/bulk/list.html", context)


@require_safe
@viewer
def bulk(request: HttpRequest, access: Access, bulk_id: str) -> HttpResponse:
    """One, and how far it has come."""
    return page(request, access, "dashboard/bulk/bulk.html", _shown(request, access, bulk_id))


@require_safe
@viewer
def bulk_fragment(request: HttpRequest, access: Access, bulk_id: str) -> HttpResponse:
    """How far it has come."""
    return page(request, access, "dashboard/bulk/_progress.html", _shown(request, access, bulk_id))


@require_safe
@viewer
def results(request: HttpRequest, access: Access, bulk_id: str) -> StreamingHttpResponse:
    """What came of each station, as a file."""
    found = or_404(bulk_commands.get, access.network, bulk_id)
    return file_exports.answer(request, access.taker, "csv", progress.chunks(found), "bulk", found.pk)


@require_POST
@operator
def steer(request: HttpRequest, access: Access, bulk_id: str, what: str) -> HttpResponse:
    """Pause it, let it go on, or take it back."""
    steps = {"pause": bulk_commands.pause, "resume": bulk_commands.resume, "cancel": bulk_commands.cancel}
    if what not in steps:
        raise Http404("There is no such step.")
    found = or_404(bulk_commands.get, access.network, bulk_id)
    try:
        if not steps[what](found, by=access.actor, role=access.role, address=client_address(request)):
            messages.warning(request, "It was over, or so already.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("dashboard:bulk-command", found.pk)


def _shown(request: HttpRequest, access: Access, bulk_id: str) -> dict[str, Any]:
    found = or_404(bulk_commands.get, access.network, bulk_id)
    state, after = request.GET.get("state", ""), request.GET.get("after", "")
    known = {*(each.value for each in CommandState), bulk_commands.REFUSED, bulk_commands.WAITING}
    state = state if state in known else ""
    position = int(after) if after.isascii() and after.isdigit() and len(after) < 9 else None
    rows = progress.rows(found, state=state, after=position)
    shown = rows[: progress.PAGE]
    return {
        "section": "stations",
        "progress": progress.of([found])[0],
        "rows": shown,
        "state": state,
        "next": shown[-1].target.position if len(rows) > progress.PAGE else None,
        "query": request.GET.urlencode(),
    }
