"""What the palette finds, and lists that are kept by name."""

import re

from emobi.core.models import SavedView
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import charge


def found(client, q="", here="/stations/"):
    page = client.get("/fragments/palette/", {"q": q, "here": here})
    return re.findall(r'href="([^"]+)"', page.content.decode())


def test_pages_are_found_by_their_words_and_ones_role(alpha, viewer, admin):
    assert found(admin, "users") == ["/settings/users/"]
    assert found(viewer, "users") == []
    assert "/messages/" in found(viewer)
    assert found(viewer, "notifications") == []


def test_pages_beside_the_rooms_are_found(network, admin):
    for words, path in (
        ("messages live", "/messages/live/"), ("bulk", "/bulk/"), ("rules", "/incidents/rules/"),
        ("notifications", "/settings/notifications/"), ("about", "/settings/about/"),
    ):  # fmt: skip
        assert found(admin, words) == [path]
    assert 'href="/commands/"' in admin.get("/stations/").content.decode()
    assert 'href="/bulk/"' in admin.get("/commands/").content.decode()


def test_stations_and_sessions_of_ones_own_network_are_found(alpha, bravo, stranger, viewer):
    session = charge(alpha, transaction_id="4711")
    assert "/stations/alpha/" in found(viewer, "ALP")
    assert found(viewer, "4711") == found(viewer, session.pk) == [f"/sessions/{session.pk}/"]
    assert found(viewer, "stranger") == []
    assert found(viewer, "\0") == found(viewer)


def test_commands_of_the_station_that_is_looked_at_are_found(alpha, stranger, operator, viewer):
    assert "/stations/alpha/commands/reset/" in found(operator, "reset", "/stations/alpha/")
    assert found(viewer, "reset", "/stations/alpha/") == []
    assert found(operator, "reset", "/stations/stranger/") == []
    assert found(operator, "reset", "nowhere at all") == []


def test_a_list_is_kept_shared_and_forgotten(network, alpha, viewer, operator):
    form = {
        "page": "stations",
        "query": "q=status%3Afaulted",
        "name": "Broken",
        "shared": "on",
        "pinned": "on",
    }
    assert viewer.post("/views/save/", form)["Location"] == "/stations/?q=status%3Afaulted"
    viewer.post("/views/save/", form | {"query": "q=site%3AA"})
    view = SavedView.objects.get()
    assert (view.query, view.shared, view.pinned) == ("q=site%3AA", True, True)
    assert "Broken" in operator.get("/fragments/views/stations/").content.decode()
    assert "Broken" not in operator.get("/fragments/views/messages/").content.decode()
    assert operator.post(f"/views/{view.pk}/delete/", {"page": "stations"}).status_code == 404
    assert viewer.post(f"/views/{view.pk}/delete/", {"page": "stations"})["Location"] == "/stations/"
    assert not SavedView.objects.exists()
    assert viewer.get("/fragments/views/nothing/").status_code == 404


def test_what_is_not_shared_is_ones_own(network, elsewhere, alpha, viewer, operator):
    viewer.post("/views/save/", {"page": "stations", "query": "q=a", "name": "Mine"})
    assert "Mine" in viewer.get("/fragments/views/stations/").content.decode()
    assert "Mine" not in operator.get("/fragments/views/stations/").content.decode()
    stranger = signed_in(enlist(elsewhere, "eve", "viewer"))
    SavedView.objects.update(shared=True)
    assert "Mine" not in stranger.get("/fragments/views/stations/").content.decode()


def test_a_list_that_is_not_there_and_a_name_that_is_none_are_refused(network, viewer):
    assert viewer.post("/views/save/", {"page": "//evil.example", "name": "x"}).status_code == 422
    viewer.post("/views/save/", {"page": "stations", "name": " "})
    assert not SavedView.objects.exists()
