"""Who sees what: sign-in first, then one's own network alone, then one's role."""

import pytest
from django.test import Client

from dashboard import access
from emobi.core.models import Membership, Role
from stations.models import Command
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import exchange

PAGES = ["/stations/", "/stations/alpha/", "/messages/", "/connect/"]
FRAGMENTS = [
    "/fragments/stations/",
    "/fragments/fleet/",
    "/fragments/station-healths/",
    "/fragments/stations/alpha/head/",
    "/fragments/stations/alpha/health/",
    "/fragments/stations/alpha/evses/",
    "/fragments/stations/alpha/commands/",
    "/fragments/stations/alpha/changes/",
    "/fragments/messages/",
]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_leads_strangers_to_the_sign_in_page(alpha, path):
    response = Client().get(path)
    assert (response.status_code, response["Location"]) == (302, f"/sign-in/?next={path}")


@pytest.mark.parametrize("path", FRAGMENTS)
def test_a_fragment_is_never_replaced_by_the_sign_in_page(alpha, path):
    response = Client().get(path, headers={"HX-Request": "true"})
    assert (response.status_code, response.content) == (401, b"Your session has ended.")


@pytest.mark.parametrize("path", [*PAGES, *FRAGMENTS])
def test_a_viewer_sees_everything_of_their_network(alpha, viewer, path):
    assert viewer.get(path).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/stations/stranger/",
        "/fragments/stations/stranger/head/",
        "/fragments/stations/stranger/suggested-quirks/",
        "/fragments/stations/stranger/health/",
        "/fragments/stations/stranger/evses/",
        "/fragments/stations/stranger/commands/",
        "/stations/stranger/commands/reset/",
        "/fragments/stations/stranger/commands/reset/",
    ],
)
def test_another_networks_station_does_not_exist(stranger, admin, path):
    assert admin.get(path).status_code == 404


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/stations/stranger/commands/reset/send/", {"type": "Immediate"}),
        ("/stations/stranger/registration/", {"decision": "reject"}),
    ],
)
def test_another_networks_station_cannot_be_touched(stranger, admin, path, data):
    assert admin.post(path, data).status_code == 404
    stranger.refresh_from_db()
    assert (stranger.registration, Command.objects.count()) == ("accepted", 0)


def test_another_networks_message_does_not_exist(stranger, alpha, admin):
    assert admin.get(f"/messages/{exchange(stranger, 'Heartbeat', {}, {})}/").status_code == 404
    assert admin.get(f"/messages/{exchange(alpha, 'Heartbeat', {}, {})}/").status_code == 200


def test_another_networks_stations_and_messages_are_in_no_list(stranger, alpha, admin):
    exchange(stranger, "Heartbeat", {}, {})
    for path in ("/stations/?q=stranger", "/messages/", "/messages/?station=stranger"):
        assert "stranger/" not in admin.get(path).content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/stations/alpha/commands/reset/"),
        ("get", "/fragments/stations/alpha/commands/reset/"),
        ("post", "/stations/alpha/commands/reset/send/"),
        ("post", "/stations/alpha/registration/"),
    ],
)
def test_a_viewer_may_not_operate(alpha, viewer, method, path):
    response = getattr(viewer, method)(path)
    assert response.status_code == 403
    assert "This needs the role operator; you are viewer." in response.content.decode()


def test_a_viewer_is_not_offered_what_they_may_not_do(alpha, viewer):
    assert "/commands/reset/" not in viewer.get("/stations/alpha/").content.decode()


def test_somebody_without_a_network_is_told_who_can_give_them_one(db, django_user_model):
    response = signed_in(django_user_model.objects.create_user("nora")).get("/stations/")
    assert response.status_code == 403
    assert "create_operator" in response.content.decode()


def test_a_role_that_is_taken_away_is_gone_with_the_next_request(alpha, viewer):
    Membership.objects.all().delete()
    assert viewer.get("/stations/").status_code == 403


def test_the_session_remembers_the_network_that_was_chosen(alpha, stranger, elsewhere, network):
    client = signed_in(enlist(network, "otto", "operator"))
    enlist(elsewhere, "otto", "viewer")
    assert client.post("/network/", {"slug": "elsewhere"}).status_code == 302
    assert client.get("/stations/stranger/").status_code == 200
    assert client.get("/stations/alpha/").status_code == 404
    client.post("/network/", {"slug": "grid"})
    assert client.get("/stations/alpha/").status_code == 200


def test_nobody_chooses_a_network_that_is_not_theirs(stranger, alpha, operator):
    operator.post("/network/", {"slug": "elsewhere"})
    assert operator.get("/stations/stranger/").status_code == 404


def test_a_form_of_another_network_does_nothing(alpha, elsewhere, network):
    """Two networks may each have an `alpha`, and two tabs each show another network."""
    client = signed_in(enlist(network, "otto", "admin"))
    enlist(elsewhere, "otto", "admin")
    client.post("/network/", {"slug": "grid"})
    form = {"type": "Immediate", "network": "elsewhere"}
    assert client.post("/stations/alpha/commands/reset/send/", form).status_code == 409
    assert Command.objects.count() == 0


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_part_of_a_page_of_another_network_is_not_given(alpha, elsewhere, network, role):
    """Neither a part nor a form of one network is for a page that shows another one."""
    client = signed_in(enlist(network, "otto", role))
    enlist(elsewhere, "otto", "admin")
    client.post("/network/", {"slug": "grid"})
    for path in ("/fragments/stations/", "/fragments/stations/alpha/commands/reset/"):
        shown = {"HX-Request": "true", "X-Network": "elsewhere"}
        assert client.get(path, headers=shown).status_code == 409
    assert client.get("/fragments/stations/", headers={"X-Network": "grid"}).status_code == 200


def test_the_role_of_the_network_that_is_asked_for_counts(network, elsewhere):
    user = enlist(network, "otto", "viewer")
    enlist(elsewhere, "otto", "admin")
    found = access.strictly(user, "elsewhere")
    assert found is not None
    assert found.role == Role.ADMIN
    assert access.strictly(user, "nowhere") is None


def test_pages_are_not_kept_by_anybody_between_us(alpha, viewer):
    assert viewer.get("/stations/")["Cache-Control"] == "private, no-cache"
