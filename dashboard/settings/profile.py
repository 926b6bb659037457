"""How one sees the dashboard, and how one signs in."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST

from dashboard.access import Access, page, viewer
from dashboard.accounts.sign_in_audit import note
from dashboard.addresses import client_address
from emobi.core.errors import Invalid
from emobi.core.models.preferences import Density, Palette, Theme
from emobi.core.services import preferences

FIELDS = ("zone", "theme", "density", "palette")
SWITCHES = ("single_keys", "title_count", "sound", "desktop_notices")


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def profile(request: HttpRequest, access: Access) -> HttpResponse:
    """The page, and what it sends."""
    refusal = None
    if request.method == "POST":
        values: dict[str, object] = {name: request.POST.get(name, "") for name in FIELDS}
        values |= {name: name in request.POST for name in SWITCHES}
        try:
            kept = preferences.change(access.user, values)
        except Invalid as error:
            refusal = str(error)
        else:
            messages.success(request, "Kept.")
            response = redirect("dashboard:profile")
            response.set_cookie("theme", kept.theme or "system", max_age=31536000, samesite="Lax")
            return response
    context = {
        "section": "settings",
        "tab": "profile",
        "refusal": refusal,
        "kept": preferences.of(access.user),
        "zones": preferences.ZONES,
        "themes": Theme.choices,
        "densities": Density.choices,
        "palettes": Palette.choices,
        "factors": Authenticator.objects.filter(user=access.user).exclude(type="recovery_codes"),
        "sessions": UserSession.objects.purge_and_list(access.user),
        "session_key": request.session.session_key,
    }
    return page(request, access, "dashboard/settings/profile.html", context, 422 if refusal else 200)


@require_POST
@viewer
def keep(request: HttpRequest, access: Access) -> HttpResponse:
    """Keep what a key or the menu changed."""
    values: dict[str, object] = {name: request.POST[name] for name in FIELDS if name in request.POST}
    values |= {name: bool(request.POST[name]) for name in SWITCHES if name in request.POST}
    try:
        preferences.change(access.user, values)
    except Invalid as error:
        return HttpResponse(str(error), status=422, content_type="text/plain")
    return HttpResponse(status=204)


@require_POST
@viewer
def end_session(request: HttpRequest, access: Access, pk: int) -> HttpResponse:
    """End one of one's own sessions."""
    get_object_or_404(UserSession, pk=pk, user=access.user).end()
    note(access.user.get_username(), "user.session_ended", client_address(request))
    messages.success(request, "That session has ended.")
    return redirect("dashboard:profile")
