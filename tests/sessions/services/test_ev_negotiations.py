"""EVs that tell their needs: answered, offered a schedule, and held to it."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sessions.models import EvNegotiation
from sessions.reports import ChargingNeedsReport, EvScheduleReport
from sessions.services import charging_sessions, ev_negotiations, installed_profiles, profile_preparation
from stations.commands import catalogue
from stations.models import Command, Registration, Station, Variable
from tests.sessions.profiles import DEFAULT, MAX, TX, charging, install, schedule
from tests.sessions.said import NOON, ended, started, tell, told


def needs(**more):
    said = {"evse_id": 1, "energy_transfer": "AC_three_phase", "min_current_a": 6, "max_current_a": 32}
    return ChargingNeedsReport(**{**said, "energy_wh": 40000, "max_voltage_v": 400, **more})


def take(station, **more):
    return tell(ev_negotiations.take_needs, station, needs(**more), received=NOON)


def plan(station, limit, evse_id=1):
    report = EvScheduleReport(evse_id=evse_id, time_base=NOON, schedule=schedule(limit))
    return tell(ev_negotiations.take_schedule, station, report, received=NOON)


def offers():
    return [
        command.params["charging_profile"]
        for command in Command.objects.filter(name="set_charging_profile").order_by("pk")
    ]


def accept(station):
    """The station takes the newest offer."""
    command = Command.objects.filter(name="set_charging_profile").latest("pk")
    asked = profile_preparation.for_setting(station, catalogue.parse(command.name, command.params))
    installed_profiles.accepted(station, asked)


def test_an_ev_is_offered_what_it_can_take(bravo):
    session = charging(bravo)
    assert take(bravo) == "Accepted"
    [command] = Command.objects.all()
    assert (command.name, command.requested_by, command.state) == (
        "set_charging_profile",
        "system:ev-charging",
        "queued",
    )
    assert command.expires_at - command.created_at < timedelta(seconds=60)
    [profile] = offers()
    assert profile["transaction_id"] == session.transaction_id
    assert profile["charging_profile_purpose"] == "TxProfile"
    assert profile["charging_schedule"] == [
        {
            "id": 1,
            "start_schedule": "2026-05-04T12:00:00.000Z",
            "charging_rate_unit": "A",
            "charging_schedule_period": [{"start_period": 0, "limit": 32, "number_phases": 3}],
        }
    ]
    row = EvNegotiation.objects.get()
    assert (row.transaction_id, row.answer, row.profile_id) == ("tx-1", "Accepted", profile["id"])


def test_needs_are_told(bravo):
    session = charging(bravo)
    take(bravo)
    [(_, data)] = told(bravo, "ev.charging_needs")
    assert (data["session_id"], data["answer"], data["energy_wh"]) == (session.pk, "Accepted", 40000)


def test_an_offer_stays_within_all_other_profiles(bravo):
    charging(bravo)
    install(bravo, 0, MAX, 1, limit=20)
    install(
        bravo,
        0,
        DEFAULT,
        2,
        limit=10,
        valid_from=NOON + timedelta(hours=1),
        valid_to=NOON + timedelta(hours=2),
    )
    take(bravo)
    [schedule] = offers()[0]["charging_schedule"]
    periods = schedule["charging_schedule_period"]
    assert [(each["start_period"], each["limit"]) for each in periods] == [(0, 20), (3600, 10), (7200, 20)]


def test_an_ev_that_takes_few_periods_gets_few(bravo):
    charging(bravo)
    install(
        bravo,
        0,
        DEFAULT,
        2,
        limit=10,
        valid_from=NOON + timedelta(hours=1),
        valid_to=NOON + timedelta(hours=2),
    )
    take(bravo, max_schedule_tuples=2)
    [schedule] = offers()[0]["charging_schedule"]
    assert [each["limit"] for each in schedule["charging_schedule_period"]] == [32, 10]


def test_a_station_that_takes_one_unit_gets_that(bravo):
    charging(bravo)
    Variable.objects.create(
        station=bravo, component="SmartChargingCtrlr", variable="RateUnit", value="W", reported_at=NOON
    )
    take(bravo, energy_transfer="AC_single_phase", max_current_a=16)
    [schedule] = offers()[0]["charging_schedule"]
    assert schedule["charging_rate_unit"] == "W"
    assert schedule["charging_schedule_period"] == [{"start_period": 0, "limit": 3680, "number_phases": 1}]


def test_needs_that_change_replace_the_offer(bravo):
    charging(bravo)
    take(bravo)
    accept(bravo)
    take(bravo, max_current_a=40)
    first, second = offers()
    assert first["id"] == second["id"]
    assert second["charging_schedule"][0]["charging_schedule_period"][0]["limit"] == 40


def test_what_an_operator_set_for_the_transaction_stays(bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 5, limit=8, transaction_id=session.transaction_id)
    take(bravo)
    [profile] = offers()
    assert (profile["id"] != 5, profile["stack_level"]) == (True, 1)
    assert profile["charging_schedule"][0]["charging_schedule_period"][0]["limit"] == 8


def test_without_a_transaction_there_is_nothing_to_offer(bravo):
    assert take(bravo) == "Rejected"
    charging(bravo)
    tell(charging_sessions.end, bravo, ended(1))
    assert take(bravo) == "Rejected"
    assert not Command.objects.exists()
    assert not EvNegotiation.objects.exists()
    assert [data["session_id"] for _, data in told(bravo, "ev.charging_needs")] == [None, None]


@pytest.mark.parametrize(("strategy", "answer"), [("elsewhere", "Processing"), ("off", "Rejected")])
def test_somebody_else_may_make_the_schedule_or_nobody(bravo, settings, strategy, answer):
    settings.EMOBI_EV_CHARGING = strategy
    charging(bravo)
    assert take(bravo) == answer
    assert not Command.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"max_current_a": 2**31 - 1},
        {"energy_transfer": "DC", "max_voltage_v": 2**31 - 1, "max_current_a": 2**31 - 1},
    ],
)
def test_needs_that_no_ev_has_are_refused(bravo, odd):
    charging(bravo)
    assert take(bravo, **odd) == "Rejected"
    assert not Command.objects.exists()


def test_a_station_that_may_not_be_asked_is_told_that_nothing_comes(bravo):
    charging(bravo)
    Station.objects.update(registration=Registration.REJECTED)
    bravo.refresh_from_db()
    assert take(bravo) == "Rejected"


@pytest.mark.parametrize(("limit", "within"), [(16, True), (32, True), (32.1, False)])
def test_a_plan_within_its_limits_is_accepted(bravo, limit, within):
    charging(bravo)
    take(bravo)
    accept(bravo)
    assert plan(bravo, limit) is within
    row = EvNegotiation.objects.get()
    assert row.schedule_answer == ("Accepted" if within else "Rejected")
    assert row.schedule["charging_schedule_period"][0]["limit"] == limit
    [(_, data)] = told(bravo, "ev.charging_schedule")
    assert data["answer"] == row.schedule_answer


def test_a_plan_beyond_them_is_answered_with_a_new_offer_but_not_for_ever(bravo):
    charging(bravo)
    take(bravo)
    accept(bravo)
    for _ in range(6):
        assert not plan(bravo, 99)
    assert len(offers()) == 1 + ev_negotiations.MOST_OFFERS
    assert len({profile["id"] for profile in offers()}) == 1


def test_a_plan_of_an_ev_that_told_no_needs_is_only_judged(bravo):
    charging(bravo)
    install(bravo, 0, MAX, 1, limit=20)
    assert not plan(bravo, 21)
    assert plan(bravo, 20)
    assert not Command.objects.exists()


def test_a_plan_where_nothing_runs_breaks_nothing(bravo):
    assert plan(bravo, 99)
    assert plan(bravo, 99, evse_id=2**31 - 1)


def test_needs_in_the_batch_of_their_start_are_for_it(bravo):
    def both(station, report):
        charging_sessions.start(station, started())
        return ev_negotiations.take_needs(station, report)

    assert tell(both, bravo, needs()) == "Accepted"
    assert offers()[0]["transaction_id"] == "tx-1"


def test_a_new_transaction_negotiates_anew(bravo):
    charging(bravo)
    take(bravo)
    tell(charging_sessions.end, bravo, ended(1))
    tell(charging_sessions.start, bravo, started(transaction_id="tx-2", minutes=70))
    take(bravo, max_current_a=16)
    row = EvNegotiation.objects.get()
    assert row.transaction_id == "tx-2"
    assert len({profile["id"] for profile in offers()}) == 2
    assert Decimal(row.needs["max_current_a"]) == 16
