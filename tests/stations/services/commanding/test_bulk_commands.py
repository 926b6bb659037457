"""One command to many stations: paced, bounded, stopped when too many fail."""

import pytest

from emobi.core import clock
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound
from emobi.core.models import AuditEntry, Network, Role
from stations.commands.outcome import Outcome
from stations.models import (
    BulkCommand,
    BulkState,
    Command,
    CommandState,
    Registration,
    Station,
    Variable,
)
from stations.services.commanding import bulk_commands, command_ends
from tests.stations.commanding import ACCEPTED, connect, send
from tests.stations.telling import NOON, after, tell_at

REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")


@pytest.fixture
def fleet(network) -> list[Station]:
    stations = [
        Station.objects.create(network=network, identity=f"CP{number:02}", ocpp_version="1.6")
        for number in range(12)
    ]
    for station in stations:
        connect(station)
    return stations


def ask(stations: list[Station], name: str = "clear_cache", params=None, **how) -> BulkCommand:
    said = {"requested_by": "key:ek_1", "role": Role.ADMIN, "asked": {"command": name}, **how}
    return tell_at(NOON, bulk_commands.request, stations[0].network, stations, name, params or {}, **said)


def advance(seconds: float) -> int:
    with clock.at(after(seconds)):
        return bulk_commands.advance()


def answer(*outcomes: Outcome, seconds: float = 0) -> None:
    """Have what is queued said, and so many answered."""
    send(seconds=seconds)
    sent = Command.objects.select_related("station").filter(state=CommandState.SENT).order_by("pk")
    for command, outcome in zip(sent, outcomes, strict=False):
        tell_at(after(seconds), command_ends.settle, command, outcome, raw={})


def now(bulk: BulkCommand) -> tuple[str, dict[str, int]]:
    bulk.refresh_from_db()
    return bulk.state, bulk_commands.counts([bulk])[bulk.pk]


# ── pace ────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_station_is_asked_once_and_in_order(fleet):
    bulk = ask(fleet[::-1], "reset", {"type": "Immediate"}, per_second=50)
    asked = [advance(second) for second in range(3)]
    assert (asked[0], sum(asked)) == (1, 12)
    found = Command.objects.order_by("pk").select_related("station")
    assert [command.station for command in found] == fleet[::-1]
    assert {command.requested_by for command in found} == {"key:ek_1"}
    assert {command.name for command in found} == {"reset"}
    assert now(bulk) == ("running", {"queued": 12})


def test_no_more_are_asked_than_the_pace_allows(fleet):
    ask(fleet, per_second=0.5)
    assert [advance(seconds) for seconds in (0, 0, 1, 2, 2, 3, 4)] == [1, 0, 0, 1, 0, 0, 1]


def test_what_was_missed_is_not_caught_up_on_all_at_once(fleet):
    ask(fleet, per_second=2)
    advance(0)
    assert advance(600) == 1 + 2 * bulk_commands.CATCHES_UP_S


def test_no_more_are_under_way_than_were_allowed(fleet):
    bulk = ask(fleet, per_second=50, concurrency=3)
    assert [advance(seconds) for seconds in (0, 1, 2)] == [1, 2, 0]
    answer(ACCEPTED, ACCEPTED, seconds=2)
    assert advance(3) == 2
    assert now(bulk)[1] == {"accepted": 2, "sent": 1, "queued": 2, "waiting": 7}


def test_it_is_finished_when_all_have_ended(fleet):
    bulk = ask(fleet[:2], per_second=50)
    advance(1)
    answer(ACCEPTED, REJECTED, seconds=1)
    assert now(bulk)[0] == "running"
    advance(2)
    assert now(bulk) == ("finished", {"accepted": 1, "rejected": 1})
    assert bulk.ended_at == after(2)


def test_a_station_that_may_not_be_asked_stops_no_other(fleet):
    Station.objects.filter(pk=fleet[0].pk).update(registration=Registration.REJECTED)
    bulk = ask(fleet[:2], per_second=50)
    advance(1)
    assert now(bulk)[1] == {"refused": 1, "queued": 1}
    assert "rejected" in bulk.targets.get(position=0).refusal


def test_what_a_station_cannot_say_is_its_result(fleet, bravo):
    bulk = ask([*fleet[:1], bravo], "get_base_report", per_second=50)
    advance(1)
    assert now(bulk)[1] == {"unsupported": 1, "queued": 1}


# ── failures, and taking back ───────────────────────────────────────────────────────────────────────────


def test_too_many_failures_stop_it(fleet):
    bulk = ask(fleet, per_second=50, concurrency=4, stop_at_failure_rate=0.4)
    advance(0)
    advance(1)
    answer(REJECTED, REJECTED, REJECTED, ACCEPTED, seconds=1)
    advance(2)
    assert now(bulk)[0] == "running"  # three of four, but too few to judge by
    answer(ACCEPTED, seconds=2)
    advance(3)
    state, counts = now(bulk)
    assert (state, bulk.reason) == ("stopped", "3 of 5 failed")
    assert counts["waiting"] > 0
    assert "queued" not in counts
    assert advance(60) == 0


