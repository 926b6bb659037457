"""What comes after the password: codes, recovery codes, passkeys; and Django's admin behind the same door."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from dashboard.accounts import sign_in
from dashboard.accounts.sign_in_limits import Failures
from emobi.core.models import AuditEntry
from emobi.core.services import wall_tokens
from tests.dashboard.conftest import PASSWORD, enlist


@pytest.fixture(autouse=True)
def nobody_failed(monkeypatch):
    cache.clear()
    monkeypatch.setattr(sign_in, "failures", Failures())


def enter(client: Client, **form):
    return client.post("/sign-in/", {"username": "otto", "password": PASSWORD, **form})


def code(secret: str) -> str:
    """As an app with the right time shows it now: the one before may end while it is being typed."""
    counters = list(yield_hotp_counters_from_time())
    return str(format_hotp_value(hotp_value(secret, counters[len(counters) // 2])))


@pytest.fixture
def otto(network) -> Client:
    enlist(network, "otto", "operator")
    client = Client()
    enter(client)
    client.post("/account/confirm/", {"password": PASSWORD})
    return client


@pytest.fixture
def secret(otto, django_capture_on_commit_callbacks) -> str:
    """Of the app that otto has set up."""
    page = otto.get("/account/second-factor/totp/activate/").content.decode()
    assert "data:" not in page
    assert "style=" not in page
    found = re.search(r'id="totp-secret">([A-Z2-7]+)<', page)
    assert found
    with django_capture_on_commit_callbacks(execute=True):
        response = otto.post("/account/second-factor/totp/activate/", {"code": code(found[1])})
    assert response["Location"] == "/account/second-factor/recovery-codes/"
    return found[1]


def test_a_code_is_asked_for_after_the_password(secret):
    client = Client()
    response = enter(client, next="/messages/")
    assert response["Location"].startswith("/account/second-factor/authenticate/")
    assert client.get("/stations/").status_code == 302
    wrong = client.post(response["Location"], {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get("/stations/").status_code == 302
    cache.clear()  # a code is good once
    right = client.post(response["Location"], {"code": code(secret)})
    assert right["Location"] == "/messages/"
    assert client.get("/messages/").status_code == 200


def test_who_signs_in_at_a_wall_is_signed_in_no_longer_than_elsewhere(network, otto, secret):
    enlist(network, "vera", "viewer")
    for name in ("vera", "otto"):
        screen = Client()
        screen.get(f"/wall/{wall_tokens.create(network, name, by='user:anna')[1]}/")
        assert screen.session.get_expiry_age() > 365 * 86400
        response = enter(screen, username=name)
        if name == "otto":
            cache.clear()  # a code is good once
            response = screen.post(response["Location"], {"code": code(secret)})
        assert response["Location"] == "/"
        assert screen.session.get_expiry_age() == settings.SESSION_COOKIE_AGE
        assert "wall" not in screen.session


def test_a_recovery_code_is_good_once(otto, secret):
    page = otto.get("/account/second-factor/recovery-codes/").content.decode()
    found = re.search(r"\n?(\d{8})\n", page)
    assert found
    for expected in (302, 200):
        client = Client()
        where = enter(client)["Location"]
        assert client.post(where, {"code": found[1]}).status_code == expected


def test_codes_cannot_be_guessed_on_and_on(secret):
    client = Client()
    where = enter(client)["Location"]
    for _ in range(5):
        client.post(where, {"code": "000000"})
    assert "Too many" in client.post(where, {"code": code(secret)}).content.decode()


def test_what_somebody_does_with_their_account_is_audited(otto, secret):
    form = {
        "oldpassword": PASSWORD,
        "password1": "another long password",
        "password2": "another long password",
    }
    assert otto.post("/account/password/", form).status_code == 302
    assert otto.post("/account/second-factor/totp/deactivate/").status_code == 302
    found = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"user.signed_in", "user.totp_added", "user.password_changed", "user.totp_removed"} <= found
    assert not Authenticator.objects.exists()


def test_changing_how_one_signs_in_asks_for_the_password_again(network):
    client = Client()
    client.force_login(enlist(network, "otto", "operator"))
    response = client.get("/account/second-factor/totp/activate/")
    assert response["Location"].startswith("/account/confirm/")
    assert "Confirm that it is you" in client.get(response["Location"]).content.decode()


def test_nobody_signs_up(db):
    assert Client().get("/account/signup/").status_code == 404


def test_djangos_admin_has_no_door_of_its_own(db, network, django_user_model):
    client = Client()
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/sign-in/")
    user = enlist(network, "otto", "admin")
    enter(client)
    assert client.get("/admin/login/").status_code == 403
    user.is_staff = user.is_superuser = True
    user.save()
    assert client.get("/admin/").status_code == 200


def test_ones_sessions_are_listed_and_ended(otto):
    other = Client()
    enter(other)
    page = otto.get("/settings/profile/").content.decode()
    assert page.count("/end/") == 1
    session = UserSession.objects.exclude(session_key=otto.session.session_key).get()
    assert otto.post(f"/settings/profile/sessions/{session.pk}/end/").status_code == 302
    assert other.get("/stations/").status_code == 302
    assert otto.get("/stations/").status_code == 200


def test_nobody_ends_the_session_of_another(otto, admin):
    session = UserSession.objects.get()
    assert admin.post(f"/settings/profile/sessions/{session.pk}/end/").status_code == 404


def test_every_page_of_ones_account_is_drawn(otto):
    for path in ("/account/second-factor/", "/account/password/", "/account/second-factor/webauthn/add/",
                 "/account/second-factor/webauthn/", "/account/inactive/"):  # fmt: skip
        assert otto.get(path).status_code == 200, path
