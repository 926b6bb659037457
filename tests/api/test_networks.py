"""What belongs to another network doesn't exist: every operation, with every id that there is."""

import json

import pytest

from emobi.core.models import Event
from emobi.core.services import api_keys
from stations.models import Command, Station
from tests.api import furnishing
from tests.api.calling import BASE, ENDLESS, Caller, operations
from tests.api.test_keys import CHANGES
from tests.stations.test_message_log import exchange

WITH_IDS = [each for each in operations() if "{" in each[1]]
LISTS = [path for method, path, _ in operations() if method == "GET" and "{" not in path and path != ENDLESS]


@pytest.fixture
def theirs(stranger) -> dict[str, str]:
    """One of everything in another network, by the name that paths have for its id."""
    exchange(stranger, 0)
    return furnishing.everything(stranger.network)


def everything():
    return tuple(list(kind.objects.order_by("pk").values()) for kind in (Station, Command, Event))


@pytest.mark.parametrize(("method", "path", "operation"), WITH_IDS)
def test_another_networks_object_is_a_404_and_stays_as_it_is(admin, theirs, method, path, operation):
    before = everything()
    answer = admin.ask(
        method, path.removeprefix(BASE).format(**theirs), CHANGES.get(operation["operationId"])
    )
    assert answer.status_code == 404
    assert everything() == before


@pytest.mark.parametrize(("method", "path", "operation"), WITH_IDS)
def test_its_own_networks_key_finds_it(stranger, theirs, method, path, operation):
    caller = Caller(api_keys.create(stranger.network, "admin")[1])
    if operation["operationId"] == "delete_station":
        stranger.charging_sessions.all().delete()
    answer = caller.ask(
        method, path.removeprefix(BASE).format(**theirs), CHANGES.get(operation["operationId"])
    )
    assert answer.status_code in (200, 201, 202, 204)


@pytest.mark.parametrize("path", LISTS)
def test_no_list_holds_anything_of_another_network(admin, alpha, theirs, path):
    told = json.dumps(admin.ask("GET", path.removeprefix(BASE)).json())
    ids = [each for each in theirs.values() if isinstance(each, str)]
    assert not [each for each in (*ids, "elsewhere") if each in told]


@pytest.mark.parametrize("path", ["/messages", "/sessions"])
def test_a_filter_for_another_networks_station_is_a_404(admin, theirs, path):
    admin.get(path, expect=404, station="stranger")


def test_a_filter_for_the_events_of_another_networks_station_finds_none(admin, theirs):
    assert admin.get("/events", station="stranger")["items"] == []


def test_the_same_identity_token_and_idempotency_key_are_free_in_each_network(admin, theirs):
    admin.post("/stations", {"identity": "stranger"})
    admin.post("/id-tokens", {"id_token": "THEIRS"})
    Command.objects.filter(pk=theirs["command_id"]).update(idempotency_key="same")
    body = {"command": "clear_cache", "idempotency_key": "same"}
    assert admin.post("/stations/stranger/commands", body, expect=202)["command_id"] != theirs["command_id"]


def test_a_cursor_of_another_network_opens_nothing(admin, alpha, stranger, theirs):
    exchange(alpha, 1)
    other = Caller(api_keys.create(stranger.network, "admin")[1])
    exchange(stranger, 2)
    cursor = other.get("/messages", limit=1)["next"]
    assert {each["station"] for each in admin.get("/messages", cursor=cursor)["items"]} <= {"alpha"}
