from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from sessions.models import ChargingSession, MeterValue
from sessions.reports import Token
from sessions.services import charging_sessions
from sessions.suspicions import Suspicion
from stations.models import Deviation
from tests.sessions.said import (
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


def end(station, report, **options):
    return tell(charging_sessions.end, station, report, **options)


@pytest.fixture
def running(alpha):
    """Alpha charges on EVSE 1; its register stood at 1000 Wh at noon."""
    return tell(charging_sessions.start, alpha, start_16()).session.transaction_id


def test_a_stop_ends_its_session(alpha, running):
    end(alpha, stop_16(running))
    session = only_session(alpha)
    assert (session.state, session.ended_at, session.meter_stop_wh) == ("ended", after(60), 5000)
    assert (session.energy_wh, session.duration_s, session.reason) == (4000, 3600, "Local")
    assert session.suspect == []


def test_both_versions_tell_the_same_of_an_end(alpha, bravo, running):
    tell(charging_sessions.start, bravo, started())
    end(alpha, stop_16(running, token=None), received=after(60))
    end(bravo, ended(1, reason="Local"), received=after(60))
    names = {"session_id", "transaction_id"}
    one, other = (
        [(kind, {key: data[key] for key in data.keys() - names}) for kind, data in told(station)[2:]]
        for station in (alpha, bravo)
    )
    assert one == other
    assert [kind for kind, _ in one] == ["session.meter_values", "session.ended"]
    assert one[0][1]["samples"][0]["context"] == "Transaction.End"
    assert one[1][1] == {
        "evse_id": 1,
        "connector_id": 1,
        "station_time": clock.iso(after(60)),
        "received_at": clock.iso(after(60)),
        "id_token": "GOOD",
        "meter_start_wh": 1000,
        "meter_stop_wh": 5000,
        "energy_wh": 4000,
        "duration_s": 3600,
        "reason": "Local",
        "suspect": False,
        "offline": False,
    }


def test_a_repeated_stop_changes_nothing(alpha, running):
    end(alpha, stop_16(running))
    before = ChargingSession.objects.values().get()
    end(alpha, stop_16(running), received=after(90))
    end(alpha, stop_16(running, meter_stop_wh=None, ended_at=None, reason="Remote"), received=after(90))
    assert ChargingSession.objects.values().get() == before
    assert kinds(alpha).count("session.ended") == 1
    assert MeterValue.objects.count() == 2


@pytest.mark.parametrize("other", [{"minutes": 80}, {"meter_stop_wh": Decimal(9000)}])
def test_a_second_stop_that_says_something_else_is_suspect_and_changes_no_figure(alpha, running, other):
    end(alpha, stop_16(running))
    before = ChargingSession.objects.values().get()
    end(alpha, stop_16(running, **other), received=after(90))
    assert ChargingSession.objects.values().get() == before | {"suspect": [Suspicion.SECOND_END]}
    assert kinds(alpha).count("session.ended") == 1
    assert MeterValue.objects.count() == 2


def test_a_stop_without_figures_is_repeated_like_any_other(alpha, running):
    said = {"meter_stop_wh": None, "ended_at": None, "readings": (reading(59, 4800), reading(60, 4900))}
    end(alpha, stop_16(running, **said), received=after(61))
    before = ChargingSession.objects.values().get()
    end(alpha, stop_16(running, **said), received=after(90))
    assert ChargingSession.objects.values().get() == before


def test_a_repeated_ended_event_changes_nothing(bravo):
    tell(charging_sessions.start, bravo, started())
    end(bravo, ended(1))
    before = ChargingSession.objects.values().get()
    end(bravo, ended(1), received=after(90))
    assert ChargingSession.objects.values().get() == before
    assert kinds(bravo).count("session.ended") == 1


@pytest.mark.parametrize("numbers", [(0, 1, 2, 3), (0, 0, 0, 0)], ids=["anew", "never"])
def test_a_counter_that_says_nothing_hides_neither_the_end_nor_its_readings(bravo, numbers):
    first, second, third, last = numbers
    tell(charging_sessions.start, bravo, started())
    for number in range(1, 6):
        said = updated(number, number, readings=(reading(number, 1000 + number),))
        tell(charging_sessions.update, bravo, said)
    for minutes, number in ((20, first), (21, second), (22, third)):
        said = updated(
            number, minutes, charging_state=f"State{minutes}", readings=(reading(minutes, 100 * minutes),)
        )
        tell(charging_sessions.update, bravo, said)
        assert only_session(bravo).charging_state == f"State{minutes}"
        before = kinds(bravo)
        tell(charging_sessions.update, bravo, said, received=after(23))
        assert kinds(bravo) == before
    for _ in range(2):
        end(bravo, ended(last))
    session = only_session(bravo)
    assert (session.state, session.energy_wh, session.suspect) == ("ended", 4000, [])
    assert kinds(bravo).count("session.updated") == 8
    assert kinds(bravo).count("session.ended") == 1
    assert list(bravo.deviations.values_list("path", "rule", "count")) == [("seqNo", "repeated", 4)]


@pytest.mark.parametrize("number", [None, -1, 2**62])
def test_parts_without_a_number_are_known_by_their_readings(bravo, number):
    tell(charging_sessions.start, bravo, started())
    for minutes, state in ((1, "Charging"), (2, "SuspendedEV")):
        said = updated(number, minutes, charging_state=state, readings=(reading(minutes, 1000 + minutes),))
        for _ in range(2):
            tell(charging_sessions.update, bravo, said)
        assert only_session(bravo).charging_state == state
    for _ in range(2):
        end(bravo, ended(number))
    assert only_session(bravo).energy_wh == 4000
    assert kinds(bravo).count("session.updated") == 2
    assert kinds(bravo).count("session.ended") == 1
    assert MeterValue.objects.count() == 4


def test_a_repetition_without_a_clock_is_one(bravo):
    tell(charging_sessions.start, bravo, started())
    said = updated(1, 1, at=None, readings=(reading(None, 1001),))
    for minutes in (1, 2):
        tell(charging_sessions.update, bravo, said, received=after(minutes))
    assert MeterValue.objects.count() == 2
    assert not bravo.deviations.exists()


@pytest.mark.parametrize("seq_no", [1, 2])
def test_a_second_ended_event_that_says_something_else_is_suspect(bravo, seq_no):
    tell(charging_sessions.start, bravo, started())
    end(bravo, ended(1))
    end(bravo, ended(seq_no, minutes=70, readings=(reading(70, 5200, context="Transaction.End"),)))
    session = only_session(bravo)
    assert (session.ended_at, session.meter_stop_wh, session.energy_wh) == (after(60), 5000, 4000)
    assert session.suspect == [Suspicion.SECOND_END]
    assert kinds(bravo).count("session.ended") == 1


def test_a_stop_says_what_is_thought_of_its_token(alpha, running):
    assert end(alpha, stop_16(running, token=None)) is None
    assert end(alpha, stop_16(running)).status == "Accepted"
    assert end(alpha, stop_16(running, token=Token(id_token="NOBODY"))).status == "Unknown"


def test_another_station_s_session_is_never_touched(alpha, stranger, running):
    end(stranger, stop_16(running))
    end(stranger, stop_16("-1"))
    tell(charging_sessions.meter, stranger, meter_16(running, reading(10, 1500)))
    tell(charging_sessions.update, stranger, updated(1, 1, transaction_id=running))
    session = only_session(alpha)
    assert (session.state, session.meter_last_wh, session.seq_seen) == ("active", 1000, [])


def test_two_stations_may_name_their_transactions_alike(bravo, stranger):
    for station in (bravo, stranger):
        tell(charging_sessions.start, station, started())
    end(bravo, ended(1))
    assert (only_session(bravo).state, only_session(stranger).state) == ("ended", "active")


def test_a_stop_below_the_start_is_kept_and_never_negative(alpha, running):
    tell(charging_sessions.meter, alpha, meter_16(running, reading(10, 1700)))
    end(alpha, stop_16(running, meter_stop_wh=Decimal(3)))
    session = only_session(alpha)
    assert (session.meter_stop_wh, session.energy_wh) == (3, 700)
    assert session.suspect == sorted([Suspicion.METER_WENT_BACK, Suspicion.STOP_BELOW_START])
    assert told(alpha, "session.ended")[0][1]["energy_wh"] == 700


def test_energy_that_nothing_tells_is_unknown_and_suspect(alpha, running):
    end(alpha, stop_16(running, meter_stop_wh=Decimal(3)))
    data = told(alpha, "session.ended")[0][1]
    assert (data["energy_wh"], data["meter_stop_wh"], data["suspect"]) == (None, 3, True)
    assert Suspicion.NO_ENERGY in only_session(alpha).suspect


@pytest.mark.parametrize("nonsense", [Decimal(-1), Decimal(10) ** 20])
def test_a_stop_register_that_can_t_be_leaves_the_samples_to_tell(alpha, running, nonsense):
    tell(charging_sessions.meter, alpha, meter_16(running, reading(10, 1700)))
    end(alpha, stop_16(running, meter_stop_wh=nonsense))
    session = only_session(alpha)
    assert (session.meter_stop_wh, session.energy_wh) == (None, 700)
    assert session.suspect == [Suspicion.IMPOSSIBLE_VALUE]


def test_the_last_register_of_an_end_is_its_stop(bravo):
    tell(charging_sessions.start, bravo, started())
    taken = (
        reading(0, 1000, context="Transaction.Begin"),
        reading(30, 3000),
        reading(60, 5000, context="Transaction.End"),
    )
    end(bravo, ended(1, readings=taken))
    assert only_session(bravo).meter_stop_wh == 5000
    assert len(told(bravo, "session.meter_values")[-1][1]["samples"]) == 3


def test_a_register_without_the_word_for_it_is_the_stop_too(bravo):
    tell(charging_sessions.start, bravo, started())
    end(bravo, ended(1, readings=(reading(30, 3000), reading(60, 4900))))
    assert only_session(bravo).meter_stop_wh == 4900


def test_an_end_without_register_has_what_the_samples_say(bravo):
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.update, bravo, updated(1, 30, readings=(reading(30, 3000),)))
    end(bravo, ended(2, readings=()))
    session = only_session(bravo)
    assert (session.meter_stop_wh, session.energy_wh, session.suspect) == (None, 2000, [])


