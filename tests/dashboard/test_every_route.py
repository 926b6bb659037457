"""No page is forgotten: what can be opened is among those that a browser looks at, or is none."""

import contextlib
import logging
from collections.abc import Iterator

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.test import RequestFactory
from django.urls import Resolver404, URLPattern, URLResolver, resolve

from dashboard import urls
from dashboard.accounts import account_urls
from tests.dashboard.pages import ROOMS, Cast

# Parts of pages that are fetched alone, and files.
PARTS = ("fragments/", "webhooks/new/sample/", "playbooks/runs/<slug:run_id>/progress/")
FILES = ("export/", "<str:kind>", ".csv", ".pem", ".json", "ndjson)$", "/<slug:log_id>/", "download/")
EXCEPTED = {
    "account_login": "the page of sign-in/, under the name that django-allauth calls it",
    "mfa_reauthenticate": "the page of account/confirm/ with a code for the password",
    "mfa_reauthenticate_webauthn": "the same with a passkey, which test_signing_in_browser.py has and uses",
    "mfa_login_webauthn": "answers the sign-in page's script with JSON",
    "neighbour": "leads to the station before or after",
    "bulk": "leads to the list of stations; the page that it is after a POST is in its room",
}


def routes(patterns, prefix="") -> Iterator[tuple[str, URLPattern]]:
    for each in patterns:
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, prefix + str(each.pattern))
        else:
            yield prefix + str(each.pattern), each


def can_be_opened(pattern: URLPattern) -> bool:
    """Whether it takes a GET: who takes POST alone says so."""
    request = RequestFactory().options("/")
    request.user, request.session = AnonymousUser(), SessionBase()
    try:
        answer = pattern.callback(request, **dict.fromkeys(pattern.pattern.converters, "1"))
    except Exception:  # noqa: BLE001 - it got past the question of the method
        return True
    return "GET" in answer.headers.get("Allow", "GET")


def pages() -> dict[str, str]:
    """By name, the routes that show a page."""
    found = [*routes(account_urls.urlpatterns, "account/"), *routes(urls.urlpatterns)]
    return {
        pattern.name or route: route
        for route, pattern in found
        if not route.lstrip("^").startswith(PARTS) and not route.endswith(FILES) and can_be_opened(pattern)
    }  # fmt: skip


@pytest.fixture
def looked_at(network, alpha, bravo):
    """Names of the routes of all rooms' pages."""
    names = set()
    for room in ROOMS:
        with transaction.atomic():
            for page in room(Cast(network, alpha, bravo)):
                with contextlib.suppress(Resolver404):  # the page of an address that leads nowhere
                    names.add(resolve(page.path.partition("?")[0]).url_name)
            transaction.set_rollback(True)
    return names


def test_every_page_is_looked_at(looked_at, caplog):
    with caplog.at_level(logging.CRITICAL, "django.request"):
        found = pages()
    assert len(found) > 60
    assert set(found) - looked_at == set(EXCEPTED)
