"""What we ask of stations: said once, answered once, ended once."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from emobi.core.errors import Conflict
from emobi.core.models import Event, Role
from sessions.models import ChargingSession, IdToken
from stations.models import Command, CommandState, Connection, Frame, Variable
from stations.services.commanding import bulk_commands, commands
from stations.services.registry import registration
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, state_of, told_of

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
ACCEPTED, QUEUED, SENT = CommandState.ACCEPTED, CommandState.QUEUED, CommandState.SENT
HEARTBEAT = {"requested_message": "Heartbeat"}
INTERVAL = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}
# Longer than a busy machine may stand still in the middle of a test.
TIMEOUT_S = 4


@pytest.fixture(scope="module")
def gateway(make_gateway):
    process = make_gateway(EMOBI_CALL_TIMEOUT_S=str(TIMEOUT_S))
    yield process
    assert "Traceback" not in process.log


# ── all ten, in both versions ───────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sim(gateway, simulate, version):
    return simulate(gateway, version)


@VERSIONS
def test_trigger_message(sim, version):
    command = ask(sim.known.station, "trigger_message", HEARTBEAT)
    assert end_of(command) == ACCEPTED
    assert told_of(command) == ["command.completed"]
    until(lambda: Frame.objects.filter(station=sim.known.station, action="Heartbeat").exists())


def test_what_a_version_cant_say_ends_at_once_also_behind_another_command(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.boot()
        first = ask(alpha.station, "clear_cache")
        assert charger.next_call()[1] == first.pk
        idle, one, whole = (
            ask(alpha.station, "reset", params) for params in ({"type": "OnIdle"}, {"evse_id": 1}, {})
        )
        assert (end_of(idle), end_of(one)) == (CommandState.UNSUPPORTED, CommandState.UNSUPPORTED)
        assert (state_of(first), state_of(whole)) == (SENT, QUEUED)
        charger.send([3, first.pk, {"status": "Accepted"}])
        assert charger.next_call()[1] == whole.pk
        charger.send([3, whole.pk, {"status": "Accepted"}])
        assert end_of(whole) == ACCEPTED


@VERSIONS
def test_a_number_that_cant_be_said_holds_nothing_up(gateway, alpha, version):
    with alpha.connect(gateway, version) as charger:
        charger.boot()
        huge = ask(alpha.station, "data_transfer", {"vendor_id": "acme", "data": {"n": 2.0**64}})
        other = ask(alpha.station, "clear_cache")
        assert charger.next_call()[1] == other.pk
        charger.send([3, other.pk, {"status": "Accepted"}])
        assert end_of(other) == ACCEPTED
        assert (end_of(huge), huge.outcome["reason"]) == (
            CommandState.UNSUPPORTED,
            "it has no form as JSON: Integer exceeds 64-bit range",
        )


def test_a_trigger_that_names_no_connector_asks_for_the_station_alone(gateway, alpha):
    status = {"requested_message": "StatusNotification"}
    said = {"errorCode": "NoError", "status": "Available"}
    with alpha.connect(gateway) as charger:
        charger.boot()
        whole = ask(alpha.station, "trigger_message", status)
        _, message_id, _, payload = charger.next_call()
        assert payload == {"requestedMessage": "StatusNotification"}
        charger.send([3, message_id, {"status": "Accepted"}])
        assert charger.call("StatusNotification", said | {"connectorId": 0}) == {}
        assert end_of(whole) == ACCEPTED
        # Its connectors aren't asked for by themselves.
        assert charger.hears_nothing(0.3)
        one = ask(alpha.station, "trigger_message", status | {"evse_id": 2})
        _, message_id, _, payload = charger.next_call()
        assert payload == {"requestedMessage": "StatusNotification", "connectorId": 2}
        charger.send([3, message_id, {"status": "Accepted"}])
        charger.call("StatusNotification", said | {"connectorId": 2})
        assert end_of(one) == ACCEPTED
    assert seen_of(whole) == ("verified", 0)
    assert seen_of(one) == ("verified", 2)


def seen_of(command):
    command.refresh_from_db()
    found = command.outcome["verification"]
    return found["state"], found["detail"]["evse_id"]


@VERSIONS
def test_get_config_tells_the_device_model(sim, version):
    command = ask(sim.known.station, "get_config", {"variables": [INTERVAL]})
    assert end_of(command) == ACCEPTED
    (answer,) = command.outcome["detail"]["variables"]
    assert (answer["component"], answer["variable"]) == ("OCPPCommCtrlr", "HeartbeatInterval")
    kept = Variable.objects.get(station=sim.known.station, variable="HeartbeatInterval", attribute="Actual")
    assert kept.value == answer["value"] == "300"


@VERSIONS
def test_set_config(sim, version):
    command = ask(sim.known.station, "set_config", {"variables": [INTERVAL | {"value": "123"}]})
    assert end_of(command) == ACCEPTED
    read = ask(sim.known.station, "get_config", {"variables": [INTERVAL]})
    assert end_of(read) == ACCEPTED
    assert read.outcome["detail"]["variables"][0]["value"] == "123"


@VERSIONS
def test_get_base_report(sim, version):
    command = ask(sim.known.station, "get_base_report", {"report_base": "FullInventory"})
    if version == "1.6":
        assert state_of(command) == CommandState.UNSUPPORTED
        assert "2.0.1" in command.outcome["reason"]
        assert told_of(command) == ["command.failed"]
    else:
        assert end_of(command) == ACCEPTED
        until(lambda: Variable.objects.filter(station=sim.known.station).count() > 10)


@VERSIONS
def test_a_session_is_started_and_stopped_from_afar(sim, version):
    station = sim.known.station
    IdToken.objects.create(network=station.network, id_token="GOOD")
    sim.do(sim.station.plug_in(1))
    assert end_of(ask(station, "remote_start", {"id_token": "GOOD", "evse_id": 1})) == ACCEPTED
    session = until(lambda: ChargingSession.objects.filter(station=station).first())
    assert end_of(ask(station, "remote_stop", {"session_id": str(session.pk)})) == ACCEPTED
    until(lambda: ChargingSession.objects.filter(pk=session.pk, ended_at__isnull=False).exists())


def test_a_remote_start_names_the_token_that_was_asked_for_and_no_other(gateway, alpha):
    """The station has a list of its own: a token that isn't on it can't charge there."""
    for token in ("GOOD", "LISTED"):
        IdToken.objects.create(network=alpha.station.network, id_token=token)
    with alpha.connect(gateway) as charger:
        charger.boot()
        refused = ask(alpha.station, "remote_start", {"id_token": "GOOD", "evse_id": 1})
        _, message_id, _, payload = charger.next_call()
        assert payload["idTag"] == "GOOD"
        charger.send([3, message_id, {"status": "Rejected"}])
        assert end_of(refused) == CommandState.REJECTED
        taken = ask(alpha.station, "remote_start", {"id_token": "LISTED", "evse_id": 1})
        # The next CALL is that one: nothing else was tried for the first.
        _, message_id, _, payload = charger.next_call()
        assert payload["idTag"] == "LISTED"
        charger.send([3, message_id, {"status": "Accepted"}])
        assert end_of(taken) == ACCEPTED


@VERSIONS
def test_nothing_can_be_stopped_that_isnt_there(sim, version):
    assert end_of(ask(sim.known.station, "remote_stop", {"transaction_id": "4711"})) == CommandState.REJECTED
    foreign = ask(sim.known.station, "remote_stop", {"session_id": "00000000000000000000000000"})
    assert end_of(foreign) == CommandState.UNSUPPORTED


@VERSIONS
def test_reset_and_boot(sim, version):
    boots = Frame.objects.filter(station=sim.known.station, action="BootNotification", direction=0)
    until(lambda: boots.count() == 1)
    assert end_of(ask(sim.known.station, "reset", {"type": "Immediate"})) == ACCEPTED
    until(lambda: boots.count() == 2)


@VERSIONS
def test_unlock(sim, version):
    assert end_of(ask(sim.known.station, "unlock", {"evse_id": 1})) == ACCEPTED


@VERSIONS
def test_set_availability(sim, version):
    asked = {"operational_status": "Inoperative", "evse_id": 2}
    assert end_of(ask(sim.known.station, "set_availability", asked)) == ACCEPTED
    connectors = sim.known.station.connectors
    until(lambda: connectors.filter(evse_id=2, status="Unavailable").exists())


@VERSIONS
def test_clear_cache(sim, version):
    command = ask(sim.known.station, "clear_cache")
    assert end_of(command) == ACCEPTED
    assert command.outcome["status"] == "Accepted"
    assert command.outcome["raw"] == {"status": "Accepted"}


# ── how they go ─────────────────────────────────────────────────────────────────────────────────────────


def calls_logged(known):
    found = Frame.objects.filter(station=known.station, direction=1, kind=2)
    return list(found.order_by("id").values_list("message_id", flat=True))


def test_a_command_and_its_answer_are_kept_as_a_pair(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "clear_cache")
        _, message_id, action, _ = charger.next_call()
        assert (message_id, action) == (command.pk, "ClearCache")
        assert state_of(command) == SENT
        charger.send([3, message_id, {"status": "Accepted"}])
        assert end_of(command) == ACCEPTED
    asked, answered = Frame.objects.filter(station=alpha.station, message_id=command.pk).order_by("id")
    assert (asked.pair_id, answered.pair_id) == (answered.pk, asked.pk)
    assert answered.round_trip_ms >= 0
    assert (asked.action, answered.action) == ("ClearCache", "ClearCache")


def test_one_call_is_open_at_a_time_and_the_others_follow_in_their_order(gateway, alpha, register):
    bravo = register("bravo")
    with alpha.connect(gateway) as charger, bravo.connect(gateway) as neighbour:
        asked = [ask(alpha.station, "clear_cache") for _ in range(3)]
        other = ask(bravo.station, "clear_cache")
        assert neighbour.next_call()[1] == other.pk
        for command in asked:
            assert charger.next_call()[1] == command.pk
            assert charger.hears_nothing(0.2)
            charger.send([3, command.pk, {"status": "Accepted"}])
        assert [end_of(command) for command in asked] == [ACCEPTED] * 3


def test_a_station_is_answered_while_it_owes_us_an_answer(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "clear_cache")
        charger.next_call()
        charger.heartbeat()
        charger.send([3, command.pk, {"status": "Rejected"}])
        assert end_of(command) == CommandState.REJECTED


def test_what_is_not_answered_ends_as_unknown_and_is_not_said_again(gateway, alpha):
    with alpha.connect(gateway) as charger:
        lost, following = (ask(alpha.station, "clear_cache") for _ in range(2))
        assert charger.next_call()[1] == lost.pk
        assert end_of(lost) == CommandState.UNKNOWN
        assert lost.outcome["reason"] == f"no answer within {TIMEOUT_S} s"
        assert told_of(lost) == ["command.failed"]
        assert charger.next_call()[1] == following.pk
        charger.send([3, lost.pk, {"status": "Accepted"}])
        charger.send([3, following.pk, {"status": "Accepted"}])
        assert end_of(following) == ACCEPTED
        assert state_of(lost) == CommandState.UNKNOWN
        late = until(lambda: Frame.objects.filter(station=alpha.station, note__contains="time-out").first())
        assert late.message_id == lost.pk
    with alpha.connect(gateway) as charger:
        assert charger.hears_nothing(0.3)
    assert calls_logged(alpha) == [lost.pk, following.pk]


@pytest.mark.parametrize("code", ["NotSupported", "FormationViolation", "Anything at all"])
def test_a_call_error_is_a_failure_with_its_reason(gateway, alpha, code):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "clear_cache")
        charger.next_call()
        charger.send([4, command.pk, code, "because", {}])
        assert end_of(command) == CommandState.FAILED
    assert command.outcome["reason"].endswith(": because")
    assert command.outcome["raw"]["code"] == code
    assert told_of(command) == ["command.failed"]


def test_an_answer_that_cannot_be_read_is_a_failure(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "clear_cache")
        charger.next_call()
        charger.send([3, command.pk, {"status": 42}])
        assert end_of(command) == CommandState.FAILED
        again = ask(alpha.station, "clear_cache")
        assert charger.next_call()[1] == again.pk
        charger.send(f'[3,"{again.pk}",')
        charger.heartbeat()
        assert end_of(again) in (CommandState.FAILED, CommandState.UNKNOWN)


def test_nobody_answers_for_another_station(gateway, alpha, register):
    with alpha.connect(gateway) as charger, register("bravo").connect(gateway) as other:
        command = ask(alpha.station, "clear_cache")
        charger.next_call()
        other.send([3, command.pk, {"status": "Accepted"}])
        other.heartbeat()
        assert state_of(command) == SENT
        charger.send([3, command.pk, {"status": "Rejected"}])
        assert end_of(command) == CommandState.REJECTED


def test_what_a_version_cannot_say_ends_at_once(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "reset", {"type": "OnIdle"})
        assert end_of(command) == CommandState.UNSUPPORTED
        assert "idle" in command.outcome["reason"]
        assert charger.hears_nothing(0.2)


def test_what_a_version_cannot_say_ends_at_once_while_the_station_is_away(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.boot()
    until(lambda: Connection.objects.filter(station=alpha.station, closed_at__isnull=False).exists())
    report = ask(alpha.station, "get_base_report")
    assert state_of(report) == CommandState.UNSUPPORTED
    idle = ask(alpha.station, "reset", {"type": "OnIdle"}, expires_in_s=600)
    assert end_of(idle) == CommandState.UNSUPPORTED
    possible = ask(alpha.station, "reset", {"type": "Immediate"}, expires_in_s=600)
    assert state_of(possible) == QUEUED


def test_what_is_asked_of_an_absent_station_waits_for_it(gateway, alpha):
    command = ask(alpha.station, "clear_cache", expires_in_s=600)
    assert state_of(command) == QUEUED
    with alpha.connect(gateway) as charger:
        assert charger.next_call()[1] == command.pk
        charger.send([3, command.pk, {"status": "Accepted"}])
        assert end_of(command) == ACCEPTED


def test_what_waited_is_said_to_a_whole_fleet_that_comes_back_at_once(gateway, register):
    fleet = [register(f"CP{number}") for number in range(20)]
    waiting = [ask(known.station, "clear_cache", expires_in_s=600) for known in fleet]
    with ThreadPoolExecutor(20) as threads, ExitStack() as sockets:
        chargers = [
            sockets.enter_context(charger)
            for charger in threads.map(lambda known: known.connect(gateway), fleet)
        ]
        assert [charger.next_call()[1] for charger in chargers] == [command.pk for command in waiting]


def test_what_waits_too_long_expires(gateway, alpha):
    command = ask(alpha.station, "clear_cache", expires_in_s=0.2)
    assert end_of(command) == CommandState.EXPIRED
    assert told_of(command) == ["command.failed"]
    with alpha.connect(gateway) as charger:
        assert charger.hears_nothing(0.3)


def test_what_was_taken_back_is_not_said(gateway, alpha):
    command = ask(alpha.station, "clear_cache", expires_in_s=600)
    assert commands.cancel(command, by="user:test", role=Role.ADMIN)
    with alpha.connect(gateway) as charger:
        assert charger.hears_nothing(0.3)


def test_a_lost_connection_ends_what_it_was_asked(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "clear_cache")
        charger.next_call()
    assert end_of(command) == CommandState.UNKNOWN
    with alpha.connect(gateway) as charger:
        charger.send([3, command.pk, {"status": "Accepted"}])
        assert charger.hears_nothing(0.3)
    assert state_of(command) == CommandState.UNKNOWN


def test_the_same_idempotency_key_is_the_same_command(gateway, alpha):
    with alpha.connect(gateway) as charger:
        first, again = (ask(alpha.station, "clear_cache", idempotency_key="once") for _ in range(2))
        assert first.pk == again.pk
        charger.next_call()
        assert charger.hears_nothing(0.2)
        with pytest.raises(Conflict):
            ask(alpha.station, "reset", idempotency_key="once")
    assert Command.objects.filter(station=alpha.station).count() == 1


def test_a_pending_station_may_be_asked_but_not_to_charge(gateway, alpha):
    registration.set_registration(alpha.station, "pending", by="user:test")
    with alpha.connect(gateway) as charger:
        assert charger.boot()["status"] == "Pending"
        command = ask(alpha.station, "trigger_message", HEARTBEAT)
        charger.next_call()
        charger.send([3, command.pk, {"status": "Accepted"}])
        assert end_of(command) == ACCEPTED
        charger.heartbeat()  # it was asked for
        assert charger.error("StatusNotification", {}) is not None
        with pytest.raises(Conflict):
            ask(alpha.station, "remote_start", {"id_token": "GOOD"})


def test_a_station_is_left_in_peace_after_its_boot_by_its_quirk(gateway, register):
    known = register(quirks={"boot_wait_s": 1})
    with known.connect(gateway) as charger:
        charger.boot()
        command = ask(known.station, "clear_cache")
        assert charger.hears_nothing(0.4)
        assert state_of(command) == QUEUED
        assert charger.next_call()[1] == command.pk


def test_nothing_is_asked_while_a_station_may_be_about_to_boot(make_gateway, register):
    known = register()
    command = ask(known.station, "clear_cache")
    with known.connect(make_gateway(EMOBI_BOOT_REST_S="2")) as charger:
        assert charger.hears_nothing(0.4)
        charger.boot()
        assert charger.hears_nothing(0.5)
        assert charger.next_call()[1] == command.pk


def test_a_station_is_left_in_peace_after_each_answer_by_its_quirk(gateway, register):
    known = register(quirks={"call_pause_s": 1})
    with known.connect(gateway) as charger:
        charger.boot()
        first, second = ask(known.station, "clear_cache"), ask(known.station, "clear_cache")
        assert charger.next_call()[1] == first.pk
        charger.send([3, first.pk, {"status": "Accepted"}])
        assert end_of(first) == ACCEPTED
        assert charger.hears_nothing(0.4)
        assert state_of(second) == QUEUED
        assert charger.next_call()[1] == second.pk


def test_a_password_on_its_way_is_in_no_log(gateway, alpha):
    secret = "0123456789abcdef0123456789abcdef"
    with alpha.connect(gateway) as charger:
        command = ask(
            alpha.station, "set_config", {"variables": [{"key": "AuthorizationKey", "value": secret}]}
        )
        assert secret in json.dumps(charger.next_call())
        charger.send([3, command.pk, {"status": "Accepted"}])
        assert end_of(command) == ACCEPTED
    assert secret not in "".join(Frame.objects.values_list("text", flat=True))
    assert secret not in json.dumps(
        Event.objects.filter(network=alpha.station.network).values_list("data", flat=True)[0]
    )
    assert secret not in json.dumps([command.params, command.outcome])
    assert secret not in gateway.log
    with alpha.connect(gateway, password=bytes.fromhex(secret)):
        pass


def test_a_bulk_command_reaches_every_station_at_its_pace(gateway, network, register):
    fleet = [register(f"CP{number}") for number in range(3)]
    bulk = bulk_commands.request(
        network, [known.station for known in fleet], "clear_cache", {}, requested_by="user:test",
        role=Role.ADMIN, per_second=2, concurrency=1, asked={},
    )  # fmt: skip
    with ExitStack() as sockets:
        chargers = [sockets.enter_context(known.connect(gateway)) for known in fleet]
        for charger in chargers:
            charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        until(lambda: bulk_commands.get(network, bulk.pk).state == "finished")
    assert bulk_commands.counts([bulk])[bulk.pk] == {"accepted": 3}
    sent = (
        Command.objects.filter(network=network)
        .order_by("sent_at")
        .values_list("station__identity", flat=True)
    )
    assert list(sent) == ["CP0", "CP1", "CP2"]


def test_a_command_that_breaks_us_holds_up_no_other(make_gateway, alpha, register):
    """Its row is older than the code, say."""
    gateway = make_gateway()
    bravo = register("bravo")
    broken = ask(alpha.station, "clear_cache", expires_in_s=600)
    Command.objects.filter(pk=broken.pk).update(params=["no", "object"])
    with alpha.connect(gateway), bravo.connect(gateway) as charger:
        command = ask(bravo.station, "clear_cache")
        assert charger.next_call()[1] == command.pk
        assert end_of(broken) == CommandState.FAILED
    broken.refresh_from_db()
    assert (broken.sent_at, broken.outcome["reason"]) == (None, "failed here; see the server's log")
