"""Sending commands: a form each, in a dialog or on a page of its own.

Rows are added and taken away by the server, so that a form works without JavaScript too; so does its JSON.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page
from dashboard.addresses import client_address
from dashboard.commands import (
    answers,
    command_forms,
    command_lives,
    command_words,
    filled_params,
    reservation_conflicts,
)
from dashboard.commands.command_fields import Asked
from dashboard.commands.filled_params import Untellable
from dashboard.found import or_404
from dashboard.station import station_page, tabs
from dashboard.station.station_page import Now
from emobi.core import ulid
from emobi.core.errors import Refused
from stations import masking
from stations.commands import catalogue
from stations.commands.entry import Entry
from stations.services.commanding import commands
from stations.services.device_model import configuration_templates

PAGE = "dashboard/commands/command.html"
FRAGMENT = "dashboard/commands/_form.html"

# What the form's buttons ask for, other than to be sent.
BUTTONS = ("add", "remove", "view")
# What templates of configuration are made of, and how many are offered.
SETS = "set_config"
MOST_TEMPLATES = 10
TELLS_ALL = "Some of this has no field here: it is shown as JSON."


@require_safe
@operator
def command_form(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """The form on a page of its own, filled in as the query, the command ``again`` or a ``template`` says."""
    return _empty(request, access, identity, name, PAGE)


@require_safe
@operator
def command_form_fragment(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """The form alone, for the dialog."""
    return _empty(request, access, identity, name, FRAGMENT)


@require_POST
@operator
def send_command(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """Queue the command, or arrange its form. The form's key makes a second click the same command."""
    now, entry = _now(access, identity), _entry(name)
    filled = _filled(request.POST)
    in_dialog = request.headers.get("HX-Request") == "true"
    template = FRAGMENT if in_dialog else PAGE
    if any(button in filled for button in BUTTONS):
        return _arranged(request, access, now, entry, filled, template)
    try:
        commands.request(
            access.network,
            now.station,
            name,
            command_forms.params(entry, now.station, filled),
            requested_by=access.actor,
            role=access.role,
            **command_forms.waiting(filled),
            idempotency_key=filled.get("idempotency_key") or None,
            address=client_address(request),
            reason=command_forms.reason(entry, filled),
        )
    except Refused as refusal:
        return _form(request, access, now, entry, template, filled, refusal=refusal)
    if in_dialog:
        return HttpResponse(status=204, headers={"HX-Trigger": "commandqueued"})
    messages.success(request, f"{command_words.title(name)} is queued.")
    return redirect(tabs.address(now.station, tabs.COMMANDS) + "#lives")


@require_POST
@operator
def cancel_command(request: HttpRequest, access: Access, identity: str, command_id: str) -> HttpResponse:
    """Take back a command that wasn't sent yet."""
    now = _now(access, identity)
    command = or_404(commands.get, access.network, command_id)
    if command.station_id != now.station.pk:
        raise Http404("There is no such command.")
    try:
        taken_back = commands.cancel(
            command, by=access.actor, role=access.role, address=client_address(request)
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        told = "is cancelled." if taken_back else "was sent already: it is too late."
        messages.info(request, f"{command_words.title(command.name)} {told}")
    return redirect(tabs.address(now.station, tabs.COMMANDS))


def _empty(request: HttpRequest, access: Access, identity: str, name: str, template: str) -> HttpResponse:
    now, entry = _now(access, identity), _entry(name)
    filled = _filled(request.GET)
    again, template_id = filled.pop("again", ""), filled.pop("template", "")
    if template_id and name == SETS:
        held = or_404(configuration_templates.get, access.network, template_id[:26])
        return _as_fields(request, access, now, entry, template, {"variables": held.variables}, {})
    if not again:
        return _form(request, access, now, entry, template, filled)
    command = or_404(commands.get, access.network, again[:26])
    if command.name != name:
        raise Http404("That was another command.")
    params = masking.without_masked(command.shown_params)
    for number in commands.NUMBERS:
        params.pop(number, None) if number != "reservation_id" else None
    return _as_fields(request, access, now, entry, template, params, {})


def _arranged(
    request: HttpRequest,
    access: Access,
    now: Now,
    entry: Entry,
    filled: dict[str, str],
    template: str,
) -> HttpResponse:
    """The form as one of its buttons wants it."""
    add, remove, view = (filled.pop(button, "") for button in BUTTONS)
    try:
        if view == "json":
            found = command_forms.params(entry, now.station, filled)
            return _form(
                request, access, now, entry, template, filled | {"json": command_forms.to_json(found)}
            )
        if view == "fields":
            found = command_forms.from_json(filled.pop("json", "{}"))
            return _as_fields(request, access, now, entry, template, found, filled)
    except Refused as refusal:
        return _form(request, access, now, entry, template, filled, refusal=refusal)
    if add:
        filled = answers.added(filled, add)
    if remove:
        filled = answers.removed(filled, remove)
    return _form(request, access, now, entry, template, filled, focus=add)


def _as_fields(
    request: HttpRequest,
    access: Access,
    now: Now,
    entry: Entry,
    template: str,
    params: Mapping[str, Any],
    kept: Mapping[str, str],
) -> HttpResponse:
    try:
        told = filled_params.write(entry.command, now.station.ocpp_version, params)
    except Untellable:
        filled = {"json": command_forms.to_json(params)}
        return _form(request, access, now, entry, template, filled, note=TELLS_ALL)
    own = {name: kept[name] for name in ("reason", "expires_in_s") if name in kept}
    return _form(request, access, now, entry, template, told | own)


def _form(
    request: HttpRequest,
    access: Access,
    now: Now,
    entry: Entry,
    template: str,
    filled: Mapping[str, str],
    *,
    refusal: Refused | None = None,
    note: str = "",
    focus: str = "",
) -> HttpResponse:
    reserves = entry.command == reservation_conflicts.COMMAND
    asked = Asked(
        station=now.station,
        running=now.running,
        reserved=reservation_conflicts.standing(now.station, filled) if reserves else (),
        filled=filled,
        refusal=refusal,
    )
    context = {
        "form": command_forms.form(entry, asked, json_text=filled.get("json"), note=note),
        "station": now.station,
        "lately": command_lives.lately(now.station, entry.command),
        "templates": configuration_templates.of_station(now.station)[:MOST_TEMPLATES]
        if entry.command == SETS
        else [],
        "waits": command_forms.WAITS,
        "wait_s": command_forms.wait_s(filled),
        "reason": filled.get("reason", ""),
        "idempotency_key": ulid.new(),
        "focus": focus,
        "section": "stations",
    }
    return page(request, access, template, context, status=422 if refusal else 200)


def _filled(sent: QueryDict) -> dict[str, str]:
    """What was filled in, several of a name as lines, without what PostgreSQL can't keep."""
    return {
        name: "\n".join(map(str, texts)).replace("\0", "").replace("\r\n", "\n")
        for name, texts in sent.lists()
    }


def _now(access: Access, identity: str) -> Now:
    return station_page.find(access, identity)


def _entry(name: str) -> Entry:
    if name not in command_words.WORDS:
        raise Http404(f"There is no form for {name}.")
    return catalogue.entry(name)
