"""Commands are followed to their effect, and their outcomes say what was seen."""

import pytest

from emobi.core import clock, unit_of_work
from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.commands.transactions import RemoteStart
from stations.models import Command, CommandState, Deviation, FollowUp, Station, Variable
from stations.reports import BootReport, StatusReport
from stations.services.commanding import command_ends, following
from stations.services.commanding.awaited import FOLLOWED, WHEN_IDLE_S, Awaited, Effect, Step
from stations.services.device_model import connectors
from stations.services.presence import connections
from stations.services.registry import registration
from tests.stations.commanding import ACCEPTED, now, say, settle
from tests.stations.telling import after, tell_at

SCHEDULED = Outcome(state=CommandState.SCHEDULED, status="Scheduled")
REJECTED = Outcome(state=CommandState.REJECTED, status="Rejected")
INOPERATIVE = {"operational_status": "Inoperative"}


def ask(station: Station, name: str = "reset", params=None, seconds: float = 0) -> Command:
    """A command on its way, followed as the gateway does it."""
    command = say(station, name, params, seconds)
    asked = catalogue.parse(name, command.params)
    tell_at(after(seconds), following.begin, station, command, asked)
    return command


def read(station: Station) -> Station:
    """The station as a batch finds it."""
    return connections.stations([station.pk])[station.pk]


def boot(station: Station, seconds: float = 10, **said) -> None:
    report = BootReport(vendor="Wallworks", model="W1", **said)
    tell_at(after(seconds), registration.boot, read(station), report)


def status(station: Station, evse_id: int, word: str, seconds: float = 10, connector_id: int = 1) -> None:
    report = StatusReport(evse_id=evse_id, connector_id=connector_id, status=word)
    tell_at(after(seconds), connectors.report_status, read(station), report)


def verification(command):
    found = now(command).outcome.get("verification")
    return found and (found["state"], found["within_s"], found["detail"])


def sweep(seconds: float) -> int:
    with clock.at(after(seconds)):
        return following.give_up_due()


# ── from the answer to the effect ───────────────────────────────────────────────────────────────────────


def test_a_reset_is_verified_by_the_next_boot(alpha):
    command = settle(ask(alpha), seconds=1)
    assert (command.state, verification(command)) == ("accepted", ("pending", 300, None))
    boot(alpha, 20, reason="RemoteReset", firmware_version="1.2")
    seen = {"reason": "RemoteReset", "firmware_version": "1.2", "after_s": 20.0}
    assert verification(command) == ("verified", 300, seen)
    assert now(command).state == "accepted"
    assert not FollowUp.objects.exists()


def test_what_does_not_show_in_time_is_not_seen(alpha):
    command = settle(ask(alpha), seconds=1)
    assert sweep(300) == 0
    assert sweep(301) == 1
    assert verification(command) == ("not_seen", 300, None)
    boot(alpha, 302)
    assert verification(command) == ("not_seen", 300, None)
    assert sweep(400) == 0


def test_what_is_scheduled_has_a_day(bravo):
    command = settle(ask(bravo, params={"type": "OnIdle"}), SCHEDULED)
    assert verification(command) == ("pending", WHEN_IDLE_S, None)
    assert sweep(WHEN_IDLE_S - 1) == 0
    boot(bravo, WHEN_IDLE_S - 1)
    assert verification(command)[0] == "verified"


@pytest.mark.parametrize("how", ["refused", "failed"])
def test_what_the_station_did_not_take_is_not_followed(alpha, how):
    command = ask(alpha)
    if how == "refused":
        settle(command, REJECTED)
    else:
        command_ends.fail(command, CommandState.FAILED, "InternalError")
    assert verification(command) is None
    assert not FollowUp.objects.exists()


def test_a_command_that_was_never_answered_may_yet_be_seen_to_be_done(alpha):
    command = ask(alpha)
    tell_at(after(30), command_ends.fail, command, CommandState.UNKNOWN, "no answer")
    assert verification(command) == ("pending", 300, None)
    boot(alpha, 40)
    assert verification(command)[0] == "verified"
    assert now(command).state == "unknown"


def test_a_boot_before_the_answer_is_of_another_cause(alpha):
    command = ask(alpha)
    boot(alpha, 1)
    settle(command, seconds=2)
    assert verification(command)[0] == "pending"


