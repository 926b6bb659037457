"""Notification routes and the newest letters. The services are the API's."""

from collections.abc import Mapping
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, admin, page
from dashboard.addresses import client_address
from dashboard.found import or_404
from emobi.core.errors import Invalid, Refused
from stations.models import Channel, IncidentKind, Letter, NotificationRoute, Severity
from stations.services.notifications import letters, routes, telling

MOST_LETTERS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def notifications(request: HttpRequest, access: Access) -> HttpResponse:
    """The page, and a new route."""
    if request.method != "POST":
        return _page(request, access, None)
    try:
        made = routes.create(
            access.network, _given(request), by=access.actor, address=client_address(request)
        )
    except Refused as refusal:
        return _page(request, access, None, refusal)
    messages.success(request, f"{made.name} is told from now on.")
    return redirect("dashboard:notifications")


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def route(request: HttpRequest, access: Access, route_id: str) -> HttpResponse:
    """The same with a route that is to be changed."""
    found = or_404(routes.find, access.network, route_id)
    if request.method != "POST":
        return _page(request, access, found)
    try:
        routes.change(found, _given(request), by=access.actor, address=client_address(request))
    except Refused as refusal:
        return _page(request, access, found, refusal)
    messages.success(request, "Changed.")
    return redirect("dashboard:notifications")


@require_POST
@admin
def switch(request: HttpRequest, access: Access, route_id: str) -> HttpResponse:
    """Switch a route on or off."""
    found = or_404(routes.find, access.network, route_id)
    on = {"enabled": request.POST.get("enabled") == "1"}
    routes.change(found, on, by=access.actor, address=client_address(request))
    return redirect("dashboard:notifications")


@require_POST
@admin
def test(request: HttpRequest, access: Access, route_id: str) -> HttpResponse:
    """Tell a route's recipients that it works."""
    telling.try_out(or_404(routes.find, access.network, route_id), by=access.actor)
    messages.success(request, "On its way; below stands what becomes of it.")
    return redirect("dashboard:notifications")


@require_POST
@admin
def delete(request: HttpRequest, access: Access, route_id: str) -> HttpResponse:
    """Delete a route."""
    found = or_404(routes.find, access.network, route_id)
    routes.delete(found, by=access.actor, address=client_address(request))
    messages.success(request, f"{found.name} is deleted.")
    return redirect("dashboard:notifications")


@require_POST
@admin
def again(request: HttpRequest, access: Access, letter_id: str) -> HttpResponse:
    """Try a letter again that was given up."""
    if letters.again(access.network, letter_id):
        messages.success(request, "It is tried again.")
    return redirect("dashboard:notifications")


def _given(request: HttpRequest) -> dict[str, Any]:
    """What a form says, as the service takes it."""
    post = request.POST
    return {
        "name": post.get("name", ""),
        "channel": post.get("channel", Channel.EMAIL),
        "recipients": post.get("recipients", "").replace(",", " ").split(),
        "severities": post.getlist("severities"),
        "kinds": post.getlist("kinds"),
        "sites": _words(post.get("sites", "")),
        "tags": _words(post.get("tags", "")),
        "on_resolved": "on_resolved" in post,
        "quiet_from": _time(post.get("quiet_from", "")),
        "quiet_to": _time(post.get("quiet_to", "")),
        "time_zone": post.get("time_zone", "").strip() or "UTC",
        "digest_s": _minutes(post, "digest"),
        "remind_s": _minutes(post, "remind"),
    }


def _words(text: str) -> list[str]:
    return [word for each in text.replace("\0", "").split(",") if (word := each.strip())]


def _time(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid("Times are written as 22:00.", "quiet_from") from None


def _minutes(post: Mapping[str, str], name: str) -> int:
    text = post.get(name, "") or "0"
    if not text.isascii() or not text.isdigit() or len(text) > 5:
        raise Invalid("A number of minutes.", name)
    return int(text) * 60


def _page(
    request: HttpRequest,
    access: Access,
    changed: NotificationRoute | None,
    refusal: Refused | None = None,
) -> HttpResponse:
    found = list(NotificationRoute.objects.filter(network=access.network).order_by("name"))
    newest = Letter.objects.filter(network=access.network).order_by("-pk")[:MOST_LETTERS]
    shown = _typed(request.POST) if refusal else _shown(changed)
    context = {
        "section": "settings",
        "tab": "notifications",
        "routes": [(each, routes.problem(each)) for each in found],
        "letters": list(newest),
        "changed": changed,
        "shown": shown,
        "severities": _chosen(Severity.choices, shown["severities"]),
        "kinds": _chosen(IncidentKind.choices, shown["kinds"]),
        "channels": Channel.choices,
        "refusal": refusal,
    }
    template, status = "dashboard/notifications/notifications.html", 422 if refusal else 200
    return page(request, access, template, context, status=status)


TEXTS = (
    "name",
    "recipients",
    "sites",
    "tags",
    "quiet_from",
    "quiet_to",
    "time_zone",
    "digest",
    "remind",
    "channel",
)


def _typed(post: QueryDict) -> dict[str, Any]:
    """A form that was refused, as it was filled in: no tick comes or goes by it."""
    return {
        **{name: post.get(name, "") for name in TEXTS},
        "on_resolved": "on_resolved" in post,
        "severities": post.getlist("severities"),
        "kinds": post.getlist("kinds"),
    }


def _shown(route: NotificationRoute | None) -> dict[str, Any]:
    """What the form's fields come with."""
    if route is None:
        return {
            "time_zone": "UTC",
            "on_resolved": True,
            "digest": 0,
            "remind": 0,
            "severities": [],
            "kinds": [],
        }
    return {
        "name": route.name,
        "channel": route.channel,
        "recipients": " ".join(route.recipients),
        "sites": ", ".join(route.sites),
        "tags": ", ".join(route.tags),
        "on_resolved": route.on_resolved,
        "severities": route.severities,
        "kinds": route.kinds,
        "quiet_from": f"{route.quiet_from:%H:%M}" if route.quiet_from else "",
        "quiet_to": f"{route.quiet_to:%H:%M}" if route.quiet_to else "",
        "time_zone": route.time_zone,
        "digest": route.digest_s // 60,
        "remind": route.remind_s // 60,
    }


def _chosen(choices: Any, chosen: list[str]) -> list[tuple[str, str, bool]]:  # noqa: ANN401 - Django's choices
    return [(value, label, value in chosen) for value, label in choices]
