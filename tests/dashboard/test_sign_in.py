"""Signing in and out."""

import pytest
from django.test import Client

from dashboard.accounts import sign_in
from dashboard.accounts.sign_in_limits import PER_ADDRESS, PER_NAME, WINDOW_S, Failures
from emobi.core.models import AuditEntry, Membership
from tests.dashboard.conftest import PASSWORD, enlist


@pytest.fixture(autouse=True)
def nobody_failed(monkeypatch):
    monkeypatch.setattr(sign_in, "failures", Failures())


@pytest.fixture
def otto(network):
    return enlist(network, "otto", "operator")


def attempt(client, password=PASSWORD, username="otto", **form):
    return client.post("/sign-in/", {"username": username, "password": password, **form})


def test_name_and_password_open_the_door(otto):
    response = attempt(Client(), username=" Otto ")
    assert (response.status_code, response["Location"]) == (302, "/")
    assert AuditEntry.objects.get().action == "user.signed_in"


def test_one_gets_where_one_wanted_to_go(otto):
    assert attempt(Client(), next="/messages/?kind=error")["Location"] == "/messages/?kind=error"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(otto, wanted):
    assert attempt(Client(), next=wanted)["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_told_alike(otto):
    wrong, unknown = attempt(Client(), "guess"), attempt(Client(), "guess", "nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert all(sign_in.WRONG.replace("'", "&#x27;") in each.content.decode() for each in (wrong, unknown))
    assert [entry.action for entry in AuditEntry.objects.all()] == ["user.sign_in_failed"] * 2


def test_what_no_database_can_be_asked_for_is_no_name(otto):
    assert attempt(Client(), username="ot\0to\0x").status_code == 422


def test_who_guesses_has_to_wait(otto):
    for _ in range(PER_NAME):
        attempt(Client(), "guess")
    response = attempt(Client())
    assert response.status_code == 429
    assert int(response["Retry-After"]) > WINDOW_S - 60


def test_a_guesser_locks_out_nobody_else():
    failures = Failures()
    for moment in range(PER_NAME):
        failures.add("203.0.113.7", "otto", moment)
    assert failures.wait_s("203.0.113.7", "Otto ", PER_NAME) > 0
    assert failures.wait_s("192.0.2.1", "otto", PER_NAME) == 0
    assert failures.wait_s("203.0.113.7", "ada", PER_NAME) == 0
    assert failures.wait_s("203.0.113.7", "otto", WINDOW_S) == 0


def test_an_address_that_tries_many_names_has_to_wait():
    failures = Failures()
    for moment in range(PER_ADDRESS):
        failures.add("203.0.113.7", f"name{moment}", moment)
    assert failures.wait_s("203.0.113.7", "one more", PER_ADDRESS) > 0


def test_the_right_password_forgives_the_wrong_ones(otto):
    for _ in range(PER_NAME - 1):
        attempt(Client(), "guess")
    attempt(Client())
    assert attempt(Client(), "guess").status_code == 422


def test_signing_out_ends_the_session(alpha, operator):
    assert operator.post("/sign-out/")["Location"] == "/sign-in/"
    assert operator.get("/stations/").status_code == 302
    assert operator.get("/sign-out/").status_code == 405


def test_the_form_needs_its_token(otto):
    client = Client(enforce_csrf_checks=True)
    response = attempt(client)
    assert response.status_code == 403
    assert "This form is out of date" in response.content.decode()


def test_a_form_that_was_sent_too_late_is_kept_until_one_has_signed_in(otto, elsewhere):
    Membership.objects.create(network=elsewhere, user=otto, role="operator")
    client = Client()
    form = {"page": "stations", "query": "q=a", "name": "Night shift", "network": "grid", "password": "x"}
    response = client.post("/views/save/", form)
    assert response["Location"] == "/sign-in/?next=/kept-form/"
    assert "What you typed is kept" in client.get(response["Location"]).content.decode()
    assert attempt(client, next="/kept-form/")["Location"] == "/kept-form/"
    html = client.get("/kept-form/", follow=True).content.decode()
    assert '<form method="post" action="/views/save/">' in html
    assert '<input type="hidden" name="name" value="Night shift">' in html
    assert 'name="password"' not in html.partition('action="/views/save/"')[2].partition("</form>")[0]
    client.post("/kept-form/")
    assert client.get("/kept-form/")["Location"] == "/"


def test_who_has_signed_in_again_is_in_the_network_of_the_page(otto, elsewhere):
    Membership.objects.create(network=elsewhere, user=otto, role="operator")
    client = Client(headers={"accept": "application/json"})
    assert attempt(client, "guess").json() == {"refusal": sign_in.WRONG}
    answer = attempt(client, next="/signed-in/?network=grid")
    assert client.get(answer["Location"]).json() == {"user": "otto"}
    assert client.session["network"] == "grid"
    client.get("/signed-in/?network=nobodys")
    assert client.session["network"] == "grid"


def test_a_script_of_a_page_is_told_that_the_session_has_ended(db):
    asked = {"headers": {"sec-fetch-mode": "cors"}}
    assert Client().post("/settings/preferences/", {"theme": "dark"}, **asked).status_code == 401
    assert Client().get("/stations/", headers={"hx-request": "true"}).status_code == 401
