import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from emobi.core import clock, nudge, unit_of_work
from emobi.core.errors import Conflict, Forbidden, Invalid, NotFound
from emobi.core.models import AuditEntry, Network, Role
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Connection, Registration, Station, Variable
from stations.services.commanding import command_claims, command_ends, commands, following
from stations.services.commanding.awaited import TRIGGERED_FOR_S
from stations.services.trust import credentials
from tests.stations.commanding import ACCEPTED, GATEWAY, ask, connect, now, say, send
from tests.stations.telling import NOON, after, tell_at, told

PASSWORD = [{"key": "AuthorizationKey", "value": "the new password"}]


def ended(station: Station) -> list[tuple[str, str, str]]:
    return [
        (kind, data["command"], data["state"])
        for kind, data in told(station, "command.completed", "command.failed")
    ]


# ── asking ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_command_waits_for_its_station(alpha):
    command = ask(alpha, params={"type": "Immediate"}, expires_in_s=90, address="10.0.0.1")
    stored = now(command)
    assert (stored.state, stored.name, stored.params) == ("queued", "reset", {"type": "Immediate"})
    assert (stored.created_at, stored.expires_at, stored.requested_by) == (NOON, after(90), "key:ek_1")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.target) == ("command.requested", "key:ek_1", "alpha")
    assert entry.address == "10.0.0.1"
    assert entry.detail == {"command": "reset", "command_id": command.pk, "params": {"type": "Immediate"}}


def test_the_numbers_that_tie_what_follows_to_a_command_are_chosen_when_it_is_asked(bravo):
    start = ask(bravo, "remote_start", params={"id_token": "GOOD"})
    report = ask(bravo, "get_base_report")
    given = ask(bravo, "remote_start", params={"id_token": "GOOD", "remote_start_id": 7})
    assert 0 < start.params["remote_start_id"] < 2**31
    assert 0 < report.params["request_id"] < 2**31
    assert given.params["remote_start_id"] == 7


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_a_role_that_doesnt_allow_it_is_refused(alpha, role):
    with pytest.raises(Forbidden):
        ask(alpha, "set_config", params={"variables": PASSWORD}, role=role)
    assert not Command.objects.exists()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("how", "field"),
    [
        ({"name": "explode"}, "command"),
        ({"params": {"typ": 1}}, "params.typ"),
        ({"expires_in_s": 0}, "expires_in_s"),
        ({"expires_in_s": -5}, "expires_in_s"),
        ({"expires_in_s": float("nan")}, "expires_in_s"),
        ({"expires_in_s": 1e9}, "expires_in_s"),
        ({"idempotency_key": ""}, "idempotency_key"),
        ({"idempotency_key": "x" * 201}, "idempotency_key"),
    ],
)
def test_what_is_no_command_is_refused(alpha, how, field):
    with pytest.raises(Invalid) as refused:
        ask(alpha, **how)
    assert refused.value.field == field
    assert not Command.objects.exists()


def test_a_version_that_has_no_words_for_it_ends_it_at_once(alpha):
    command = ask(alpha, "get_base_report")
    assert command.state == CommandState.UNSUPPORTED
    assert "2.0.1" in command.outcome["reason"]
    assert ended(alpha) == [("command.failed", "get_base_report", "unsupported")]


def test_a_station_that_never_came_may_speak_any_version(network):
    unseen = Station.objects.create(network=network, identity="unseen")
    assert ask(unseen, "get_base_report").state == CommandState.QUEUED


@pytest.mark.parametrize(
    ("registration", "name", "allowed"),
    [
        (Registration.PENDING, "remote_start", False),
        (Registration.PENDING, "remote_stop", False),
        (Registration.PENDING, "get_config", True),
        (Registration.REJECTED, "get_config", False),
    ],
)
def test_a_station_that_isnt_accepted_is_asked_only_what_ocpp_allows(alpha, registration, name, allowed):
    alpha.registration = registration
    alpha.save()
    params = {"remote_start": {"id_token": "GOOD"}, "remote_stop": {"transaction_id": "1"}}.get(name, {})
    if allowed:
        assert ask(alpha, name, params=params).state == CommandState.QUEUED
    else:
        with pytest.raises(Conflict):
            ask(alpha, name, params=params)
        assert not Command.objects.exists()