def test_a_station_without_a_clock_ends_by_ours(alpha):
    begun = tell(charging_sessions.start, alpha, start_16(started_at=None), received=after(5)).session
    end(alpha, stop_16(begun.transaction_id, ended_at=None), received=after(25))
    session = only_session(alpha)
    assert (session.started_at, session.ended_at, session.duration_s) == (after(5), after(25), 1200)
    assert session.suspect == [Suspicion.NO_CLOCK]
    data = told(alpha, "session.ended")[0][1]
    assert (data["station_time"], data["suspect"]) == (None, True)
    noted = Deviation.objects.values_list("path", "rule", "count")
    assert list(noted) == [("timestamp", "no clock", 2)]


@pytest.mark.parametrize("unclocked", ["start", "end"])
def test_a_start_or_an_end_without_a_clock_is_suspect_in_both_versions(alpha, bravo, unclocked):
    begun, over = ({"started_at": None}, {}) if unclocked == "start" else ({}, {"ended_at": None})
    number = tell(charging_sessions.start, alpha, start_16(**begun)).session.transaction_id
    end(alpha, stop_16(number, **over), received=after(60))
    # Whatever comes first.
    end(bravo, ended(1, **over), received=after(60))
    tell(charging_sessions.start, bravo, started(**begun))
    for station in (alpha, bravo):
        assert only_session(station).suspect == [Suspicion.NO_CLOCK]
        assert list(station.deviations.values_list("path", "rule", "count")) == [("timestamp", "no clock", 1)]


