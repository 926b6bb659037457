"""Commands through the API: asked, waited for, asked twice."""

import asyncio
import threading
import time

import jsonschema_rs
import pytest
from asgiref.sync import sync_to_async
from django.db import connection, connections
from django.test import AsyncClient

from emobi.core import unit_of_work
from emobi.core.models import AuditEntry, Network
from emobi.core.services import api_keys
from stations.commands import catalogue
from stations.commands.catalogue import ENTRIES
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Registration, Station
from stations.services.commanding import command_claims, command_ends, command_parts, following
from tests.api.calling import BASE, check

RESET = {"command": "reset", "params": {"type": "Immediate"}}
ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")


def settle(command: Command) -> None:
    """What the gateway does with a command and its answer."""
    with unit_of_work.begin():
        command_claims.mark_sent(command, "m-1", 1)
        command_ends.settle(command, ACCEPTED, raw={"status": "Accepted"})


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_command_for_a_station_that_was_never_seen_waits_for_it(operator, network):
    operator.post("/stations", {"identity": "new"})
    told = operator.post("/stations/new/commands", RESET, expect=202)
    command = Command.objects.get()
    assert told == {
        "command_id": command.pk,
        "station": "new",
        "command": "reset",
        "params": {"type": "Immediate"},
        "state": "queued",
        "outcome": None,
        "requested_by": command.requested_by,
        "created_at": told["created_at"],
        "expires_at": told["expires_at"],
        "sent_at": None,
        "ended_at": None,
    }
    assert command.requested_by.startswith("key:ek_")
    assert (command.expires_at - command.created_at).total_seconds() == 60
    assert operator.get(f"/commands/{command.pk}") == told


def test_how_long_a_command_may_wait_is_the_askers_to_say(operator, alpha):
    operator.post("/stations/alpha/commands", RESET | {"expires_in_s": 3600.5}, expect=202)
    command = Command.objects.get()
    assert (command.expires_at - command.created_at).total_seconds() == 3600.5


def test_what_the_stations_version_cant_say_has_ended_at_once(operator, alpha):
    told = operator.post("/stations/alpha/commands", {"command": "get_base_report"}, expect=200)
    assert told["state"] == "unsupported"
    assert "2.0.1" in told["outcome"]["reason"]


def test_a_command_reads_its_outcome_once_it_has_ended(operator, alpha):
    told = operator.post("/stations/alpha/commands", RESET, expect=202)
    settle(Command.objects.get())
    over = operator.get(f"/commands/{told['command_id']}")
    assert over["state"] == "accepted"
    assert over["outcome"] == {
        "status": "Accepted",
        "detail": {},
        "reason": None,
        "raw": {"status": "Accepted"},
    }
    assert over["sent_at"] is not None
    assert over["ended_at"] is not None