def test_an_answer_to_a_trigger_is_no_boot(bravo):
    command = settle(ask(bravo))
    boot(bravo, reason="Triggered")
    assert verification(command)[0] == "pending"


@pytest.mark.parametrize("reason", [None, "ScheduledReset", "Unknown"])
def test_a_reason_that_does_not_contradict_is_no_matter(bravo, reason):
    command = settle(ask(bravo))
    boot(bravo, reason=reason)
    assert verification(command)[0] == "verified"


def test_a_boot_for_another_reason_is_named_and_not_taken_for_the_reset(bravo):
    command = settle(ask(bravo))
    boot(bravo, 20, reason="Watchdog", firmware_version="1.2")
    other = {"reason": "Watchdog", "firmware_version": "1.2", "after_s": 20.0}
    assert verification(command) == ("pending", 300, {"other_boots": [other]})
    odd = Deviation.objects.get(station=bravo, rule="boot reason")
    assert (odd.action, odd.path, odd.detail) == (
        "BootNotification", "reason", "Watchdog within minutes of a Reset"
    )  # fmt: skip
    boot(bravo, 40, reason="RemoteReset", firmware_version="1.2")
    state, _, detail = verification(command)
    assert (state, detail["reason"], detail["after_s"], detail["other_boots"]) == (
        "verified", "RemoteReset", 40.0, [other]
    )  # fmt: skip


def test_who_boots_for_other_reasons_only_is_not_seen_to_reset(bravo):
    command = settle(ask(bravo))
    for second in range(1, 8):
        boot(bravo, second, reason="PowerUp")
    assert sweep(300) == 1
    state, _, detail = verification(command)
    assert (state, [each["after_s"] for each in detail["other_boots"]]) == ("not_seen", [3, 4, 5, 6, 7])


def test_a_boot_in_the_course_of_a_day_is_no_deviation(bravo):
    command = settle(ask(bravo, params={"type": "OnIdle"}), SCHEDULED)
    boot(bravo, 500, reason="PowerUp")
    assert verification(command)[2]["other_boots"][0]["reason"] == "PowerUp"
    assert not Deviation.objects.exists()


# ── the reset of one EVSE ───────────────────────────────────────────────────────────────────────────────


def reset_evse(station, answer=ACCEPTED, seconds=1) -> Command:
    return settle(ask(station, params={"evse_id": 1}), answer, seconds=seconds)


def test_an_evse_that_comes_back_into_service_was_reset(bravo):
    status(bravo, 1, "Available", -60)
    command = reset_evse(bravo)
    status(bravo, 1, "Unavailable", 5)
    assert verification(command) == ("pending", 300, None)
    status(bravo, 2, "Available", 6)
    status(bravo, 1, "Available", 9)
    seen = {"connector_id": 1, "status": "Available", "after_s": 9.0}
    assert verification(command) == ("verified", 300, seen)


def test_an_evse_that_says_anew_what_it_is_was_reset(bravo):
    status(bravo, 1, "Unavailable", -60, connector_id=2)
    command = reset_evse(bravo)
    status(bravo, 1, "Unavailable", 9, connector_id=2)
    assert verification(command)[0] == "verified"


def test_an_evse_that_is_used_as_ever_was_not_reset(bravo):
    status(bravo, 1, "Available", -60)
    command = reset_evse(bravo, SCHEDULED)
    for second, word in enumerate(("Occupied", "Available", "Available", "Unavailable", "Unavailable")):
        status(bravo, 1, word, 5 + second)
    assert verification(command)[:2] == ("pending", WHEN_IDLE_S)
    assert sweep(WHEN_IDLE_S + 1) == 1
    assert verification(command) == ("not_seen", WHEN_IDLE_S, None)


def test_what_was_said_before_the_answer_or_asked_for_shows_no_reset(bravo):
    status(bravo, 1, "Available", -60)
    command = ask(bravo, params={"evse_id": 1})
    status(bravo, 1, "Available", 1)
    settle(command, seconds=2)
    assert verification(command)[0] == "pending"
    with clock.at(after(3)):
        settle(ask(bravo, "trigger_message", {"requested_message": "StatusNotification"}, 3), seconds=3)
    status(bravo, 1, "Available", 4)
    assert verification(command)[0] == "pending"


