"""Keys of integrators, and links for screens on a wall."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, admin, page
from dashboard.addresses import client_address
from emobi.core import clock
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import ApiKey, Role, WallToken
from emobi.core.services import api_keys, wall_tokens

# In days; "" never.
EXPIRIES = (("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"))


@require_http_methods(["GET", "HEAD", "POST"])
@admin
def keys(request: HttpRequest, access: Access) -> HttpResponse:
    """The page, and a new key."""
    if request.method != "POST":
        return _page(request, access, {})
    name, role = request.POST.get("name", "").replace("\0", "").strip(), request.POST.get("role", "")
    try:
        key, text = api_keys.create(
            access.network,
            role,
            name,
            expires_at=_expiry(request.POST.get("expiry", "")),
            by=access.actor,
            address=client_address(request),
        )
    except Invalid as error:
        return _page(request, access, {"refusal": str(error), "name": name, "role": role}, status=422)
    return _page(request, access, {"made": key, "text": text})


@require_POST
@admin
def revoke(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take a key out of use."""
    key = get_object_or_404(ApiKey, pk=pk, network=access.network)
    api_keys.revoke(key, by=access.actor, address=client_address(request))
    messages.success(request, f"{key.name} is refused from now on.")
    return redirect("dashboard:keys")


@require_POST
@admin
def rotate(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Make a key in the place of another, which holds for a day longer."""
    key = get_object_or_404(ApiKey, pk=pk, network=access.network)
    try:
        made, text = api_keys.rotate(key, by=access.actor, address=client_address(request))
    except Conflict as error:
        return _page(request, access, {"refusal": str(error)}, status=409)
    return _page(request, access, {"made": made, "text": text, "rotated": key})


@require_POST
@admin
def create_wall(request: HttpRequest, access: Access) -> HttpResponse:
    """Make a link for a screen."""
    name = request.POST.get("name", "").replace("\0", "")
    try:
        token, text = wall_tokens.create(
            access.network, name, by=access.actor, address=client_address(request)
        )
    except Invalid as error:
        return _page(request, access, {"wall_refusal": str(error)}, status=422)
    link = request.build_absolute_uri(reverse("dashboard:wall", args=[text]))
    return _page(request, access, {"wall_made": token, "wall_link": link})


@require_POST
@admin
def revoke_wall(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """Take a screen's link out of use."""
    token = get_object_or_404(WallToken, pk=pk, network=access.network)
    wall_tokens.revoke(token, by=access.actor, address=client_address(request))
    messages.success(request, f"{token.name} sees nothing from now on.")
    return redirect("dashboard:keys")


def _expiry(days: str) -> datetime | None:
    return clock.wall() + timedelta(days=int(days)) if days in dict(EXPIRIES) and days else None


def _page(request: HttpRequest, access: Access, more: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {
        "section": "settings",
        "tab": "keys",
        "keys": ApiKey.objects.filter(network=access.network).order_by("revoked_at", "-created_at"),
        "walls": WallToken.objects.filter(network=access.network).order_by("revoked_at", "-created_at"),
        "roles": Role.choices,
        "expiries": EXPIRIES,
        "now": clock.wall(),
        **more,
    }
    return page(request, access, "dashboard/settings/keys.html", context, status)
