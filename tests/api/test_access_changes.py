"""Changes of passwords and security profiles in the API."""

import pytest

from stations.models import Command
from stations.services.trust import credentials


@pytest.fixture
def spoken(bravo):
    bravo.password_hash = credentials.hashed("the old password")
    bravo.security_profile = 1
    bravo.save()
    return bravo


def test_a_password_is_changed_step_by_step(spoken, admin, viewer):
    change = admin.post("/stations/bravo/access-changes", {"kind": "password"})
    assert (change["state"], change["security_profile"]) == ("running", None)
    assert [(step["step"], step["state"]) for step in change["steps"]] == [
        ("set_password", "running"),
        ("prove", "pending"),
    ]
    assert change["steps"][0]["command_id"] == Command.objects.get().pk
    assert viewer.all("/stations/bravo/access-changes", 1) == [change]


def test_a_profile_is_raised_with_what_it_needs(spoken, admin):
    change = admin.post(
        "/stations/bravo/access-changes",
        {
            "kind": "security_profile",
            "security_profile": 2,
            "url": "wss://csms.example/ocpp/grid",
            "slot": 2,
            "ocpp_interface": "Wireless0",
        },
    )
    assert change["security_profile"] == 2
    assert [step["step"] for step in change["steps"]] == [
        "list_roots", "read_priority", "set_network_profile", "set_priority", "reset", "prove",
    ]  # fmt: skip


def test_one_at_a_time_until_it_is_cancelled(spoken, admin):
    change = admin.post("/stations/bravo/access-changes", {"kind": "password"})
    admin.post("/stations/bravo/access-changes", {"kind": "password"}, expect=409)
    cancelled = admin.post(f"/stations/bravo/access-changes/{change['change_id']}/cancel", None, expect=200)
    assert cancelled["state"] == "cancelled"
    admin.post("/stations/bravo/access-changes", {"kind": "password"})


def test_a_change_belongs_to_its_station(spoken, alpha, admin):
    change = admin.post("/stations/bravo/access-changes", {"kind": "password"})
    admin.post(f"/stations/alpha/access-changes/{change['change_id']}/cancel", None, expect=404)


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "security_profile", "security_profile": 1},
        {"kind": "security_profile", "security_profile": 2, "root": "hello"},
        {"kind": "security_profile", "security_profile": 4},
        {"kind": "security_profile"},
        {"kind": "name"},
        {"kind": "password", "password": "0123456789abcdef"},
        {"kind": "password", "security_profile": 2},
    ],
)
def test_what_cannot_be_changed_is_refused(spoken, admin, body):
    admin.post("/stations/bravo/access-changes", body, expect=422)


def test_a_station_that_never_connected_cannot_be_told(network, admin):
    network.stations.create(identity="charlie")
    admin.post("/stations/charlie/access-changes", {"kind": "password"}, expect=409)