@pytest.mark.parametrize(("reason", "state"), [("RemoteReset", "verified"), ("PowerUp", "pending")])
def test_a_station_that_restarts_as_a_whole_resets_its_evse(bravo, reason, state):
    command = reset_evse(bravo)
    boot(bravo, reason=reason)
    assert verification(command)[0] == state


def test_another_stations_boot_is_not_this_ones(alpha, bravo):
    command = settle(ask(alpha))
    boot(bravo)
    assert verification(command)[0] == "pending"


def test_one_boot_is_the_effect_of_every_reset_before_it(alpha):
    first, second = settle(ask(alpha)), settle(ask(alpha, seconds=5), seconds=5)
    boot(alpha)
    assert verification(first)[0] == verification(second)[0] == "verified"


def test_a_command_in_one_batch_with_its_effect_is_verified(alpha):
    """The station was read before anything was awaited of it."""
    command = say(alpha, "reset")
    station = read(alpha)
    with unit_of_work.begin(), clock.at(after(1)):
        following.begin(station, command, catalogue.parse("reset", {}))
        command_ends.settle(command, ACCEPTED, raw={})
        registration.boot(station, BootReport(vendor="W", model="1"))
    assert verification(command)[0] == "verified"


# ── availability ────────────────────────────────────────────────────────────────────────────────────────


def test_availability_is_verified_when_the_connectors_in_question_are_as_asked(alpha):
    for evse_id in (1, 2):
        status(alpha, evse_id, "Occupied", 0)
    command = settle(ask(alpha, "set_availability", INOPERATIVE), SCHEDULED)
    status(alpha, 1, "Unavailable")
    assert verification(command) == ("pending", WHEN_IDLE_S, None)
    status(alpha, 2, "Unavailable", 15)
    assert verification(command) == ("verified", WHEN_IDLE_S, {"after_s": 15.0})


def test_availability_of_one_evse_is_its_own(bravo):
    for place in ((1, 1), (1, 2), (2, 1)):
        status(bravo, place[0], "Available", 0, place[1])
    command = settle(ask(bravo, "set_availability", INOPERATIVE | {"evse_id": 1, "connector_id": 2}))
    status(bravo, 2, "Unavailable")
    status(bravo, 1, "Unavailable", 11, 1)
    assert verification(command)[0] == "pending"
    status(bravo, 1, "Unavailable", 12, 2)
    assert verification(command)[0] == "verified"


def test_operative_is_whatever_is_not_out_of_service(alpha):
    status(alpha, 1, "Unavailable", 0)
    command = settle(ask(alpha, "set_availability", {"operational_status": "Operative"}))
    status(alpha, 1, "Unavailable")
    assert verification(command)[0] == "pending"
    status(alpha, 1, "Occupied")
    assert verification(command)[0] == "verified"


def test_what_is_so_already_is_verified_with_the_answer(alpha):
    status(alpha, 1, "Unavailable", 0)
    command = settle(ask(alpha, "set_availability", INOPERATIVE))
    tell_at(after(1), connectors.tell_availability, read(alpha))
    assert verification(command)[0] == "verified"


def test_an_effect_may_show_before_the_answer(alpha):
    status(alpha, 1, "Available", 0)
    command = ask(alpha, "set_availability", INOPERATIVE)
    status(alpha, 1, "Unavailable", 1)
    settle(command, seconds=2)
    assert verification(command) == ("verified", 60, {"after_s": 1.0})
    assert not FollowUp.objects.exists()


# ── messages, and effects in several steps ──────────────────────────────────────────────────────────────


def heard(station: Station, action: str, evse_id: int | None = None, seconds: float = 1) -> None:
    tell_at(after(seconds), following.seen, read(station), Effect.MESSAGE, action=action, evse_id=evse_id)


@pytest.mark.parametrize(
    ("params", "other", "right"),
    [
        ({"requested_message": "Heartbeat"}, ("MeterValues", None), ("Heartbeat", None)),
        ({"requested_message": "SignV2GCertificate"}, ("Heartbeat", None), ("SignCertificate", None)),
        ({"requested_message": "MeterValues", "evse_id": 2}, ("MeterValues", 1), ("MeterValues", 2)),
    ],
)
def test_a_message_that_was_asked_for_is_seen(bravo, params, other, right):
    command = settle(ask(bravo, "trigger_message", params))
    heard(bravo, *other)
    assert verification(command)[0] == "pending"
    heard(bravo, *right)
    assert verification(command)[0] == "verified"


