"""Bulk commands through the API: many stations, one request."""

import pytest

from emobi.core import unit_of_work
from emobi.core.models import AuditEntry, Network
from emobi.core.services import api_keys
from stations.models import BulkCommand, Command, CommandState, Station
from stations.services.commanding import bulk_commands, command_claims, command_ends
from stations.services.registry import registration
from tests.api.calling import Caller

PATH = "/commands/bulk"
CLEAR = {"command": "clear_cache"}


@pytest.fixture
def fleet(network) -> list[Station]:
    return [
        Station.objects.create(
            network=network, identity=f"CP{number}", ocpp_version="1.6", vendor="Acme" if number else "Other"
        )
        for number in range(4)
    ]


def finish(station: str) -> None:
    """What the gateway does with a command and its answer."""
    command = Command.objects.select_related("station").get(station__identity=station)
    with unit_of_work.begin():
        command_claims.mark_sent(command, command.pk, 1)
        command_ends.fail(command, CommandState.FAILED, "InternalError")


def results(caller: Caller, bulk_id: str, limit: int = 100) -> list[tuple[str, str]]:
    return [(each["station"], each["state"]) for each in caller.all(f"{PATH}/{bulk_id}/stations", limit)]


def test_stations_are_named_and_asked_in_that_order(operator, fleet):
    body = CLEAR | {"identities": ["cp2", "CP0", "CP2"], "per_second": 0.01}
    told = operator.post(PATH, body, expect=202)
    assert told == {
        "bulk_id": told["bulk_id"],
        "command": "clear_cache",
        "params": {},
        "state": "running",
        "reason": None,
        "stations": 2,
        "counts": {"waiting": 2},
        "per_second": 0.01,
        "concurrency": 20,
        "stop_at_failure_rate": None,
        "requested_by": told["requested_by"],
        "created_at": told["created_at"],
        "ended_at": None,
    }
    bulk_commands.advance()
    path = f"{PATH}/{told['bulk_id']}"
    assert operator.get(path)["counts"] == {"waiting": 1, "queued": 1}
    finish("CP2")
    first, second = operator.get(f"{path}/stations")["items"]
    assert first["station"] == "CP2"
    assert first["command_id"] == Command.objects.get().pk
    assert (first["state"], first["reason"]) == ("failed", "InternalError")
    assert (second["station"], second["state"], second["command_id"]) == ("CP0", "waiting", None)
    assert [bulk["bulk_id"] for bulk in operator.get(PATH)["items"]] == [told["bulk_id"]]


@pytest.mark.parametrize("identity", ["İZMİR1", "ΣΤΑΘΜΟΣ", "Straße"])
def test_stations_are_named_as_the_database_writes_them_in_lower_case(operator, network, fleet, identity):
    Station.objects.create(network=network, identity=identity)
    told = operator.post(PATH, CLEAR | {"identities": [identity, "cp1", identity]}, expect=202)
    assert results(operator, told["bulk_id"]) == [(identity, "waiting"), ("CP1", "waiting")]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["CP0", "CP1", "CP2", "CP3"]),
        ({"vendor": "acme"}, ["CP1", "CP2", "CP3"]),
        ({"q": "CP1", "version": "1.6"}, ["CP1"]),
    ],
)
def test_stations_are_those_that_a_filter_finds(operator, fleet, wanted, found):
    told = operator.post(PATH, CLEAR | {"filter": wanted}, expect=202)
    assert results(operator, told["bulk_id"]) == [(identity, "waiting") for identity in found]
    assert results(operator, told["bulk_id"], limit=1) == results(operator, told["bulk_id"])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "identities"),
        ({"identities": ["CP1"], "filter": {}}, "identities"),
        ({"identities": []}, "identities"),
        ({"identities": ["CP1", "nowhere", "nobody"]}, "identities"),
        ({"filter": {"colour": "red"}}, "filter.colour"),
        ({"filter": {"q": "nothing like it"}}, ""),
        ({"identities": ["CP1"], "per_second": 0}, "per_second"),
        ({"identities": ["CP1"], "concurrency": 0}, "concurrency"),
        ({"identities": ["CP1"], "stop_at_failure_rate": 2}, "stop_at_failure_rate"),
        ({"identities": ["CP1"], "params": {"colour": "red"}}, "params.colour"),
        ({"identities": ["CP1"], "reason": "x" * 301}, "reason"),
        ({"identities": ["CP1"], "command": "explode"}, "command"),
    ],
)
def test_what_cannot_be_asked_is_a_422_that_names_the_field(operator, fleet, body, field):
    told = operator.post(PATH, CLEAR | body, expect=422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not BulkCommand.objects.exists()


def test_another_networks_stations_are_not_there(operator, fleet, stranger):
    operator.post(PATH, CLEAR | {"identities": ["stranger"]}, expect=422)
    theirs = Caller(api_keys.create(stranger.network, "operator")[1])
    ours = operator.post(PATH, CLEAR | {"filter": {}}, expect=202)["bulk_id"]
    for path in (f"{PATH}/{ours}", f"{PATH}/{ours}/stations"):
        theirs.get(path, expect=404)
    theirs.post(f"{PATH}/{ours}/cancel", None, expect=404)
    assert theirs.get(PATH)["items"] == []
    assert Network.objects.count() == 2


def test_the_same_key_again_is_the_same_and_for_something_else_a_409(operator, fleet):
    body = CLEAR | {"filter": {}, "idempotency_key": "ticket-4712", "reason": "Blocked cards work."}
    first = operator.post(PATH, body, expect=202)
    assert operator.post(PATH, body, expect=202) == first
    assert operator.post(PATH, body | {"reason": "As said."}, expect=202) == first
    assert AuditEntry.objects.get(action="bulk_command.requested").detail["reason"] == "Blocked cards work."
    operator.post(PATH, body | {"per_second": 1}, expect=409)
    assert BulkCommand.objects.count() == 1


def test_the_same_key_again_is_the_same_though_a_station_was_deleted_meanwhile(operator, fleet):
    body = CLEAR | {"identities": ["CP1", "CP2"], "idempotency_key": "ticket-4712"}
    first = operator.post(PATH, body, expect=202)
    registration.unregister(fleet[1], by="user:alice")
    assert operator.post(PATH, body, expect=202)["bulk_id"] == first["bulk_id"]
    operator.post(PATH, body | {"identities": ["CP1"]}, expect=409)
    operator.post(PATH, body | {"idempotency_key": "ticket-4713"}, expect=422)
    assert BulkCommand.objects.count() == 1


def test_a_bulk_command_is_taken_back_once(operator, fleet):
    path = f"{PATH}/{operator.post(PATH, CLEAR | {'filter': {}}, expect=202)['bulk_id']}"
    told = operator.post(f"{path}/cancel", None, expect=200)
    assert (told["state"], told["counts"]) == ("cancelled", {"waiting": 4})
    assert told["reason"].startswith("cancelled by key:")
    operator.post(f"{path}/cancel", None, expect=409)


def test_a_command_that_needs_an_engineer_isnt_an_operators(operator, admin, fleet):
    setting = {"key": "HeartbeatInterval", "value": "60"}
    body = {"command": "set_config", "params": {"variables": [setting]}, "filter": {}}
    assert "engineer" in operator.post(PATH, body, expect=403)["detail"]
    told = admin.post(PATH, body, expect=202)
    operator.post(f"{PATH}/{told['bulk_id']}/cancel", None, expect=403)
