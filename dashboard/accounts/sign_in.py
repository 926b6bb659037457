"""Signing in and out, and choosing a network.

The password is checked here; what comes after it, a code or a passkey, is django-allauth's.
"""

import time

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dashboard import access, figures
from dashboard.access import Access, viewer
from dashboard.accounts import form_keeping
from dashboard.accounts.sign_in_audit import note
from dashboard.accounts.sign_in_limits import Failures
from dashboard.addresses import client_address

failures = Failures()

# The same for a wrong name and a wrong password.
WRONG = "That user name and password don't go together."


@sensitive_post_parameters("password")
@never_cache
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The page, and what it sends."""
    if request.user.is_authenticated:
        return redirect(_destination(request))
    if request.method != "POST":
        return _page(request)
    address = client_address(request)
    name = request.POST.get("username", "").replace("\0", "").strip()
    wait_s = failures.wait_s(address or "", name, time.monotonic())
    if wait_s:
        response = _page(request, f"Too many attempts. Try again in {figures.duration(wait_s)}.", status=429)
        response["Retry-After"] = str(wait_s)
        return response
    # Logins are kept in lower case (`emobi.core.services.operators`).
    user = auth.authenticate(request, username=name.lower(), password=request.POST.get("password", ""))
    if user is None:
        failures.add(address or "", name, time.monotonic())
        note(name, "user.sign_in_failed", address)
        return _page(request, WRONG, status=422)
    failures.forgive(address or "", name)
    login = Login(user=user, redirect_url=_destination(request))
    answer: HttpResponseBase = perform_password_login(request, {"username": user.get_username()}, login)
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session; its live pages close within half a minute."""
    if request.user.is_authenticated:
        note(request.user.get_username(), "user.signed_out", client_address(request))
    auth.logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)


@require_POST
@viewer
def choose_network(request: HttpRequest, current: Access) -> HttpResponse:
    """Look at another of one's networks from now on."""
    slug = request.POST.get("slug", "")
    if slug in {network.slug for network in current.networks}:
        request.session[access.SESSION_KEY] = slug
    return redirect("dashboard:stations")


def _page(request: HttpRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    if refusal and request.headers.get("Accept") == "application/json":
        # The dialog of a page whose session has ended.
        return JsonResponse({"refusal": refusal}, status=status)
    context = {
        "refusal": refusal,
        "username": request.POST.get("username", ""),
        "next": request.POST.get("next") or request.GET.get("next", ""),
        "kept": form_keeping.of(request),
    }
    return render(request, "dashboard/accounts/sign_in.html", context, status=status)


def _destination(request: HttpRequest) -> str:
    """Where they wanted to go, if it is here."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if here else resolve_url(settings.LOGIN_REDIRECT_URL)
