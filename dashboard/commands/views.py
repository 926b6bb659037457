"""Sending commands: a form each, in a dialog or on a page of its own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, operator, page
from dashboard.addresses import client_address
from dashboard.commands import command_forms, command_words
from dashboard.commands.command_fields import Asked
from dashboard.found import or_404
from dashboard.station import station_page
from dashboard.station.station_page import Now
from emobi.core import ulid
from emobi.core.errors import Refused
from stations.commands import catalogue
from stations.commands.entry import Entry
from stations.services.commanding import commands

PAGE = "dashboard/stations/command.html"
FRAGMENT = "dashboard/stations/_command_form.html"


@require_safe
@operator
def command_form(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """The form on a page of its own."""
    return _form(request, access, _now(access, identity), _entry(name), PAGE)


@require_safe
@operator
def command_form_fragment(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """The form alone, for the dialog."""
    return _form(
        request, access, _now(access, identity), _entry(name), "dashboard/stations/_command_form.html"
    )


@require_POST
@operator
def send_command(request: HttpRequest, access: Access, identity: str, name: str) -> HttpResponse:
    """Queue the command. The form's key makes a second click the same command."""
    now, entry = _now(access, identity), _entry(name)
    filled = _filled(request.POST)
    in_dialog = request.headers.get("HX-Request") == "true"
    try:
        commands.request(
            access.network,
            now.station,
            name,
            command_forms.params(entry, now.station, filled),
            requested_by=access.actor,
            role=access.role,
            expires_in_s=command_forms.wait_s(filled),
            idempotency_key=filled.get("idempotency_key") or None,
            address=client_address(request),
        )
    except Refused as refusal:
        return _form(request, access, now, entry, FRAGMENT if in_dialog else PAGE, refusal)
    if in_dialog:
        return HttpResponse(status=204, headers={"HX-Trigger": "commandqueued"})
    messages.success(request, f"{command_words.title(name)} is queued.")
    return redirect(reverse("dashboard:station", args=[now.station.identity]) + "#commands")


def _form(
    request: HttpRequest,
    access: Access,
    now: Now,
    entry: Entry,
    template: str,
    refusal: Refused | None = None,
) -> HttpResponse:
    asked = Asked(
        station=now.station,
        running=now.running,
        filled=_filled(request.POST if refusal else request.GET),
        refusal=refusal,
    )
    context = {
        "form": command_forms.form(entry, asked),
        "station": now.station,
        "waits": command_forms.WAITS,
        "idempotency_key": ulid.new(),
        "section": "stations",
    }
    return page(request, access, template, context, status=422 if refusal else 200)


def _filled(sent: QueryDict) -> dict[str, str]:
    """What was filled in, without what PostgreSQL can't keep."""
    return {name: str(text).replace("\0", "") for name, text in sent.dict().items()}


def _now(access: Access, identity: str) -> Now:
    return or_404(station_page.now, access.network, identity)


def _entry(name: str) -> Entry:
    if name not in command_words.WORDS:
        raise Http404(f"There is no form for {name}.")
    return catalogue.entry(name)
