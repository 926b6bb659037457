"""Signing in again after a session has ended: in a dialog over the page, or with what was sent kept."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from dashboard import access as looking
from dashboard.access import Access, page, viewer
from dashboard.accounts import form_keeping


@never_cache
@require_safe
@viewer
def signed_in(request: HttpRequest, access: Access) -> HttpResponse:
    """Where the dialog is led when all steps are done: says who it is, and is in the page's network again."""
    _choose(request, access, request.GET.get("network", ""))
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"user": access.user.get_username()})
    return page(request, access, "dashboard/accounts/signed_in.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
@viewer
def kept_form(request: HttpRequest, access: Access) -> HttpResponse:
    """What was sent too late, to be sent now; a POST throws it away."""
    kept = form_keeping.of(request)
    if request.method == "POST" or kept is None:
        form_keeping.forget(request)
        return redirect("dashboard:overview")
    wanted = dict(kept["fields"]).get("network", access.network.slug)
    if wanted != access.network.slug and _choose(request, access, wanted):
        return redirect("dashboard:kept-form")
    shown = [(name, value) for name, value in kept["fields"] if value.strip() and name != "network"]
    return page(
        request, access, "dashboard/accounts/kept_form.html", {"section": "", "kept": kept, "shown": shown}
    )


def _choose(request: HttpRequest, access: Access, slug: str) -> bool:
    """Look at the network that the page was of; False if one isn't a member of it."""
    if slug not in {network.slug for network in access.networks}:
        return False
    request.session[looking.SESSION_KEY] = slug
    return True