# ── asking again ────────────────────────────────────────────────────────────────────────────────────────


def test_the_same_key_again_is_the_same_command(bravo):
    first = ask(bravo, "remote_start", params={"id_token": "GOOD"}, idempotency_key="order-1")
    again = ask(bravo, "remote_start", 5, params={"id_token": "GOOD"}, idempotency_key="order-1")
    assert again == first
    assert again.params == first.params
    assert Command.objects.count() == AuditEntry.objects.count() == 1


@pytest.mark.parametrize(
    "other", [{"params": {"type": "OnIdle"}}, {"name": "clear_cache"}, {"params": {"evse_id": 1}}], ids=str
)
def test_the_same_key_for_something_else_is_a_conflict(alpha, other):
    ask(alpha, idempotency_key="order-1")
    with pytest.raises(Conflict):
        ask(alpha, idempotency_key="order-1", **other)


def test_the_same_key_for_another_station_is_a_conflict(alpha, bravo):
    ask(alpha, idempotency_key="order-1")
    with pytest.raises(Conflict):
        ask(bravo, idempotency_key="order-1")


def test_another_networks_keys_are_its_own(alpha, stranger):
    assert ask(alpha, idempotency_key="order-1") != ask(stranger, idempotency_key="order-1")


def test_a_key_is_known_after_the_end_though_the_secrets_are_gone(alpha):
    first = ask(alpha, "set_config", params={"variables": PASSWORD}, idempotency_key="order-1")
    connect(alpha)
    send()
    command_ends.settle(now(first), ACCEPTED, raw={"status": "Accepted"})
    assert ask(alpha, "set_config", params={"variables": PASSWORD}, idempotency_key="order-1") == first


def test_a_key_is_known_when_what_was_asked_can_not_be_asked_any_more(alpha):
    asked = {"id_token": "GOOD", "expires_at": after(600).isoformat()}
    first = ask(alpha, "reserve", params=asked, idempotency_key="order-1")
    assert ask(alpha, "reserve", 601, params=asked, idempotency_key="order-1") == first
    with pytest.raises(Conflict):
        ask(alpha, "reserve", 601, params={"id_token": "GOOD"}, idempotency_key="order-1")


