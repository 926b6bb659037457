from datetime import timedelta
from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from sessions.models import ChargingSession, IdToken, SessionState
from sessions.reports import Token
from sessions.services import charging_sessions
from sessions.suspicions import Suspicion
from tests.sessions.said import (
    GOOD,
    NOON,
    after,
    ended,
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


def start(station, report, **options):
    return tell(charging_sessions.start, station, report, **options)


def test_a_start_of_1_6_gets_a_number_of_ours(alpha):
    one = start(alpha, start_16()).session
    other = start(alpha, start_16(evse_id=2)).session
    assert int(one.transaction_id) > 0
    assert int(other.transaction_id) > 0
    assert one.transaction_id != other.transaction_id


def test_the_number_is_never_one_that_the_station_has(alpha):
    mine = start(alpha, start_16()).session
    taken = str(int(mine.transaction_id) + 1)
    tell(charging_sessions.meter, alpha, meter_16(taken, reading(1, 7)))
    next_one = start(alpha, start_16(2, evse_id=2)).session
    assert next_one.transaction_id not in (mine.transaction_id, taken)
    assert next_one.start_key is not None


def test_a_repeated_start_gets_the_first_answer(alpha):
    first, again = start(alpha, start_16()), start(alpha, start_16())
    assert (again.session.id, again.authorization) == (first.session.id, first.authorization)
    assert kinds(alpha) == ["session.started", "session.meter_values"]


def test_a_start_repeated_in_the_same_batch_gets_the_first_answer(alpha):
    with unit_of_work.begin(), clock.at(NOON):
        first = charging_sessions.start(alpha, start_16())
        assert charging_sessions.start(alpha, start_16()).session is first.session


def test_a_repeated_start_keeps_its_verdict(alpha, bravo):
    """Neither concurrent with itself, nor with what the token did since, nor blocked since."""
    first = start(alpha, start_16())
    start(bravo, started())
    IdToken.objects.update(status="blocked")
    assert start(alpha, start_16()).authorization == first.authorization


def test_a_start_repeated_after_the_stop_opens_nothing(alpha):
    first = start(alpha, start_16())
    tell(charging_sessions.end, alpha, stop_16(first.session.transaction_id))
    assert start(alpha, start_16()).session.state == SessionState.ENDED
    assert only_session(alpha).state == SessionState.ENDED


def test_a_repeated_started_event_is_told_once(bravo):
    first, again = start(bravo, started()), start(bravo, started())
    assert (again.session.id, again.authorization) == (first.session.id, first.authorization)
    assert kinds(bravo) == ["session.started", "session.meter_values"]


def test_a_refused_token_opens_a_session_too(alpha):
    begun = start(alpha, start_16(token=Token(id_token="NOBODY")))
    assert begun.authorization.status == "Unknown"
    assert (begun.session.state, begun.session.id_token) == ("active", "NOBODY")
    assert told(alpha, "session.started")[0][1]["authorization"] == "Unknown"


def test_a_start_without_token_has_no_verdict(bravo):
    begun = start(bravo, started(token=None))
    assert begun.authorization is None
    data = told(bravo, "session.started")[0][1]
    assert (data["id_token"], data["id_token_type"], data["authorization"]) == (None, None, None)


def test_both_versions_tell_the_same_of_a_start(alpha, bravo):
    IdToken.objects.update(concurrent=True)
    start(alpha, start_16(reservation_id=7))
    start(bravo, started(reservation_id=7))
    (_, begun), (_, metered) = told(alpha)
    assert begun == {
        "session_id": begun["session_id"],
        "transaction_id": begun["transaction_id"],
        "evse_id": 1,
        "connector_id": 1,
        "station_time": clock.iso(NOON),
        "received_at": clock.iso(NOON),
        "id_token": "GOOD",
        "id_token_type": None,
        "authorization": "Accepted",
        "meter_start_wh": 1000,
        "reservation_id": 7,
        "remote_start_id": None,
        "offline": False,
    }
    assert metered["samples"] == [
        {
            "measurand": "Energy.Active.Import.Register",
            "phase": None,
            "context": "Transaction.Begin",
            "location": "Outlet",
            "value": 1000,
            "unit": "Wh",
            "at": clock.iso(NOON),
            "signed": None,
        }
    ]
    names = {"session_id", "transaction_id"}
    assert [(kind, {key: data[key] for key in data.keys() - names}) for kind, data in told(bravo)] == [
        (kind, {key: data[key] for key in data.keys() - names}) for kind, data in told(alpha)
    ]


def test_a_register_among_the_readings_isn_t_said_twice(alpha):
    start(alpha, start_16(readings=(reading(0, 1000, context="Transaction.Begin"),)))
    assert len(told(alpha, "session.meter_values")[0][1]["samples"]) == 1


def test_a_register_of_zero_is_a_register(bravo):
    start(bravo, started(readings=(reading(0, 0, context="Transaction.Begin"), reading(1, 12))))
    assert only_session(bravo).meter_start_wh == 0


def test_the_first_register_counts_where_none_is_called_the_begin(bravo):
    start(bravo, started(readings=(reading(0, 990),)))
    assert only_session(bravo).meter_start_wh == 990


def test_a_start_without_time_is_told_without_and_kept_with_ours(alpha):
    start(alpha, start_16(started_at=None), received=after(3))
    assert told(alpha, "session.started")[0][1]["station_time"] is None
    assert only_session(alpha).started_at == after(3)


@pytest.mark.parametrize("nonsense", [Decimal(-1), Decimal(10) ** 30])
def test_a_register_that_can_t_be_is_dropped_and_marked(alpha, nonsense):
    start(alpha, start_16(meter_start_wh=nonsense))
    session = only_session(alpha)
    assert session.meter_start_wh is None
    assert session.suspect == [Suspicion.IMPOSSIBLE_VALUE]


def test_what_no_column_holds_is_cut_and_kept_apart(bravo):
    long = "t" * 100
    report = started(
        transaction_id=f"{long}1",
        token=Token(id_token="i" * 300, type="y" * 40),
        evse_id=10**12,
        connector_id=-1,
        remote_start_id=2**70,
        reservation_id=2**70,
        charging_state="c" * 50,
        seq_no=2**70,
    )
    one = start(bravo, report).session
    other = start(bravo, started(transaction_id=f"{long}2", evse_id=2)).session
    assert one.id != other.id
    one = ChargingSession.objects.get(pk=one.pk)
    assert (one.evse_id, one.connector_id, one.remote_start_id, one.reservation_id) == (None,) * 4
    assert (len(one.transaction_id), len(one.id_token), len(one.id_token_type)) == (64, 255, 20)
    assert start(bravo, report).session.id == one.id


def test_the_next_start_on_an_evse_gives_the_last_one_up(alpha):
    first = start(alpha, start_16()).session
    tell(charging_sessions.meter, alpha, meter_16(first.transaction_id, reading(10, 1800, power=7000)))
    start(alpha, start_16(20))
    lost = ChargingSession.objects.get(pk=first.pk)
    assert (lost.state, lost.ended_at, lost.power_w, lost.energy_wh) == ("lost", None, None, 800)
    assert kinds(alpha)[-3:] == ["session.ended", "session.started", "session.meter_values"]
    (_, data), = told(alpha, "session.ended")  # fmt: skip
    assert (data["session_id"], data["energy_wh"], data["meter_stop_wh"]) == (first.pk, 800, None)
    assert (data["reason"], data["suspect"], data["duration_s"], data["station_time"]) == (
        None,
        True,
        None,
        None,
    )


def test_the_next_start_leaves_other_evses_and_stations_alone(alpha, bravo):
    start(alpha, start_16())
    start(bravo, started())
    start(alpha, start_16(20, evse_id=2))
    assert set(ChargingSession.objects.values_list("state", flat=True)) == {"active"}


def test_a_start_from_an_offline_queue_gives_nothing_up(bravo):
    start(bravo, started(transaction_id="live"))
    start(bravo, started(transaction_id="queued", minutes=-30, offline=True))
    assert set(ChargingSession.objects.values_list("state", flat=True)) == {"active"}


def test_a_start_that_is_older_gives_nothing_up(bravo):
    start(bravo, started(transaction_id="live", minutes=10))
    start(bravo, started(transaction_id="late", minutes=0))
    assert set(ChargingSession.objects.values_list("state", flat=True)) == {"active"}


def test_a_lost_session_that_ends_after_all_is_told_with_its_figures(bravo):
    start(bravo, started(transaction_id="first"))
    start(bravo, started(transaction_id="second", minutes=90))
    tell(charging_sessions.end, bravo, ended(1, transaction_id="first"), received=after(95))
    first = ChargingSession.objects.get(transaction_id="first")
    assert (first.state, first.suspect, first.energy_wh) == ("ended", [], 4000)
    (_, given_up), (_, ended_after_all) = told(bravo, "session.ended")
    assert (given_up["energy_wh"], given_up["suspect"]) == (None, True)
    assert (ended_after_all["energy_wh"], ended_after_all["suspect"]) == (4000, False)
    assert ended_after_all["duration_s"] == timedelta(hours=1).total_seconds()


def test_evse_token_and_numbers_come_once_and_stay(bravo):
    start(bravo, started(evse_id=None, connector_id=None, token=None))
    tell(charging_sessions.update, bravo, updated(1, 1, evse_id=2, remote_start_id=77))
    tell(charging_sessions.update, bravo, updated(2, 2, token=GOOD, trigger="Authorized"))
    tell(charging_sessions.update, bravo, updated(3, 3))
    session = only_session(bravo)
    assert (session.evse_id, session.connector_id, session.remote_start_id) == (2, None, 77)
    assert (session.id_token, session.authorization) == ("GOOD", "Accepted")


def test_the_token_that_stops_isn_t_the_session_s(bravo):
    start(bravo, started(token=None))
    tell(charging_sessions.update, bravo, updated(1, 1, token=GOOD, trigger="StopAuthorized"))
    tell(charging_sessions.end, bravo, ended(2, token=GOOD))
    assert only_session(bravo).id_token == ""
