"""Transactions that we don't know by the number a station sends: -1, 0, or one that a former system gave."""

from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from sessions.models import ChargingSession, IdToken
from sessions.reports import Token
from sessions.services import charging_sessions
from sessions.suspicions import Suspicion
from tests.sessions.said import (
    NOON,
    after,
    kinds,
    meter_16,
    only_session,
    reading,
    start_16,
    started,
    stop_16,
    tell,
    told,
    updated,
)


def start(station, report):
    return tell(charging_sessions.start, station, report).session


def end(station, report):
    return tell(charging_sessions.end, station, report)


NUMBERLESS = pytest.mark.parametrize("number", ["-1", "0"])


@NUMBERLESS
def test_a_stop_without_number_ends_what_runs_on_its_token(alpha, number):
    begun = start(alpha, start_16())
    start(alpha, start_16(1, evse_id=2, token=Token(id_token="OTHER")))
    end(alpha, stop_16(number, token=Token(id_token="good")))
    session = ChargingSession.objects.get(pk=begun.pk)
    assert (session.state, session.energy_wh, session.suspect) == ("ended", 4000, [Suspicion.NO_NUMBER])
    assert ChargingSession.objects.get(id_token="OTHER").state == "active"


@NUMBERLESS
@pytest.mark.parametrize("stops", [{"group": "family"}, {"master_pass": True}], ids=["group", "master pass"])
def test_a_stop_without_number_may_be_by_whom_else_may_end_the_session(alpha, number, stops):
    IdToken.objects.filter(id_token="GOOD").update(group="Family")
    IdToken.objects.create(network=alpha.network, id_token="OTHER", **stops)
    start(alpha, start_16())
    end(alpha, stop_16(number, token=Token(id_token="OTHER")))
    session = only_session(alpha)
    assert (session.state, session.id_token, session.suspect) == ("ended", "GOOD", [Suspicion.NO_NUMBER])


def test_a_stop_without_number_ends_its_own_session_before_one_of_its_group(alpha):
    IdToken.objects.filter(id_token="GOOD").update(group="Family")
    IdToken.objects.create(network=alpha.network, id_token="OTHER", group="Family")
    start(alpha, start_16())
    start(alpha, start_16(1, evse_id=2, token=Token(id_token="OTHER")))
    end(alpha, stop_16("-1", token=Token(id_token="OTHER")))
    assert ChargingSession.objects.get(state="ended").id_token == "OTHER"
    assert ChargingSession.objects.get(state="active").id_token == "GOOD"


@NUMBERLESS
def test_a_stop_without_number_is_sent_again_without_effect(alpha, number):
    start(alpha, start_16())
    end(alpha, stop_16(number))
    end(alpha, stop_16(number))
    assert kinds(alpha).count("session.ended") == 1
    assert only_session(alpha).state == "ended"


def test_a_stop_without_number_is_sent_again_in_the_same_batch_without_effect(alpha):
    start(alpha, start_16())
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.end(alpha, stop_16("-1"))
        charging_sessions.end(alpha, stop_16("-1"))
    assert only_session(alpha).state == "ended"


def test_a_stop_without_number_or_token_ends_the_only_session(alpha):
    start(alpha, start_16())
    end(alpha, stop_16("-1", token=None))
    assert only_session(alpha).state == "ended"


@pytest.mark.parametrize(
    "stop",
    [
        stop_16("-1", token=Token(id_token="ANOTHER")),
        stop_16("-1", minutes=-5),
        stop_16("-1", meter_stop_wh=Decimal(10)),
        stop_16("987654"),
    ],
    ids=["another token", "before the start", "less on the meter", "another number"],
)
def test_a_stop_that_doesn_t_fit_is_a_session_of_its_own(alpha, stop):
    running = start(alpha, start_16())
    end(alpha, stop)
    assert ChargingSession.objects.get(pk=running.pk).state == "active"
    orphan = ChargingSession.objects.exclude(pk=running.pk).get()
    assert (orphan.state, orphan.meter_stop_wh) == ("ended", stop.meter_stop_wh)
    assert orphan.suspect == sorted([Suspicion.NO_ENERGY, Suspicion.NO_START])


def test_a_stop_that_may_mean_two_sessions_means_none_of_them(alpha):
    start(alpha, start_16())
    start(alpha, start_16(1, evse_id=2))
    end(alpha, stop_16("-1"))
    assert list(ChargingSession.objects.values_list("state", flat=True).order_by("id")) == [
        "active", "active", "ended",
    ]  # fmt: skip


def test_a_session_known_by_its_stop_alone_is_told_as_suspect(alpha):
    assert end(alpha, stop_16("4711")).status == "Accepted"
    end(alpha, stop_16("4711"))
    session = only_session(alpha)
    assert (session.transaction_id, session.id_token, session.evse_id) == ("4711", "GOOD", None)
    assert kinds(alpha) == ["session.meter_values", "session.ended"]
    data = told(alpha, "session.ended")[0][1]
    assert (data["energy_wh"], data["duration_s"], data["suspect"]) == (None, None, True)


def test_a_stop_without_number_and_session_is_kept_once_under_a_number_of_ours(alpha):
    end(alpha, stop_16("-1"))
    end(alpha, stop_16("-1"))
    assert int(only_session(alpha).transaction_id) > 0


def test_readings_with_an_unknown_number_are_a_suspect_session(alpha):
    tell(charging_sessions.meter, alpha, meter_16("4711", reading(10, 1500, power=7000)))
    tell(charging_sessions.meter, alpha, meter_16("4711", reading(20, 2500, power=7000)))
    session = only_session(alpha)
    assert (session.state, session.evse_id, session.power_w) == ("active", 1, 7000)
    assert (session.started_at, session.energy_wh, session.suspect) == (after(10), None, [Suspicion.NO_START])
    end(alpha, stop_16("4711"))
    assert only_session(alpha).state == "ended"


def test_an_unknown_number_leaves_what_runs_on_the_evse_alone(alpha):
    running = start(alpha, start_16())
    tell(charging_sessions.meter, alpha, meter_16("987654", reading(10, 9999)))
    assert ChargingSession.objects.get(pk=running.pk).meter_last_wh == 1000


def test_a_number_below_zero_is_a_name_like_any_other_to_2_0_1(bravo):
    tell(charging_sessions.update, bravo, updated(1, 1, transaction_id="-1", evse_id=1))
    tell(charging_sessions.update, bravo, updated(2, 2, transaction_id="0", evse_id=2))
    assert set(ChargingSession.objects.values_list("transaction_id", flat=True)) == {"-1", "0"}


def test_a_part_of_an_unknown_transaction_begins_a_session_whose_start_may_come(bravo):
    tell(charging_sessions.update, bravo, updated(3, 10, evse_id=1, charging_state="Charging"))
    session = only_session(bravo)
    assert (session.state, session.started_at, session.charging_state) == ("active", after(10), "Charging")
    assert session.suspect == [Suspicion.NO_START]
    assert kinds(bravo) == ["session.updated"]


def test_a_session_began_with_the_earliest_that_was_heard_of_it_until_its_start_comes(bravo):
    tell(charging_sessions.update, bravo, updated(3, 10))
    tell(charging_sessions.update, bravo, updated(2, 5))
    tell(charging_sessions.update, bravo, updated(4, 15))
    assert only_session(bravo).started_at == after(5)
    start(bravo, started(minutes=7))
    assert (only_session(bravo).started_at, only_session(bravo).suspect) == (after(7), [])