@pytest.mark.django_db(transaction=True)
def test_the_same_key_from_many_at_once_is_one_command():
    network = Network.objects.create(slug="grid", name="Grid")
    station = Station.objects.create(network=network, identity="alpha")
    found: list[str] = []

    def asking() -> None:
        try:
            found.append(ask(station, idempotency_key="order-1").pk)
        finally:
            connection.close()

    askers = [threading.Thread(target=asking) for _ in range(6)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert len(found) == 6
    assert set(found) == {Command.objects.get().pk}
    assert AuditEntry.objects.count() == 1


# ── nudges ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def nudged(monkeypatch, django_capture_on_commit_callbacks):
    """Runs something and says which groups were woken by it."""

    def run(verb, *args, **how) -> set[str]:
        groups: set[str] = set()
        monkeypatch.setattr(nudge, "send", groups.update)
        with django_capture_on_commit_callbacks(execute=True):
            verb(*args, **how)
        return groups

    return run


def test_the_process_that_holds_the_socket_is_woken(alpha, nudged):
    connect(alpha)
    assert nudged(ask, alpha) == {f"gateway.{GATEWAY}", f"live.{alpha.network_id}"}


def test_all_are_woken_where_nobody_holds_the_socket(alpha, nudged):
    assert nudged(ask, alpha) >= {"gateways"}
    connect(alpha)
    Connection.objects.update(closed_at=NOON)
    assert nudged(ask, alpha) >= {"gateways"}


def test_who_waits_for_the_end_is_woken(alpha, nudged):
    command = ask(alpha)
    assert f"command.{command.pk}" in nudged(command_ends.fail, command, CommandState.EXPIRED, "late")


# ── claiming ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_process_claims_what_waits_for_its_own_stations_oldest_first(alpha, bravo):
    connect(alpha)
    connect(bravo, "gateway-2", epoch=5)
    first, second, other = ask(alpha), ask(alpha, "clear_cache"), ask(bravo)
    assert send() == [first]
    assert (now(first).state, now(first).epoch, now(first).message_id) == ("sent", 1, first.pk)
    assert now(first).sent_at == NOON
    assert now(second).state == "queued"
    assert send("gateway-2") == [other]
    assert now(other).epoch == 5


def test_one_at_a_time_is_under_way(alpha):
    connect(alpha)
    first, second = ask(alpha), ask(alpha, "clear_cache")
    assert send() == [first]
    assert send() == []
    command_ends.settle(now(first), ACCEPTED, raw={})
    assert send() == [second]


def test_a_closed_socket_gets_nothing(alpha):
    connect(alpha)
    Connection.objects.update(closed_at=NOON)
    ask(alpha)
    assert send() == []


def test_what_has_expired_is_not_sent_and_holds_nothing_up(alpha):
    connect(alpha)
    ask(alpha, expires_in_s=10)
    second = ask(alpha, "clear_cache")
    assert send(seconds=10) == [second]


def test_a_decision_made_after_asking_counts(alpha):
    connect(alpha)
    ask(alpha, "remote_start", params={"id_token": "GOOD"})
    second = ask(alpha, "clear_cache")
    Station.objects.update(registration=Registration.PENDING)
    assert send() == [second]
    command_ends.settle(now(second), ACCEPTED, raw={})
    Station.objects.update(registration=Registration.REJECTED)
    ask_anyway = ask(alpha, "clear_cache")
    assert send() == []
    assert now(ask_anyway).state == "queued"


@pytest.mark.django_db(transaction=True)
def test_two_claims_at_once_never_give_a_command_twice():
    network = Network.objects.create(slug="grid", name="Grid")
    for number in range(20):
        station = Station.objects.create(network=network, identity=f"CP{number}")
        connect(station)
        ask(station)
    claimed: list[str] = []

    def claiming() -> None:
        try:
            for _ in range(5):
                claimed.extend(command.pk for command in send())
        finally:
            connection.close()

    claimers = [threading.Thread(target=claiming) for _ in range(4)]
    for claimer in claimers:
        claimer.start()
    for claimer in claimers:
        claimer.join()
    claimed.extend(command.pk for command in send())
    assert len(claimed) == len(set(claimed)) == 20


def test_what_waits_for_a_station_that_is_away_is_looked_at_once(alpha, bravo, network):
    connect(bravo)
    ask(bravo)
    command = ask(alpha)
    unseen = Station.objects.create(network=network, identity="unseen")
    ask(unseen)
    with transaction.atomic():
        assert command_claims.claim_waiting() == [(command, alpha)]
    with transaction.atomic():
        assert command_claims.claim_waiting() == []


# ── ends ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def under_way(alpha) -> Command:
    connect(alpha)
    command = ask(alpha)
    send()
    return commands.get(alpha.network, command.pk)


@pytest.mark.parametrize("state", [CommandState.ACCEPTED, CommandState.SCHEDULED, CommandState.REJECTED])
def test_an_answer_ends_a_command(alpha, under_way, state):
    outcome = Outcome(state=state, status="Word", detail={"reason_code": "X"})
    assert tell_at(after(2), command_ends.settle, under_way, outcome, raw={"status": "Word"})
    expected = {"status": "Word", "detail": {"reason_code": "X"}, "reason": None, "raw": {"status": "Word"}}
    stored = now(under_way)
    assert (stored.state, stored.outcome, stored.ended_at) == (state, expected, after(2))
    assert told(alpha) == [
        (
            "command.completed",
            {
                "command_id": stored.pk, "command": "reset", "state": state, "outcome": expected,
                "requested_by": "key:ek_1",
            },
        )
    ]  # fmt: skip


@pytest.mark.parametrize("state", [CommandState.FAILED, CommandState.UNKNOWN])
def test_a_command_that_was_sent_fails_with_a_reason(alpha, under_way, state):
    assert command_ends.fail(under_way, state, "NotSupported: no", raw={"code": "NotSupported"})
    outcome = {"status": None, "detail": {}, "reason": "NotSupported: no", "raw": {"code": "NotSupported"}}
    assert (now(under_way).state, now(under_way).outcome) == (state, outcome)
    assert ended(alpha) == [("command.failed", "reset", state)]


def test_a_command_ends_once(alpha, under_way):
    assert command_ends.settle(under_way, ACCEPTED, raw={})
    assert not command_ends.settle(under_way, ACCEPTED, raw={})
    assert not command_ends.fail(under_way, CommandState.UNKNOWN, "late")
    assert now(under_way).state == "accepted"
    assert len(ended(alpha)) == 1


@pytest.mark.parametrize("state", [CommandState.EXPIRED, CommandState.CANCELLED, CommandState.UNSUPPORTED])
def test_what_was_sent_cant_come_to_an_end_of_what_was_not(alpha, under_way, state):
    assert not command_ends.fail(under_way, state, "too late")
    assert now(under_way).state == "sent"


def test_what_was_not_sent_has_no_answer(alpha):
    command = ask(alpha)
    assert not command_ends.settle(command, ACCEPTED, raw={})
    assert not command_ends.fail(command, CommandState.UNKNOWN, "never sent")
    assert now(command).state == "queued"


def test_what_breaks_us_before_it_is_sent_has_failed(alpha):
    command = ask(alpha)
    assert command_ends.fail(command, CommandState.FAILED, "failed here")
    assert (now(command).state, now(command).sent_at) == ("failed", None)
    assert ended(alpha) == [("command.failed", "reset", "failed")]


def test_an_answer_counts_only_from_the_socket_that_was_asked(alpha, under_way):
    assert command_claims.sent(under_way.pk, epoch=2) is None
    assert command_claims.sent(under_way.pk, epoch=1) == under_way
    command_ends.settle(under_way, ACCEPTED, raw={})
    assert command_claims.sent(under_way.pk, epoch=1) is None


def test_a_lost_socket_leaves_unknown_what_was_under_way_and_waiting_what_waits(alpha, under_way):
    waiting = ask(alpha, "clear_cache")
    with unit_of_work.begin():
        command_ends.lose({alpha.pk: 1})
    assert (now(under_way).state, now(waiting).state) == ("unknown", "queued")


def test_an_older_sockets_end_is_not_a_newer_ones(alpha):
    connect(alpha, epoch=2)
    command = ask(alpha)
    send()
    command_ends.lose({alpha.pk: 1})
    assert now(command).state == "sent"


def test_a_command_that_waits_can_be_taken_back(alpha):
    command = ask(alpha)
    assert commands.cancel(command, by="user:alice", role=Role.OPERATOR)
    assert now(command).state == "cancelled"
    assert AuditEntry.objects.filter(action="command.cancelled", actor="user:alice").exists()
    assert ended(alpha) == [("command.failed", "reset", "cancelled")]


def test_a_command_that_was_sent_cant_be_taken_back(alpha, under_way):
    assert not commands.cancel(under_way, by="user:alice", role=Role.OPERATOR)
    assert not AuditEntry.objects.filter(action="command.cancelled").exists()


def test_who_may_not_ask_may_not_take_back(alpha):
    command = ask(alpha)
    with pytest.raises(Forbidden):
        commands.cancel(command, by="user:bob", role=Role.VIEWER)


def test_another_networks_command_isnt_there(alpha, stranger):
    command = ask(stranger)
    with pytest.raises(NotFound):
        commands.get(alpha.network, command.pk)


# ── in several messages ─────────────────────────────────────────────────────────────────────────────────

TWO = [{"key": "HeartbeatInterval", "value": "60"}, {"key": "AcmeLight", "value": "7"}]


def answer(key: str, status: str = "Accepted") -> Outcome:
    state = CommandState.ACCEPTED if status == "Accepted" else CommandState.REJECTED
    variable = {"component": "OCPP16", "variable": key, "key": key, "attribute": "Actual", "status": status}
    return Outcome(state=state, status=status, detail={"variables": [variable]})


def go_on(command: Command, seconds: float = 1) -> Command:
    tell_at(
        after(seconds), command_claims.go_on, now(command), answer("HeartbeatInterval"),
        raw=[{"status": "Accepted"}], progress="1 of 2 messages answered",
    )  # fmt: skip
    return now(command)


def test_a_command_goes_on_with_messages_of_their_own_ids(alpha):
    command = go_on(say(alpha, "set_config", {"variables": TWO}))
    assert (command.state, command.message_id, command.said_at) == ("sent", f"{command.pk}-2", after(1))
    assert command.sent_at == NOON
    assert command.outcome["reason"] == "1 of 2 messages answered"
    ids = [go_on(command).message_id for _ in range(200)]
    assert len(set(ids)) == 200
    assert len(ids[-1]) <= 36


def test_nothing_else_is_said_meanwhile(alpha):
    command = say(alpha, "set_config", {"variables": TWO})
    ask(alpha)
    go_on(command)
    assert send() == []


@pytest.mark.parametrize("state", [CommandState.UNKNOWN, CommandState.FAILED])
def test_what_is_known_of_a_command_that_was_not_answered_in_full_is_kept(alpha, state):
    command = go_on(say(alpha, "set_config", {"variables": TWO}))
    raw = {"code": "InternalError"} if state == CommandState.FAILED else None
    tell_at(after(2), command_ends.fail, command, state, "nothing came", raw=raw)
    outcome = now(command).outcome
    assert outcome["reason"] == "nothing came; 1 of 2 messages answered"
    assert [each["key"] for each in outcome["detail"]["variables"]] == ["HeartbeatInterval"]
    assert outcome["raw"] == [{"status": "Accepted"}, raw] if raw else [{"status": "Accepted"}]
    kept = Variable.objects.values_list("variable", "value")
    assert list(kept) == [("HeartbeatInterval", "60")]


@pytest.mark.parametrize(("state", "kept"), [(CommandState.UNKNOWN, True), (CommandState.FAILED, False)])
def test_a_password_in_a_message_that_was_not_answered_is_a_new_one_only_perhaps(alpha, state, kept):
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    command = go_on(say(alpha, "set_config", {"variables": [TWO[0], *PASSWORD]}))
    command_ends.fail(command, state, "nothing came")
    assert lets_in(alpha, "old")
    assert lets_in(alpha, "new") == kept


def test_a_password_that_was_taken_stays_when_what_follows_fails(alpha):
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    command = say(alpha, "set_config", {"variables": [*PASSWORD, TWO[0]]})
    taken = answer("AuthorizationKey")
    tell_at(after(1), command_claims.go_on, command, taken, raw=[{}], progress="1 of 2 messages answered")
    command_ends.fail(now(command), CommandState.FAILED, "InternalError")
    assert lets_in(alpha, "new")
    assert not lets_in(alpha, "old")


def test_a_command_of_many_messages_is_given_up_by_its_last(alpha, settings):
    settings.EMOBI_CALL_TIMEOUT_S = 30
    command = go_on(say(alpha, "set_config", {"variables": TWO}), seconds=60)
    with clock.at(after(129)):
        assert command_ends.expire_due() == 0
    with clock.at(after(130)):
        assert command_ends.expire_due() == 1
    assert now(command).state == "unknown"


# ── the sweep ───────────────────────────────────────────────────────────────────────────────────────────


def test_what_waited_too_long_expires(alpha):
    command = ask(alpha, expires_in_s=10)
    with clock.at(after(9)):
        assert command_ends.expire_due() == 0
    with clock.at(after(10)):
        assert command_ends.expire_due() == 1
        assert command_ends.expire_due() == 0
    assert now(command).state == "expired"
    assert ended(alpha) == [("command.failed", "reset", "expired")]


def test_what_was_sent_and_given_up_is_unknown(alpha, under_way, settings):
    settings.EMOBI_CALL_TIMEOUT_S = 30
    with clock.at(after(69)):
        assert command_ends.expire_due() == 0
    with clock.at(after(70)):
        assert command_ends.expire_due() == 1
    assert now(under_way).state == "unknown"


# ── triggers ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("trigger", "action"), [("Heartbeat", "Heartbeat"), ("SignV2GCertificate", "SignCertificate")]
)
def test_a_message_that_was_asked_for_is_expected_for_a_while(alpha, trigger, action):
    connect(alpha)
    command = ask(alpha, "trigger_message", params={"requested_message": trigger})
    with clock.at(NOON):
        assert not following.was_triggered(alpha, action)
    send()
    with clock.at(NOON):
        assert following.was_triggered(alpha, action)
        assert not following.was_triggered(alpha, "BootNotification")
    tell_at(NOON, command_ends.settle, now(command), ACCEPTED, raw={})
    with clock.at(NOON + timedelta(seconds=TRIGGERED_FOR_S) - timedelta(seconds=1)):
        assert following.was_triggered(alpha, action)
    with clock.at(NOON + timedelta(seconds=TRIGGERED_FOR_S)):
        assert not following.was_triggered(alpha, action)


