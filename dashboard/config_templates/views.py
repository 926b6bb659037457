"""Templates of configuration: what stations are to be set to, which differ, and setting them right."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import Access, engineer, page, viewer
from dashboard.addresses import client_address
from dashboard.commands import answers, command_fields, filled_params
from dashboard.commands.command_fields import Asked
from dashboard.config_templates import standing
from dashboard.found import or_404
from emobi.core.errors import Invalid, Refused
from stations.commands import catalogue
from stations.models import ConfigurationTemplate, Station
from stations.services.device_model import configuration_templates

# What a template holds is what this command sends.
ENTRY = catalogue.entry("set_config")
TAB = {"section": "settings", "tab": "templates"}


@require_safe
@viewer
def template_list(request: HttpRequest, access: Access) -> HttpResponse:
    """All of them."""
    context = {**TAB, "templates": standing.listed(access.network)}
    return page(request, access, "dashboard/config_templates/list.html", context)


@require_safe
@viewer
def template(request: HttpRequest, access: Access, template_id: str) -> HttpResponse:
    """One: what it holds, and how the stations stand to it."""
    found = or_404(configuration_templates.get, access.network, template_id)
    after = request.GET.get("after", "")
    number = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
    rows, following = standing.page(found, number)
    context = {**TAB, "template": found, "rows": rows, "next": following, "begun": number is not None}
    return page(request, access, "dashboard/config_templates/template.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@engineer
def edit(request: HttpRequest, access: Access, template_id: str = "") -> HttpResponse:
    """The form of a new one, or of one that there is; rows come and go by the form's own buttons."""
    found = or_404(configuration_templates.get, access.network, template_id) if template_id else None
    if request.method != "POST":
        return _form(request, access, found, _as_filled(found))
    filled = {name: str(text).replace("\0", "") for name, text in request.POST.dict().items()}
    add, remove = filled.pop("add", ""), filled.pop("remove", "")
    if add:
        return _form(request, access, found, answers.added(filled, add))
    if remove:
        return _form(request, access, found, answers.removed(filled, remove))
    who: dict[str, Any] = {"by": access.actor, "address": client_address(request)}
    try:
        given = _given(filled)
        if found is None:
            found = configuration_templates.create(access.network, **given, **who)
        else:
            configuration_templates.change(found, given, **who)
    except Refused as refusal:
        return _form(request, access, found, filled, refusal)
    messages.success(request, f"{found.name} is kept. No station was changed by that.")
    return redirect("dashboard:config-template", found.pk)


@require_POST
@engineer
def delete(request: HttpRequest, access: Access, template_id: str) -> HttpResponse:
    """Forget one; stations stay as they are."""
    found = or_404(configuration_templates.get, access.network, template_id)
    configuration_templates.delete(found, by=access.actor, address=client_address(request))
    messages.success(request, f"{found.name} is deleted. Stations stay as they are.")
    return redirect("dashboard:config-templates")


def _given(filled: Mapping[str, str]) -> dict[str, Any]:
    """What the form says, as the service takes it.

    Raises:
        Invalid: If it can't be read, or is longer than what is kept.
    """
    names = {name: filled.get(name, "").strip() for name in ("name", "vendor", "model")}
    for name, most in (("name", 120), ("vendor", 255), ("model", 255)):
        if len(names[name]) > most:
            raise Invalid(f"At most {most} characters.", name)
    variables = filled_params.read(ENTRY.command, "", filled).get("variables") or []
    return {**names, "variables": variables}


def _as_filled(found: ConfigurationTemplate | None) -> dict[str, str]:
    if found is None:
        return answers.added({}, "variables.0")
    held = filled_params.write(ENTRY.command, "", {"variables": found.variables})
    return {"name": found.name, "vendor": found.vendor, "model": found.model, **held}


def _form(
    request: HttpRequest,
    access: Access,
    found: ConfigurationTemplate | None,
    filled: Mapping[str, str],
    refusal: Refused | None = None,
) -> HttpResponse:
    fields = command_fields.of(ENTRY, Asked(station=Station(), filled=filled, refusal=refusal))
    context = {
        **TAB,
        "template": found,
        "filled": filled,
        "fields": fields,
        "refusal": "" if command_fields.blamed(fields) else refusal,
    }
    template_name = "dashboard/config_templates/edit.html"
    return page(request, access, template_name, context, status=422 if refusal else 200)
