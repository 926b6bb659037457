"""What scripts rely on: the commands' output, and how they refuse."""

import io
import json

import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError

from emobi.core.models import AuditEntry, Network
from emobi.core.services import api_keys
from stations import playbook_selectors
from stations.models import Station
from stations.services.trust import credentials

pytestmark = pytest.mark.django_db


def said(*argv):
    out = io.StringIO()
    call_command(*argv, stdout=out)
    return out.getvalue()


@pytest.fixture
def grid():
    said("create_network", "grid", "--name", "The Grid")
    return Network.objects.get(slug="grid")


def test_a_network_is_created_once_however_often_it_is_asked_for(grid):
    assert json.loads(said("create_network", "grid")) == {
        "network": "grid",
        "name": "The Grid",
        "created": False,
    }
    assert grid.security_profile == 1


def test_a_station_gets_a_password_that_opens_the_door(grid):
    told = json.loads(said("add_station", "grid", "CP001"))
    station = Station.objects.get(identity="CP001")
    assert set(told) == {"identity", "password", "urls"}
    assert credentials.matching(station.pk, station.password_hash, told["password"].encode())
    assert [url.partition("://")[0] for url in told["urls"]] == ["ws", "wss"]
    assert all(url.endswith("/ocpp/grid/CP001") for url in told["urls"])


def test_a_given_password_and_profile_are_kept(grid):
    told = json.loads(
        said("add_station", "grid", "CP001", "--password", "a-password-of-mine", "--security-profile", "2")
    )
    assert told["password"] == "a-password-of-mine"
    assert Station.objects.get().security_profile == 2


@pytest.mark.parametrize(
    ("of_network", "asked", "has_password"),
    [
        (0, (), True),
        (0, ("--security-profile", "0"), False),
        (3, (), False),
        (0, ("--security-profile", "3"), False),
    ],
)
def test_a_password_is_made_unless_none_is_asked_for(grid, of_network, asked, has_password):
    Network.objects.update(security_profile=of_network)
    told = json.loads(said("add_station", "grid", "CP001", *asked))
    station = Station.objects.get()
    assert (told["password"] is not None, station.has_password) == (has_password, has_password)


def test_the_same_identity_twice_is_an_error(grid):
    said("add_station", "grid", "CP001")
    with pytest.raises(CommandError, match="cp001"):
        said("add_station", "grid", "cp001")
    assert Station.objects.count() == 1


def test_an_unknown_network_is_an_error():
    with pytest.raises(CommandError, match="no network nowhere"):
        said("add_station", "nowhere", "CP001")


def test_an_api_key_is_printed_alone(grid):
    secret = said("create_api_key", "grid", "--role", "viewer", "--name", "reports").strip()
    key = api_keys.verify(secret)
    assert key is not None
    assert (key.network, key.role, key.name) == (grid, "viewer", "reports")


def test_an_operator_can_sign_in_with_what_was_printed(grid):
    told = json.loads(said("create_operator", "grid", "ann@example.org", "--role", "operator"))
    user = authenticate(username="ann@example.org", password=told["password"])
    assert user is not None
    assert user.memberships.get().role == "operator"
    assert told["network"] == "grid"


def test_playbooks_are_stopped_and_released(grid):
    def halted():
        return playbook_selectors.halt(Network.objects.get(slug="grid"))

    told = json.loads(said("stop_playbooks", "--reason", "storm"))
    assert told == {"networks": "all", "playbooks_stopped": True}
    assert (halted().stopped, halted().of_all, halted().reason) == (True, True, "storm")
    said("stop_playbooks", "--release")
    assert not halted().stopped
    said("stop_playbooks", "--network", "grid")
    assert (halted().stopped, halted().of_all) == (True, False)
    said("stop_playbooks", "--network", "grid", "--release")
    assert not halted().stopped
    assert AuditEntry.objects.filter(action="playbooks.stopped").count() == 2