def test_a_message_that_was_refused_is_not_expected(alpha):
    connect(alpha)
    command = ask(alpha, "trigger_message", params={"requested_message": "Heartbeat"})
    send()
    tell_at(
        NOON,
        command_ends.settle,
        now(command),
        Outcome(state=CommandState.REJECTED, status="Rejected"),
        raw={},
    )
    with clock.at(NOON):
        assert not following.was_triggered(alpha, "Heartbeat")


# ── settings ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def password(alpha) -> Command:
    """A new password that is on its way to the station."""
    alpha.password_hash = credentials.hashed("the old password")
    alpha.save()
    connect(alpha)
    command = ask(alpha, "set_config", params={"variables": PASSWORD})
    send()
    return now(command)


def lets_in(station: Station, word: str) -> bool:
    station.refresh_from_db()
    return (
        credentials.matching(station.pk, station.password_hash, f"the {word} password".encode()) is not None
    )


def test_while_a_new_password_is_on_its_way_either_lets_the_station_in(alpha, password):
    assert lets_in(alpha, "old")
    assert lets_in(alpha, "new")


@pytest.mark.parametrize(("status", "old_too"), [("Accepted", False), ("RebootRequired", True)])
def test_a_new_password_that_was_taken_is_the_only_one_once_it_is_in_force(alpha, password, status, old_too):
    command_ends.settle(password, Outcome(state=CommandState.ACCEPTED, status=status), raw={"status": status})
    assert lets_in(alpha, "old") == old_too
    assert lets_in(alpha, "new")


