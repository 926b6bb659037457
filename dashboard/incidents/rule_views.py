"""Rules that open incidents: what they look out for, changed and held against the last week."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import Access, engineer, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.incidents import incident_words, rule_forms
from emobi.core.errors import Refused
from sessions.services import incident_findings
from stations import incidents
from stations.models import IncidentRule
from stations.services.incidents import back_test as back_tests
from stations.services.incidents import departures, rules
from stations.services.incidents.parameters import PARAMETERS


def rule_list(request: HttpRequest) -> HttpResponseBase:
    """All of them: read by all, added to by engineers."""
    return _add(request) if request.method == "POST" else _show_all(request)


@require_safe
@viewer
def _show_all(request: HttpRequest, access: Access) -> HttpResponse:
    return page(request, access, "dashboard/incidents/rules.html", _listing(access))


@require_POST
@engineer
def _add(request: HttpRequest, access: Access) -> HttpResponse:
    """It begins switched off: what it is only for is said next, and may be tried on the past."""
    try:
        made = rules.create(
            access.network,
            name=request.POST.get("name", "").replace("\0", ""),
            kind=request.POST.get("kind", ""),
            enabled=False,
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        context = _listing(access) | {"refusal": refusal, "said": request.POST}
        return page(request, access, "dashboard/incidents/rules.html", context, status=422)
    messages.success(request, "The rule is made. It is off until you switch it on.")
    return redirect("dashboard:incident-rule", rule_id=made.pk)


def _listing(access: Access) -> dict[str, Any]:
    found = [rule_forms.shown(rule) for rule in incidents.rules(access.network)]
    open_now = incidents.open_by_rule(access.network)
    return {
        "rules": [(each, open_now.get(each.rule.pk, 0)) for each in found],
        "kinds": [(kind.value, incident_words.KINDS[kind]) for kind in PARAMETERS],
        "section": "incidents",
    }


def rule(request: HttpRequest, rule_id: int) -> HttpResponseBase:
    """One of them: read by all, changed by engineers."""
    return _change(request, rule_id) if request.method == "POST" else _show(request, rule_id)


@require_safe
@viewer
def _show(request: HttpRequest, access: Access, rule_id: int) -> HttpResponse:
    found = or_404(rules.of_network, access.network, rule_id)
    return page(request, access, "dashboard/incidents/rule.html", _context(found))


@require_POST
@engineer
def _change(request: HttpRequest, access: Access, rule_id: int) -> HttpResponse:
    found = or_404(rules.of_network, access.network, rule_id)
    try:
        changes = rule_forms.changes(found, request.POST)
        rules.change(found, changes, by=access.actor, address=client_address(request))
    except Refused as refusal:
        context = _context(found, request, refusal)
        return page(request, access, "dashboard/incidents/rule.html", context, status=422)
    messages.success(request, "The rule is changed.")
    return redirect("dashboard:incident-rule", rule_id=rule_id)


@require_POST
@engineer
def delete(request: HttpRequest, access: Access, rule_id: int) -> HttpResponse:
    """Delete one that was added."""
    found = or_404(rules.of_network, access.network, rule_id)
    try:
        departures.delete_rule(found, by=access.actor, address=client_address(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("dashboard:incident-rule", rule_id=rule_id)
    messages.success(request, f"{found.name} is deleted.")
    return redirect("dashboard:incident-rules")


@require_POST
@engineer
def back_test(request: HttpRequest, access: Access, rule_id: int) -> HttpResponse:
    """What the rule would have opened with what stands in the form. Nothing is kept."""
    found = or_404(rules.of_network, access.network, rule_id)
    refusal, result = None, None
    try:
        edited = rules.edited(found, rule_forms.changes(found, request.POST, trial=True))
        result = back_tests.run(edited, incident_findings.FINDERS)
    except Refused as error:
        refusal = error
    tested = {"result": result, "test_refusal": refusal}
    if request.headers.get("HX-Request") == "true":
        status = 422 if refusal else 200
        return page(request, access, "dashboard/incidents/_back_test.html", tested, status=status)
    return page(request, access, "dashboard/incidents/rule.html", _context(found, request) | tested)


def _context(
    found: IncidentRule, request: HttpRequest | None = None, refusal: Refused | None = None
) -> dict[str, Any]:
    said = request.POST if request is not None else None
    return {
        "shown": rule_forms.shown(found),
        "fields": rule_forms.fields(found, said, refusal),
        "refusal": refusal,
        "open": incidents.open_by_rule(found.network).get(found.pk, 0),
        "severities": [(each.value, word.word) for each, word in incident_words.SEVERITIES.items()],
        "section": "incidents",
    }
