"""Endpoints: the list, one of them, and what admins do with them. The services are the API's."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import Access, admin, operator, page, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.webhooks import deliveries, reading
from emobi.core import cloudevents, events
from emobi.core.errors import Conflict, Invalid, Refused
from webhooks import payloads, selectors
from webhooks.models import Endpoint
from webhooks.services import endpoints, trials
from webhooks.services.trials import Trial


@require_safe
@viewer
def endpoint_list(request: HttpRequest, access: Access) -> HttpResponse:
    """The page."""
    found = list(selectors.endpoints(access.network))
    context = {
        "section": "webhooks",
        "rows": reading.doing(found),
        "latency": reading.latency(access.network),
    }
    return page(request, access, "dashboard/webhooks/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def create(request: HttpRequest, access: Access) -> HttpResponse:
    """A new one; its secret is shown this once."""
    if request.method != "POST":
        return _form(request, access, {"types": request.GET.getlist("type")})
    given = _given(request)
    try:
        made = endpoints.create(
            access.network,
            given["url"],
            given["types"],
            given["description"],
            by=access.actor,
            address=client_address(request),
        )
    except Refused as refusal:
        field = refusal.field if isinstance(refusal, Invalid) else ""
        return _form(request, access, {**given, "error": str(refusal), "field": field}, status=422)
    return _endpoint(request, access, made, {"secret": made.secret, "created": True})


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def edit(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """Where it is, what it takes and what it is for. What it missed before isn't told: that is replayed."""
    found = or_404(selectors.endpoint, access.network, webhook_id)
    given: dict[str, Any] = {"url": found.url, "description": found.description, "types": found.types}
    if request.method != "POST":
        return _form(request, access, given, changes=found)
    given = _given(request)
    try:
        endpoints.change(found, **given, by=access.actor, address=client_address(request))
    except Refused as refusal:
        return _form(request, access, {**given, "error": str(refusal)}, status=422, changes=found)
    messages.success(request, "The webhook is changed.")
    return redirect("dashboard:webhook", webhook_id)


def _given(request: HttpRequest) -> dict[str, Any]:
    return {
        "url": request.POST.get("url", "").strip(),
        "description": _line(request.POST.get("description", "")),
        "types": request.POST.getlist("types") or (["*"] if request.POST.get("all") else []),
    }


@require_safe
@viewer
def sample(request: HttpRequest, access: Access) -> HttpResponse:
    """What is posted of one type of events."""
    return page(request, access, "dashboard/webhooks/_sample.html", _sample(request, access))


def _line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:200]


def _form(
    request: HttpRequest,
    access: Access,
    form: dict[str, Any],
    status: int = 200,
    changes: Endpoint | None = None,
) -> HttpResponse:
    context = {
        "section": "webhooks",
        "form": form,
        "nouns": reading.types(),
        "changes": changes,
        **_sample(request, access),
    }
    return page(request, access, "dashboard/webhooks/new.html", context, status=status)


def _sample(request: HttpRequest, access: Access) -> dict[str, Any]:
    kind = request.GET.get("sample", "session.started")
    kind = kind if kind in events.TYPES else "session.started"
    return {"sample": kind, "payload": _payload(access, kind)}


def _payload(access: Access, kind: str) -> str:
    envelope = orjson.loads(payloads.body(payloads.sample(access.network, kind), access.network.slug))
    return json.dumps(envelope, indent=2, ensure_ascii=False)


@require_safe
@viewer
def endpoint(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """One of them, with its deliveries."""
    return _endpoint(request, access, or_404(selectors.endpoint, access.network, webhook_id), {})


def _endpoint(
    request: HttpRequest, access: Access, found: Endpoint, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        "section": "webhooks",
        "doing": reading.doing([found])[0],
        "endpoint": found,
        "rotating_until": endpoints.rotating_until(found),
        "taken": sorted(cloudevents.types(",".join(found.types))),
        "latency": reading.latency(access.network, found),
        "snippets": reading.snippets(),
        **deliveries.listing(request, found),
        **more,
    }
    return page(request, access, "dashboard/webhooks/endpoint.html", context, status=status)


@require_POST
@admin
def change(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """Disable or resume it."""
    found = or_404(selectors.endpoint, access.network, webhook_id)
    on = request.POST.get("enabled") == "1"
    or_404(endpoints.change, found, by=access.actor, address=client_address(request), enabled=on)
    messages.success(request, "It is told again, of everything since." if on else "It is told nothing more.")
    return redirect("dashboard:webhook", webhook_id)


@require_POST
@admin
def rotate(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """A new secret, shown this once. It ends one that was shown to be valid still, and none beside."""
    found = or_404(selectors.endpoint, access.network, webhook_id)
    try:
        made = or_404(
            endpoints.rotate_secret,
            found,
            by=access.actor,
            address=client_address(request),
            may_end=_times(request.POST.getlist("ends")),
        )
    except Conflict as refusal:
        return _endpoint(request, access, found, {"refusal": str(refusal)}, status=422)
    return _endpoint(request, access, made, {"secret": made.secret})


def _times(said: Sequence[str]) -> list[datetime]:
    try:
        return [datetime.fromisoformat(each) for each in said]
    except ValueError:
        return []


@require_POST
@admin
def delete(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """Delete it with its history; its address is typed in before."""
    found = or_404(selectors.endpoint, access.network, webhook_id)
    if request.POST.get("confirm", "").strip() != found.url:
        return _endpoint(request, access, found, {"refusal": "Type its URL to delete it."}, status=422)
    endpoints.delete(found, by=access.actor, address=client_address(request))
    messages.success(request, "The webhook and the history of its deliveries are deleted.")
    return redirect("dashboard:webhooks")


@require_POST
@operator
def test(request: HttpRequest, access: Access, webhook_id: str) -> HttpResponse:
    """Send a sample, and show what was sent and what came back."""
    found = or_404(selectors.endpoint, access.network, webhook_id)
    try:
        trial = trials.send(
            found, request.POST.get("type") or None, by=access.actor, address=client_address(request)
        )
    except Invalid as refusal:
        return _endpoint(request, access, found, {"refusal": str(refusal)}, status=422)
    return _endpoint(request, access, found, {"trial": _told(trial)})


def _told(trial: Trial) -> dict[str, Any]:
    result = trial.result
    return {
        "ok": result.ok,
        "said": result.error or f"HTTP {result.status}",
        "duration_ms": result.duration_ms,
        "request_headers": {"content-type": cloudevents.CONTENT_TYPE, **trial.headers}.items(),
        "request_body": json.dumps(orjson.loads(trial.message.body), indent=2, ensure_ascii=False),
        "response_headers": result.headers.items(),
        "response_body": result.body,
    }