def test_where_nobody_may_fail_the_first_who_does_stops_it(fleet):
    bulk = ask(fleet, per_second=50, concurrency=2, stop_at_failure_rate=0)
    advance(0)
    advance(1)
    answer(ACCEPTED, REJECTED, seconds=1)
    advance(2)
    assert (now(bulk)[0], bulk.reason) == ("stopped", "1 of 2 failed")


def test_as_many_failures_as_are_allowed_do_not(fleet):
    bulk = ask(fleet, per_second=50, concurrency=5, stop_at_failure_rate=0.4)
    advance(0)
    advance(1)
    answer(REJECTED, REJECTED, ACCEPTED, ACCEPTED, ACCEPTED, seconds=1)
    advance(2)
    assert now(bulk)[0] == "running"


def test_what_is_taken_back_goes_no_further(fleet):
    bulk = ask(fleet, per_second=50, concurrency=4)
    advance(0)
    send()
    advance(1)
    assert tell_at(after(1), bulk_commands.cancel, bulk, by="user:alice", role=Role.OPERATOR)
    assert now(bulk) == ("cancelled", {"sent": 1, "cancelled": 3, "waiting": 8})
    assert bulk.reason == "cancelled by user:alice"
    assert advance(60) == 0
    assert not bulk_commands.cancel(bulk, by="user:alice", role=Role.OPERATOR)
    assert AuditEntry.objects.filter(action="bulk_command.cancelled").count() == 1


def test_who_may_not_ask_may_neither_begin_nor_take_back(fleet):
    bulk = ask(fleet)
    with pytest.raises(Forbidden):
        bulk_commands.cancel(bulk, by="user:bob", role=Role.VIEWER)
    with pytest.raises(Forbidden):
        ask(fleet, "clear_cache", role=Role.VIEWER)


def test_the_secrets_of_its_params_are_sealed_and_go_with_its_end(fleet):
    door = {"component": "Cabinet", "variable": "Door"}
    Variable.objects.create(station=fleet[0], **door, mutability="WriteOnly", reported_at=NOON)
    password = {"key": "AuthorizationKey", "value": "sixteen letters!"}
    params = {"variables": [password, door | {"value": "sixteen steps"}]}
    bulk = ask(fleet[:2], "set_config", params)
    advance(0)
    assert Command.objects.get().asked_params == BulkCommand.objects.get().asked_params == params
    assert bulk.params == {"variables": [password | {"value": "***"}, door | {"value": "***"}]}
    kept = [*AuditEntry.objects.values(), *BulkCommand.objects.values(), *Command.objects.values("params")]
    assert "sixteen" not in str(kept)
    bulk_commands.cancel(bulk, by="user:alice", role=Role.ADMIN)
    assert BulkCommand.objects.get().sealed == ""


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_again_is_the_same_bulk_command(fleet):
    first = ask(fleet, idempotency_key="order-1")
    assert ask(fleet, idempotency_key="order-1").pk == first.pk
    assert BulkCommand.objects.count() == AuditEntry.objects.count() == 1
    with pytest.raises(Conflict):
        ask(fleet, idempotency_key="order-1", asked={"command": "clear_cache", "per_second": 1})
    assert ask(fleet, idempotency_key=None).pk != ask(fleet, idempotency_key=None).pk


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"name": "explode"}, "command"),
        ({"params": {"typ": 1}}, "params.typ"),
        ({"per_second": 0}, "per_second"),
        ({"per_second": 51}, "per_second"),
        ({"per_second": float("nan")}, "per_second"),
        ({"concurrency": 0}, "concurrency"),
        ({"concurrency": 1001}, "concurrency"),
        ({"stop_at_failure_rate": 1.1}, "stop_at_failure_rate"),
        ({"stop_at_failure_rate": float("nan")}, "stop_at_failure_rate"),
        ({"expires_in_s": 0}, "expires_in_s"),
    ],
)
def test_what_cannot_be_asked_is_refused(fleet, how, field):
    with pytest.raises(Invalid) as refused:
        ask(fleet, **how)
    assert refused.value.field == field
    assert not BulkCommand.objects.exists()


def test_it_is_for_some_stations_and_not_for_too_many(fleet, monkeypatch):
    monkeypatch.setattr(bulk_commands, "MOST_STATIONS", 11)
    with pytest.raises(Invalid, match="1 to 11"):
        ask(fleet)
    with pytest.raises(Invalid):
        bulk_commands.request(
            fleet[0].network, [], "clear_cache", {}, requested_by="a", role=Role.ADMIN, asked={}
        )


def test_another_networks_bulk_command_isnt_there(fleet):
    elsewhere = Network.objects.create(slug="elsewhere", name="Elsewhere")
    with pytest.raises(NotFound):
        bulk_commands.get(elsewhere, ask(fleet).pk)


def test_how_far_it_has_come_is_one_query(fleet, django_assert_num_queries):
    bulks = [ask(fleet) for _ in range(3)]
    with django_assert_num_queries(1):
        assert [sum(count.values()) for count in bulk_commands.counts(bulks).values()] == [12] * 3
    assert BulkState(bulks[0].state) == BulkState.RUNNING
