"""Screens on a wall: a link opens the overview, for as long as its token isn't revoked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dashboard import access
from emobi.core.services import wall_tokens

# A screen is never asked to sign in again.
LASTS_S = 10 * 365 * 86400


@never_cache
@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Let a screen in, and take the token out of its address."""
    found = wall_tokens.verify(token)
    if found is None:
        return render(request, "dashboard/accounts/no_wall.html", status=404)
    if not request.user.is_authenticated:
        request.session[access.WALL_KEY] = found.pk
        request.session.set_expiry(LASTS_S)
    return redirect("/?wall=1")