def test_secrets_among_the_params_arent_shown(admin, alpha):
    setting = {"key": "AuthorizationKey", "value": "sixteen letters!"}
    body = {"command": "set_config", "params": {"variables": [setting]}}
    told = admin.post("/stations/alpha/commands", body, expect=202)
    assert told["params"]["variables"][0]["value"] == "***"
    assert "sixteen letters!" not in str(admin.get("/stations/alpha/commands"))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "command"),
        ({"command": "explode"}, "command"),
        ({"command": "x" * 65}, "command"),
        ({"command": None}, "command"),
        ({"command": "reset", "params": {"type": "Sometimes"}}, "params.type"),
        ({"command": "reset", "params": {"evse_id": 0}}, "params.evse_id"),
        ({"command": "reset", "params": {"evse_id": 10**30}}, "params.evse_id"),
        ({"command": "reset", "params": {"colour": "red"}}, "params.colour"),
        ({"command": "reset", "params": []}, "params"),
        ({"command": "remote_start"}, "params.id_token"),
        ({"command": "set_availability", "params": {}}, "params.operational_status"),
        ({"command": "reset", "expires_in_s": 0}, "expires_in_s"),
        ({"command": "reset", "expires_in_s": -1}, "expires_in_s"),
        ({"command": "reset", "expires_in_s": 7 * 86400 + 1}, "expires_in_s"),
        ({"command": "reset", "expires_in_s": "NaN"}, "expires_in_s"),
        ({"command": "reset", "expires_in_s": 1e300}, "expires_in_s"),
        ({"command": "reset", "idempotency_key": ""}, "idempotency_key"),
        ({"command": "reset", "idempotency_key": "x" * 201}, "idempotency_key"),
        ({"command": "reset", "reason": "x" * 301}, "reason"),
        ({"command": "reset", "when": "now"}, "when"),
    ],
)
def test_what_cant_be_asked_is_a_422_that_names_the_field(operator, alpha, body, field):
    told = operator.post("/stations/alpha/commands", body, expect=422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not Command.objects.exists()


def test_a_reason_goes_to_the_audit_log(operator, alpha):
    why = RESET | {"reason": " Screen <frozen>\n", "idempotency_key": "ticket-4711"}
    told = operator.post("/stations/alpha/commands", why, expect=202)
    entry = AuditEntry.objects.get(action="command.requested")
    assert (entry.target, entry.detail["reason"]) == ("alpha", "Screen <frozen>")
    assert operator.post("/stations/alpha/commands", why | {"reason": "As said."}, expect=202) == told
    for none in ({}, {"reason": None}, {"reason": " "}):
        operator.post("/stations/alpha/commands", RESET | none, expect=202)
    kept = AuditEntry.objects.filter(action="command.requested").order_by("pk")
    assert ["reason" in each.detail for each in kept] == [True, False, False, False]


@pytest.mark.parametrize("wait", [-1, 61, "NaN", "inf", "long", 10**400])
def test_a_wait_that_cant_be_is_a_422(operator, alpha, wait):
    told = operator.post("/stations/alpha/commands", RESET, expect=422, wait=wait)
    assert [error["field"] for error in told["errors"]] == ["wait"]
    assert not Command.objects.exists()


def test_a_rejected_station_may_not_be_asked(operator, alpha):
    Station.objects.update(registration=Registration.REJECTED)
    operator.post("/stations/alpha/commands", RESET, expect=409)


def test_a_command_or_station_that_isnt_there_is_a_404(operator):
    operator.get("/commands/01JD", expect=404)
    operator.get("/stations/nowhere/commands", expect=404)
    operator.post("/stations/nowhere/commands", RESET, expect=404)


# ── asking twice ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_idempotency_key_gives_the_same_command_before_and_after_its_end(operator, alpha):
    body = RESET | {"idempotency_key": "ticket-4711"}
    first = operator.post("/stations/alpha/commands", body, expect=202)
    assert operator.post("/stations/alpha/commands", body, expect=202) == first
    settle(Command.objects.get())
    again = operator.post("/stations/alpha/commands", body, expect=200)
    assert (again["command_id"], again["state"]) == (first["command_id"], "accepted")


def test_another_idempotency_key_or_none_is_another_command(operator, alpha):
    for key in ("one", "two", None, None):
        operator.post("/stations/alpha/commands", RESET | {"idempotency_key": key}, expect=202)
    assert Command.objects.count() == 4


@pytest.mark.parametrize(
    ("identity", "change"),
    [
        ("bravo", {}),
        ("alpha", {"command": "clear_cache", "params": {}}),
        ("alpha", {"params": {"hard": True}}),
    ],
)
def test_the_same_idempotency_key_for_something_else_is_a_409(operator, alpha, bravo, identity, change):
    body = RESET | {"idempotency_key": "ticket-4711"}
    operator.post("/stations/alpha/commands", body, expect=202)
    operator.post(f"/stations/{identity}/commands", body | change, expect=409)
    assert Command.objects.count() == 1


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("limit", [1, 2, 5, 500])
def test_pages_follow_each_other_without_gap_or_repetition(operator, alpha, bravo, limit):
    asked = [operator.post("/stations/alpha/commands", RESET, expect=202)["command_id"] for _ in range(5)]
    operator.post("/stations/bravo/commands", RESET, expect=202)
    paged = [command["command_id"] for command in operator.all("/stations/alpha/commands", limit)]
    assert sorted(paged) == sorted(asked)
    assert paged == sorted(paged, reverse=True)


def test_what_vendors_add_is_for_2_0_1(operator, alpha, bravo):
    said = {"": {"vendorId": "acme", "depot": 7}}
    body = {"command": "clear_cache", "params": {"custom_data": said}}
    told = operator.post("/stations/bravo/commands", body, expect=202)
    assert (told["state"], told["params"]) == ("queued", {"custom_data": said})
    told = operator.post("/stations/alpha/commands", body, expect=200)
    assert told["state"] == "unsupported"
    assert told["outcome"]["reason"].startswith("OCPP 1.6 has no customData")
    body = {"command": "clear_cache", "params": {"custom_data": {"": {"depot": 7}}}}
    refused = operator.post("/stations/bravo/commands", body, expect=422)
    assert "params.custom_data" in str(refused)


def test_the_catalogue_has_every_command_with_a_schema_that_its_example_fits(viewer):
    entries = viewer.get("/commands/catalogue")["items"]
    assert [entry["command"] for entry in entries] == list(ENTRIES)
    for entry in entries:
        jsonschema_rs.meta.validate(entry["params_schema"])
        schema = jsonschema_rs.Draft202012Validator(entry["params_schema"])
        schema.validate(entry["example"])
        assert not schema.is_valid({**entry["example"], "colour": "red"})
        vendors = {**entry["example"], "custom_data": {"a[0].b": {"vendorId": "acme"}}}
        assert schema.is_valid(vendors) == ("2.0.1" in entry["versions"])
        assert not schema.is_valid({**vendors, "custom_data": {"": {"depot": 7}}})
        assert entry["role"] in ("operator", "engineer", "admin")
        assert set(entry["versions"]) <= {"1.6", "2.0.1"}


@pytest.mark.parametrize("name", ENTRIES)
def test_the_example_of_each_command_can_be_sent_to_any_station_of_its_versions(admin, alpha, bravo, name):
    for station in (alpha, bravo):
        body = {"command": name, "params": ENTRIES[name].example}
        supported = station.ocpp_version in ENTRIES[name].versions
        told = admin.post(f"/stations/{station.identity}/commands", body, expect=202 if supported else 200)
        assert told["state"] == ("queued" if supported else "unsupported")


@pytest.mark.parametrize(
    ("identity", "name", "supported", "reason"),
    [
        ("alpha", "clear_cache", True, None),
        ("alpha", "get_base_report", False, "get_base_report is in OCPP 2.0.1 only; the station speaks 1.6"),
        ("bravo", "get_base_report", True, None),
        ("unseen", "get_base_report", None, None),
        (
            "pending",
            "remote_start",
            False,
            "pending waits for its registration",
        ),
        ("pending", "clear_cache", True, None),
        ("rejected", "clear_cache", False, "rejected is rejected: it may not be asked anything"),
    ],
)
def test_the_catalogue_says_what_a_station_can_be_asked(
    viewer, network, alpha, bravo, identity, name, supported, reason
):
    Station.objects.create(network=network, identity="unseen")
    for registration in ("pending", "rejected"):
        Station.objects.create(
            network=network, identity=registration, registration=registration, ocpp_version="1.6"
        )
    entries = {
        entry["command"]: entry for entry in viewer.get("/commands/catalogue", station=identity)["items"]
    }
    assert entries[name]["supported"] is supported
    assert (entries[name]["reason"] or "").startswith(reason or "")
    assert (entries[name]["reason"] is None) == (reason is None)


def test_the_catalogue_of_no_station_says_nothing_of_one(viewer, network):
    told = {(each["supported"], each["reason"]) for each in viewer.get("/commands/catalogue")["items"]}
    assert told == {(None, None)}
    viewer.get("/commands/catalogue", expect=404, station="nowhere")


# ── reports, and what is seen of an effect ──────────────────────────────────────────────────────────────


def test_a_report_is_read_with_its_command_and_counted_in_lists(operator, bravo):
    path = operator.post("/stations/bravo/commands", {"command": "get_base_report"}, expect=202)
    path = f"/commands/{path['command_id']}"
    command = Command.objects.get()
    settle(command)
    assert "report" not in operator.get(path)["outcome"]
    request_id = command.params["request_id"]
    for seq_no, more in ((0, True), (1, False)):
        with unit_of_work.begin():
            command_parts.add(
                bravo, ("get_base_report",), request_id, seq_no=seq_no, more=more, items=[{"part": seq_no}]
            )
        items = [{"part": number} for number in range(seq_no + 1)]
        report = operator.get(path)["outcome"]["report"]
        assert report == {"items": items, "count": len(items), "complete": not more}
    (listed,) = operator.get("/stations/bravo/commands")["items"]
    assert listed["outcome"]["report"] == {"items": None, "count": 2, "complete": True}


def test_what_was_seen_of_its_effect_is_read_with_a_command(operator, alpha):
    operator.post("/stations/alpha/commands", RESET, expect=202)
    command = Command.objects.select_related("station").get()
    with unit_of_work.begin():
        command_claims.mark_sent(command, command.pk, 1)
        following.begin(command.station, command, catalogue.parse("reset", {}))
        command_ends.settle(command, ACCEPTED, raw={"status": "Accepted"})
    told = operator.get(f"/commands/{command.pk}")["outcome"]["verification"]
    assert told == {"state": "pending", "within_s": 300, "detail": None}


# ── taking back ─────────────────────────────────────────────────────────────────────────────────────────


def test_a_command_that_waits_can_be_taken_back_once(operator, alpha):
    path = f"/commands/{operator.post('/stations/alpha/commands', RESET, expect=202)['command_id']}"
    told = operator.post(f"{path}/cancel", None, expect=200)
    assert told["state"] == "cancelled"
    assert told["outcome"]["reason"].startswith("cancelled by key:")
    assert operator.post(f"{path}/cancel", None, expect=409)["detail"]
    operator.post("/commands/01JD/cancel", None, expect=404)


def test_a_command_that_was_sent_cannot(operator, alpha):
    path = f"/commands/{operator.post('/stations/alpha/commands', RESET, expect=202)['command_id']}"
    command = Command.objects.select_related("station").get()
    with unit_of_work.begin():
        command_claims.mark_sent(command, command.pk, 1)
    operator.post(f"{path}/cancel", None, expect=409)
    assert operator.get(path)["state"] == "sent"


# ── waiting ─────────────────────────────────────────────────────────────────────────────────────────────

# Longer than any test takes: a wait that ends by itself wasn't woken.
LONG_S = 50
SHORT_S = 0.3


@pytest.fixture
def key(transactional_db) -> str:
    """An operator's, to a network with one station."""
    network = Network.objects.create(slug="grid", name="Grid")
    Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")
    return api_keys.create(network, "operator")[1]


async def ask(key: str, wait: float, body=RESET):
    """On the event loop, as the web process does."""
    path = f"{BASE}/stations/alpha/commands"
    try:
        answer = await AsyncClient().post(
            path,
            body,
            content_type="application/json",
            query_params={"wait": wait},
            headers={"Authorization": f"Bearer {key}"},
        )
    finally:
        # The thread of the views lives on with the loop.
        await sync_to_async(connections.close_all)()
    check("POST", path, answer)
    return answer


def settle_when_it_is_there() -> None:
    """Another process: it sends the command and gets an answer."""
    try:
        deadline = time.monotonic() + LONG_S
        while not (command := Command.objects.select_related("station").first()):
            assert time.monotonic() < deadline
        settle(command)
    finally:
        connection.close()


@pytest.mark.asyncio
async def test_a_wait_ends_with_the_command(key):
    other = threading.Thread(target=settle_when_it_is_there)
    other.start()
    try:
        answer = await asyncio.wait_for(ask(key, LONG_S), LONG_S)
    finally:
        await asyncio.to_thread(other.join)
    assert answer.status_code == 200
    assert (answer.json()["state"], answer.json()["outcome"]["status"]) == ("accepted", "Accepted")


@pytest.mark.asyncio
async def test_a_wait_that_is_over_before_the_command_is_answers_how_it_stands(key):
    answer = await ask(key, SHORT_S)
    assert (answer.status_code, answer.json()["state"]) == (202, "queued")


@pytest.mark.asyncio
async def test_a_wait_for_what_has_ended_already_is_over_at_once(key):
    answer = await asyncio.wait_for(ask(key, LONG_S, {"command": "get_base_report"}), LONG_S)
    assert (answer.status_code, answer.json()["state"]) == (200, "unsupported")


def test_a_wait_holds_a_synchronous_server_as_well(operator, alpha):
    told = operator.post("/stations/alpha/commands", RESET, expect=202, wait=SHORT_S)
    assert told["state"] == "queued"