def test_a_new_password_that_was_refused_is_none(alpha, password):
    command_ends.settle(password, Outcome(state=CommandState.REJECTED, status="Rejected"), raw={})
    assert lets_in(alpha, "old")
    assert not lets_in(alpha, "new")


def test_an_error_is_a_refusal(alpha, password):
    command_ends.fail(password, CommandState.FAILED, "NotSupported")
    assert lets_in(alpha, "old")
    assert not lets_in(alpha, "new")


def test_an_answer_that_got_lost_locks_nobody_out(alpha, password):
    command_ends.fail(password, CommandState.UNKNOWN, "lost")
    assert lets_in(alpha, "old")
    assert lets_in(alpha, "new")


def test_of_several_settings_each_has_its_own_answer(bravo):
    bravo.password_hash = credentials.hashed("the old password")
    bravo.save()
    connect(bravo)
    wanted = [
        {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "the new password"},
        {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"},
        {"component": "Display", "variable": "Color", "value": "red"},
        {"component": "Display", "variable": "Light", "evse_id": 1, "value": "50"},
    ]
    command = ask(bravo, "set_config", params={"variables": wanted})
    send()
    statuses = ["Rejected", "Accepted", "UnknownVariable", "RebootRequired"]
    answers = [
        {name: value for name, value in setting.items() if name != "value"} | {"status": status}
        for setting, status in zip(wanted, statuses, strict=True)
    ]
    outcome = Outcome(state=CommandState.REJECTED, status="Rejected", detail={"variables": answers[::-1]})
    tell_at(after(1), command_ends.settle, now(command), outcome, raw={})
    assert lets_in(bravo, "old")
    assert not lets_in(bravo, "new")
    kept = Variable.objects.values_list("variable", "value", "evse_id", "reboot_required").order_by(
        "variable"
    )
    assert list(kept) == [("HeartbeatInterval", "60", None, False), ("Light", "50", 1, True)]


def test_a_key_of_1_6_is_kept_where_2_0_1_has_it(alpha):
    connect(alpha)
    command = ask(alpha, "set_config", params={"variables": [{"key": "heartbeatinterval", "value": "60"}]})
    send()
    tell_at(after(1), command_ends.settle, now(command), ACCEPTED, raw={"status": "Accepted"})
    row = Variable.objects.get()
    assert (row.component, row.variable, row.value) == ("OCPPCommCtrlr", "HeartbeatInterval", "60")


def test_a_secret_is_kept_no_longer_than_it_has_to_be_sent(alpha, password):
    everything = [*AuditEntry.objects.values(), *Command.objects.values(), *told(alpha)]
    assert "the new password" not in str(everything)
    assert now(password).asked_params["variables"][0]["value"] == "the new password"
    command_ends.settle(password, ACCEPTED, raw={"key": "AuthorizationKey", "value": "the new password"})
    everything = [
        *AuditEntry.objects.values(),
        *Command.objects.values(),
        *told(alpha),
        *Variable.objects.values(),
    ]
    assert "the new password" not in str(everything)
    assert now(password).params == {"variables": [{"key": "AuthorizationKey", "value": "***"}]}
    assert now(password).sealed == ""


def test_what_may_not_be_read_back_is_sealed_from_the_first_moment(alpha):
    door = {"component": "Cabinet", "variable": "Door"}
    Variable.objects.create(station=alpha, **door, mutability="WriteOnly", reported_at=NOON)
    asked = {"variables": [door | {"value": "sesame"}]}
    command = ask(alpha, "set_config", params=asked, idempotency_key="k")
    assert command.params == {"variables": [door | {"value": "***"}]}
    assert "sesame" not in str([*Command.objects.values(), *AuditEntry.objects.values()])
    assert now(command).asked_params == asked
    assert ask(alpha, "set_config", params=asked, idempotency_key="k").pk == command.pk
    with pytest.raises(Conflict, match="another command"):
        ask(alpha, "set_config", params={"variables": [door | {"value": "other"}]}, idempotency_key="k")


def test_what_has_no_secret_is_not_sealed(alpha):
    assert (
        ask(alpha, "set_config", params={"variables": [{"key": "HeartbeatInterval", "value": "60"}]}).sealed
        == ""
    )


def test_a_secret_is_gone_when_a_command_expires(alpha):
    command = ask(alpha, "set_config", params={"variables": PASSWORD}, expires_in_s=5)
    with clock.at(after(6)):
        command_ends.expire_due()
    assert "the new password" not in str(now(command).params)