def test_readings_without_a_time_are_nothing_suspect(alpha, bravo, running):
    tell(charging_sessions.meter, alpha, meter_16(running, reading(None, 2000)), received=after(30))
    end(alpha, stop_16(running), received=after(60))
    tell(charging_sessions.start, bravo, started())
    timeless = updated(1, 30, at=None, readings=(reading(None, 2000),))
    tell(charging_sessions.update, bravo, timeless, received=after(30))
    end(bravo, ended(2), received=after(60))
    assert only_session(alpha).suspect == only_session(bravo).suspect == []
    assert not Deviation.objects.exists()


def test_a_clock_that_went_back_leaves_the_duration_to_ours(alpha, running):
    end(alpha, stop_16(running, minutes=-600), received=after(30))
    assert told(alpha, "session.ended")[0][1]["duration_s"] == 1800
    assert only_session(alpha).suspect == [Suspicion.TIMES_BACKWARDS]


@pytest.mark.parametrize(("days", "suspect"), [(31, []), (32, [Suspicion.TOO_LONG])])
def test_a_session_of_months_is_suspect(alpha, running, days, suspect):
    end(alpha, stop_16(running, minutes=days * 24 * 60))
    assert only_session(alpha).suspect == suspect


def test_a_session_with_a_part_missing_is_suspect_until_it_comes(bravo):
    tell(charging_sessions.start, bravo, started())
    end(bravo, ended(2))
    assert only_session(bravo).suspect == [Suspicion.PARTS_MISSING]
    tell(charging_sessions.update, bravo, updated(1, 30))
    assert only_session(bravo).suspect == []


