"""What a station says of itself is text, on every page."""

import pytest
from django.test import Client
from django.utils.html import escape

from emobi.core.models import ApiKey, AuditEntry, WallToken
from stations.models import Station
from stations.services.incidents.parameters import PARAMETERS
from stations.services.playbooks import interventions, playbooks, seeding
from tests.dashboard.conftest import enlist
from tests.dashboard.hostile import LONG, furnish, harm
from tests.dashboard.pages import ROOMS, Cast, looker
from tests.dashboard.state import exchange

# Rooms in which nothing stands that others say.
SAY_NOTHING = {"accounts", "trouble", "nothing_yet"}


def test_template_braces_stay_braces(alpha, viewer):
    Station.objects.update(vendor="{{ 7|add:7 }}")
    assert "{{ 7|add:7 }}" in viewer.get("/stations/").content.decode()


def test_a_message_of_it_is_shown_and_does_nothing(alpha, viewer):
    html = viewer.get(f"/messages/{exchange(alpha, LONG, {LONG: LONG}, {LONG: LONG})}/").content.decode()
    assert harm(html) == []
    assert "alert(1)" in html


def test_a_hostile_search_is_text(alpha, viewer):
    for path in (
        "/stations/",
        "/messages/",
        "/sessions/",
        "/commands/",
        "/incidents/",
        "/fragments/palette/",
    ):
        html = viewer.get(path, {"q": LONG}).content.decode()
        assert (path, harm(html)) == (path, [])
        assert "alert(1)" in html


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
def test_every_page_shows_what_others_say_and_does_nothing(network, alpha, bravo, room):
    pages = list(room(Cast(network, alpha, bravo)))
    furnish(network)
    shown = 0
    for page in pages:
        client = looker([page]) if page.role else Client()
        response = page.answer() if page.answer else client.get(page.path)
        html = response.content.decode()
        assert (page.path, response.status_code, harm(html)) == (page.path, page.status, [])
        shown += "alert(1)" in html
    assert shown or room.__name__ in SAY_NOTHING


def test_harm_is_found():
    assert len(harm(f'<p title="{LONG}">')) == 5
    assert harm(f'<a href="{escape(LONG)}">') == [f'<a href="{escape(LONG)}">']
    assert harm(escape(LONG)) == []


def test_what_no_database_can_hold_is_left_out_of_forms(network, alpha, operator, admin):
    member = enlist(network, "vera", "viewer").memberships.get()
    message = exchange(alpha, "Authorize", {"idTag": "04A1B2C3D4"}, {})
    nul = {"reason": "fo\0ur words", "name": "x\0y", "email": "e\0@example.org", "role": "viewer"}
    for person, path, more, status in (
        (admin, "/settings/keys/", {}, 200),
        (admin, "/settings/keys/walls/", {}, 200),
        (admin, "/settings/users/", {}, 200),
        (admin, f"/settings/users/{member.pk}/", {"action": "deactivate"}, 302),
        (admin, "/incidents/rules/", {"kind": next(iter(PARAMETERS)).value}, 302),
        (admin, "/stations/alpha/certificates/revoke/", {"request": "x\0", "reason": "unspecified"}, 302),
        (operator, f"/messages/{message}/reveal/", {}, 200),
        (operator, "/playbooks/switch/", {"stopped": "yes"}, 302),
    ):
        assert (path, person.post(path, nul | more).status_code) == (path, status)
    reasons = AuditEntry.objects.filter(detail__has_key="reason").values_list("detail__reason", flat=True)
    assert set(reasons) == {"four words"}
    assert ApiKey.objects.get().name == WallToken.objects.get().name == "xy"


def test_a_run_of_an_id_that_is_none_is_not_there(network, alpha, operator):
    for part in ("", "progress/"):
        assert operator.get(f"/playbooks/runs/x%00/{part}").status_code == 404
    assert operator.post("/playbooks/runs/x%00/cancel/", {"reason": "x"}).status_code == 404
    seeding.seed(network)
    run = interventions.start(playbooks.get(network, "clear-fault"), alpha, by="user:a")
    assert operator.post(f"/playbooks/runs/{run.pk}/cancel/", {"reason": " x\0y "}).status_code == 302
    assert AuditEntry.objects.get(action="playbook_run.cancelled").detail["reason"] == "xy"