def test_two_messages_that_were_asked_for_are_two(bravo):
    params = {"requested_message": "Heartbeat"}
    asked = [settle(ask(bravo, "trigger_message", params, seconds), seconds=seconds) for seconds in (0, 1)]
    heard(bravo, "Heartbeat", seconds=2)
    assert [verification(command)[0] for command in asked] == ["verified", "pending"]


UPDATE = Awaited(
    steps=(
        Step(effect=Effect.FIRMWARE, like={"status": "Installed"}),
        Step(effect=Effect.BOOT, unlike={"firmware_version": "1.0"}),
    ),
    within_s=60,
)


@pytest.fixture
def update(alpha, monkeypatch) -> Command:
    """A command with an effect in two steps, accepted."""
    monkeypatch.setattr(following, "FOLLOWED", {"clear_cache": lambda _station, _asked: UPDATE})
    return settle(ask(alpha, "clear_cache"))


def installed(station: Station, word: str = "Installed", seconds: float = 5) -> None:
    tell_at(after(seconds), following.seen, read(station), Effect.FIRMWARE, status=word)


@pytest.mark.parametrize("order", ["as installed", "boot first"])
def test_all_steps_have_to_be_seen_in_any_order(alpha, update, order):
    if order == "as installed":
        installed(alpha)
        assert verification(update)[0] == "pending"
        boot(alpha, 9, firmware_version="2.0")
    else:
        boot(alpha, 5, firmware_version="2.0")
        assert verification(update)[0] == "pending"
        installed(alpha, seconds=9)
    told = {"status": "Installed", "reason": None, "firmware_version": "2.0", "after_s": 9.0}
    assert verification(update) == ("verified", 60, told)


def test_what_is_unlike_is_not_it(alpha, update):
    installed(alpha)
    boot(alpha, firmware_version="1.0")
    assert verification(update)[0] == "pending"
    assert sweep(60) == 1
    assert verification(update) == ("not_seen", 60, {"status": "Installed", "after_s": 5.0})


def test_what_rules_it_out_ends_the_wait(alpha, update):
    word = "InstallationFailed"
    tell_at(after(5), following.refuted, read(alpha), Effect.FIRMWARE, status=word)
    assert verification(update) == ("not_seen", 60, {"status": word})
    assert not FollowUp.objects.exists()


# ── cost ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_station_that_is_not_followed_costs_no_query(alpha, bravo, django_assert_num_queries):
    settle(ask(bravo))
    station = read(alpha)
    with unit_of_work.begin(), django_assert_num_queries(0):
        assert not following.awaits(station, Effect.MESSAGE)
        following.seen(station, Effect.BOOT, reason=None)


def test_what_is_awaited_of_a_batch_is_read_at_once(network, django_assert_num_queries):
    stations = [
        Station.objects.create(network=network, identity=f"S{number}", ocpp_version="1.6")
        for number in range(5)
    ]
    for station in stations:
        settle(ask(station))
    found = connections.stations([station.pk for station in stations])
    with unit_of_work.begin():
        following.expect(found)
        with django_assert_num_queries(1):
            assert all(following.awaits(station, Effect.BOOT) for station in found.values())


@pytest.mark.parametrize(
    ("value", "within_s"),
    [(None, 300), ("60", 300), ("600", 660), ("99999", 3600), ("ten", 300), ("-5", 300), ("9" * 40, 300)],
)
def test_a_remote_start_is_followed_as_long_as_the_station_waits_for_the_plug(bravo, value, within_s):
    if value is not None:
        Variable.objects.create(
            station=bravo,
            component="TxCtrlr",
            variable="EVConnectionTimeOut",
            value=value,
            reported_at=after(0),
        )
    asked = RemoteStart(id_token="GOOD", evse_id=1, remote_start_id=9)
    found = FOLLOWED["remote_start"](bravo, asked)
    assert found is not None
    assert found.within_s == within_s