def test_a_counter_may_begin_anywhere(bravo):
    tell(charging_sessions.start, bravo, started(seq_no=17))
    end(bravo, ended(18))
    session = only_session(bravo)
    assert (session.seq_first, session.seq_last, session.seq_seen) == (17, 18, [[17, 18]])
    assert session.suspect == []


def test_what_comes_after_the_end_is_kept_and_reopens_nothing(bravo):
    tell(charging_sessions.start, bravo, started())
    end(bravo, ended(2))
    late = updated(1, 30, charging_state="Charging", offline=True, readings=(reading(30, 3000, power=7000),))
    tell(charging_sessions.update, bravo, late)
    tell(charging_sessions.update, bravo, updated(3, 61))
    end(bravo, ended(4, minutes=70, reason="Other", readings=(reading(70, 5200),)))
    session = only_session(bravo)
    assert (session.state, session.ended_at, session.reason) == ("ended", after(60), "EVDisconnected")
    assert (session.power_w, session.charging_state, session.offline) == (None, "", True)
    assert (session.seq_seen, session.energy_wh) == ([[0, 4]], 4000)
    assert MeterValue.objects.count() == 4
    assert kinds(bravo) == [
        "session.started", "session.meter_values",
        "session.meter_values", "session.ended",
        "session.meter_values", "session.meter_values",
    ]  # fmt: skip


def test_an_end_before_its_start_stays_the_end(bravo):
    end(bravo, ended(1))
    first = only_session(bravo)
    assert (first.state, first.energy_wh, first.duration_s) == ("ended", None, None)
    assert Suspicion.NO_START in first.suspect
    assert told(bravo, "session.ended")[0][1]["suspect"] is True
    tell(charging_sessions.start, bravo, started())
    session = only_session(bravo)
    assert (session.state, session.started_at, session.id_token) == ("ended", NOON, "GOOD")
    assert (session.energy_wh, session.duration_s, session.suspect) == (4000, 3600, [])
    assert [kind for kind in kinds(bravo) if kind != "session.meter_values"] == [
        "session.ended",
        "session.started",
    ]


def test_offline_parts_say_so(bravo):
    tell(charging_sessions.start, bravo, started(offline=True))
    tell(charging_sessions.update, bravo, updated(1, 10, offline=True))
    end(bravo, ended(2))
    assert only_session(bravo).offline
    flags = [
        data["offline"] for _, data in told(bravo, "session.started", "session.updated", "session.ended")
    ]
    assert flags == [True, True, False]


def test_a_whole_session_may_come_in_one_batch(alpha):
    with unit_of_work.begin(), clock.at(after(70)):
        begun = charging_sessions.start(alpha, start_16())
        number = begun.session.transaction_id
        charging_sessions.meter(alpha, meter_16(number, reading(30, 3000)))
        charging_sessions.end(alpha, stop_16(number))
        charging_sessions.meter(alpha, meter_16(number, reading(61, 5001)))
        charging_sessions.end(alpha, stop_16(number))
    session = only_session(alpha)
    assert (session.state, session.energy_wh, session.meter_last_wh) == ("ended", 4000, 5001)
    assert kinds(alpha) == [
        "session.started", "session.meter_values",
        "session.meter_values", "session.updated",
        "session.meter_values", "session.ended",
        "session.meter_values",
    ]  # fmt: skip
