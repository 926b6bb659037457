from datetime import timedelta
from decimal import Decimal

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.events import Sample
from sessions.models import ChargingSession, MeterValue
from sessions.reports import MeterReading
from sessions.services import charging_sessions
from sessions.suspicions import Suspicion
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


def meter(station, report, **options):
    tell(charging_sessions.meter, station, report, **options)


@pytest.fixture
def running(alpha):
    """Alpha charges on EVSE 1; its register stood at 1000 Wh at noon."""
    return tell(charging_sessions.start, alpha, start_16()).session.transaction_id


def test_readings_move_their_session(alpha, running):
    meter(alpha, meter_16(running, reading(10, "1.5", power=7000, soc=40)))
    meter(alpha, meter_16(running, reading(20, 2500, power=6900, soc=45)))
    session = only_session(alpha)
    assert (session.meter_last_wh, session.power_w, session.soc_percent) == (2500, 6900, 45)
    assert (session.energy_wh, session.meter_last_at) == (1500, after(20))


def test_a_reading_is_kept_with_its_session_and_its_figures(alpha, running):
    meter(alpha, meter_16(running, reading(10, 1500, power=7000, soc=40)), received=after(11))
    kept = MeterValue.objects.get(at=after(10))
    session = only_session(alpha)
    assert (kept.session, kept.station_id, kept.evse_id) == (session.pk, alpha.pk, 1)
    assert (kept.energy_wh, kept.power_w, kept.soc_percent) == (1500, 7000, 40)
    assert (kept.received_at, kept.context) == (after(11), "Sample.Periodic")
    assert [sample["measurand"] for sample in kept.samples] == [
        "Energy.Active.Import.Register", "Power.Active.Import", "SoC",
    ]  # fmt: skip
    assert kept.samples == told(alpha, "session.meter_values")[-1][1]["samples"]


def test_both_versions_tell_the_same_of_a_reading(alpha, bravo, running):
    tell(charging_sessions.start, bravo, started())
    said = (reading(10, 1500, power=7000, soc=40),)
    meter(alpha, meter_16(running, *said))
    tell(charging_sessions.update, bravo, updated(1, 10, readings=said))
    names = {"session_id", "transaction_id"}
    one, other = (
        [(kind, {key: data[key] for key in data.keys() - names}) for kind, data in told(station)[2:]]
        for station in (alpha, bravo)
    )
    assert one == other
    assert one[1] == (
        "session.updated",
        {
            "evse_id": 1,
            "connector_id": 1,
            "station_time": clock.iso(after(10)),
            "received_at": clock.iso(NOON),
            "charging_state": None,
            "trigger": "MeterValuePeriodic",
            "energy_wh": 500,
            "power_w": 7000,
            "soc_percent": 40,
            "offline": False,
        },
    )


@pytest.mark.parametrize(
    ("context", "trigger"),
    [
        ("Sample.Periodic", "MeterValuePeriodic"),
        ("Sample.Clock", "MeterValueClock"),
        ("Trigger", "Trigger"),
        ("Interruption.Begin", None),
        ("Never.Heard", None),
    ],
)
def test_the_context_of_a_reading_says_why_it_came(alpha, running, context, trigger):
    meter(alpha, meter_16(running, reading(10, 1500, context=context)))
    assert told(alpha, "session.updated")[0][1]["trigger"] == trigger


def test_a_reason_that_is_given_wins_over_the_context(bravo):
    tell(charging_sessions.start, bravo, started())
    said = updated(1, 10, trigger="ChargingRateChanged", readings=(reading(10, 1500),))
    tell(charging_sessions.update, bravo, said)
    assert told(bravo, "session.updated")[0][1]["trigger"] == "ChargingRateChanged"


def test_readings_that_are_sent_again_are_kept_once(alpha, running):
    said = meter_16(running, reading(10, 1500), reading(11, 1600))
    meter(alpha, said)
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.meter(alpha, said)
        charging_sessions.meter(alpha, meter_16(running, reading(11, 1600), reading(12, 1700)))
        charging_sessions.meter(alpha, meter_16(running, reading(12, 1700)))
    assert [value.energy_wh for value in MeterValue.objects.order_by("at")] == [1000, 1500, 1600, 1700]
    assert kinds(alpha)[2:] == ["session.meter_values", "session.updated"] * 2


def test_readings_of_one_moment_that_differ_are_all_kept(alpha, running):
    meter(alpha, meter_16(running, reading(10, 1500)))
    meter(alpha, meter_16(running, reading(10, power=7000)))
    assert MeterValue.objects.filter(at=after(10)).count() == 2


def test_readings_without_a_number_belong_to_what_runs_on_their_evse(alpha, running):
    meter(alpha, meter_16(None, reading(10, 1500)))
    meter(alpha, meter_16("-1", reading(11, 1600)))
    meter(alpha, meter_16("0", reading(12, 1700)))
    session = only_session(alpha)
    assert (session.meter_last_wh, session.suspect) == (1700, [])


@pytest.mark.parametrize("number", [None, "-1", "0"])
def test_readings_from_before_the_session_are_outside(alpha, running, number):
    meter(alpha, meter_16(number, reading(-5, 900)))
    (_, data), = told(alpha, "meter.values")  # fmt: skip
    assert (data["session_id"], data["transaction_id"], data["evse_id"]) == (None, None, 1)
    assert only_session(alpha).suspect == []


def test_readings_of_other_evses_and_of_the_main_meter_are_outside(alpha, bravo, running):
    tell(charging_sessions.start, alpha, start_16(1, evse_id=None))
    meter(alpha, meter_16(None, reading(10, 1500), evse_id=2))
    meter(alpha, meter_16("-1", reading(10, 900_000), evse_id=0))
    meter(bravo, meter_16(None, reading(10, 70)))
    assert [data["evse_id"] for _, data in told(alpha, "meter.values")] == [2, None]
    assert [data["evse_id"] for _, data in told(bravo, "meter.values")] == [1]
    assert set(MeterValue.objects.filter(session=None).values_list("station", "energy_wh")) == {
        (alpha.pk, 1500), (alpha.pk, 900_000), (bravo.pk, 70),
    }  # fmt: skip


def test_readings_outside_that_are_said_again_are_kept_and_told_once(alpha, bravo):
    meter(alpha, meter_16(None, reading(10, 1500), reading(11, 1600)), received=after(11))
    later = {"received": after(13)}
    meter(alpha, meter_16(None, reading(10, 1500), reading(11, 1600)), **later)
    meter(alpha, meter_16(None, reading(11, 1600), reading(12, 1600)), **later)
    meter(alpha, meter_16(None, reading(10, 1500), evse_id=2), **later)
    meter(bravo, meter_16(None, reading(10, 1500)), **later)
    kept = MeterValue.objects.filter(station=alpha).order_by("evse_id", "at")
    assert list(kept.values_list("evse_id", "at")) == [
        (1, after(10)), (1, after(11)), (1, after(12)), (2, after(10)),
    ]  # fmt: skip
    assert [len(data["samples"]) for _, data in told(alpha, "meter.values")] == [2, 1, 1]
    assert len(told(bravo, "meter.values")) == 1


def test_readings_outside_that_are_said_again_in_one_batch_are_kept_once(alpha):
    with unit_of_work.begin(), clock.at(after(12)):
        for _ in range(2):
            charging_sessions.meter(alpha, meter_16(None, reading(10, 1500)))
    assert MeterValue.objects.count() == 1


def test_a_number_of_an_older_session_leaves_the_live_one_alone(alpha, running):
    tell(charging_sessions.end, alpha, stop_16(running))
    live = tell(charging_sessions.start, alpha, start_16(70, meter_start_wh=Decimal(5000))).session
    meter(alpha, meter_16(running, reading(60, 5001, context="Transaction.End")))
    assert MeterValue.objects.get(energy_wh=5001).session != live.pk
    assert ChargingSession.objects.get(pk=live.pk).meter_last_wh == 5000


def test_closing_readings_after_the_stop_are_kept_and_reopen_nothing(alpha, running):
    tell(charging_sessions.end, alpha, stop_16(running, meter_stop_wh=None))
    meter(alpha, meter_16(running, reading(60, 5000, context="Transaction.End", power=0)))
    session = only_session(alpha)
    assert (session.state, session.meter_stop_wh, session.energy_wh) == ("ended", 5000, 4000)
    assert (session.power_w, session.suspect) == (None, [])
    assert kinds(alpha)[-2:] == ["session.ended", "session.meter_values"]


def test_a_meter_that_goes_back_takes_nothing_back(alpha, running):
    for minutes, wh in ((10, 3000), (20, 0), (30, 3100)):
        meter(alpha, meter_16(running, reading(minutes, wh)))
    assert [data["energy_wh"] for _, data in told(alpha, "session.updated")] == [2000, 2000, 2100]
    assert only_session(alpha).suspect == [Suspicion.METER_WENT_BACK]


def test_a_meter_below_its_start_makes_no_negative_energy(alpha, running):
    meter(alpha, meter_16(running, reading(10, 200)))
    assert only_session(alpha).energy_wh == 0
    assert only_session(alpha).suspect == [Suspicion.METER_WENT_BACK]


def test_rounding_is_no_going_back(alpha, running):
    meter(alpha, meter_16(running, reading(10, "1500.7")))
    meter(alpha, meter_16(running, reading(11, 1500)))
    assert only_session(alpha).suspect == []


def test_an_older_reading_that_comes_late_changes_nothing_that_is_newer(alpha, running):
    meter(alpha, meter_16(running, reading(20, 2000, power=7000, soc=50)))
    meter(alpha, meter_16(running, reading(10, 1500, power=3000, soc=40)))
    session = only_session(alpha)
    assert (session.meter_last_wh, session.power_w, session.soc_percent) == (2000, 7000, 50)
    assert (session.meter_last_at, session.suspect) == (after(20), [])


def test_a_reading_from_the_future_holds_up_none_that_follows(alpha, running):
    said = meter_16(running, reading(600, 1600, power=7000, soc=40))
    for _ in range(2):
        meter(alpha, said, received=after(10))
    assert only_session(alpha).power_w == 7000
    meter(alpha, meter_16(running, reading(11, 1700, power=3000, soc=41)), received=after(11))
    session = only_session(alpha)
    assert (session.power_w, session.soc_percent, session.meter_last_wh) == (3000, 41, 1700)
    assert (session.meter_last_at, session.suspect) == (after(11), [])
    assert kinds(alpha).count("session.updated") == 2


def test_a_clock_that_was_ahead_and_is_right_again_holds_up_nothing(alpha, running):
    alpha.clock_skew_s = 7200
    meter(alpha, meter_16(running, reading(130, 1600, power=7000)), received=after(10))
    assert only_session(alpha).meter_last_at == after(130)
    alpha.clock_skew_s = 0
    meter(alpha, meter_16(running, reading(11, 1700, power=3000)), received=after(11))
    assert (only_session(alpha).power_w, only_session(alpha).meter_last_at) == (3000, after(11))


def test_the_clock_of_a_station_that_is_always_ahead_tells_what_came_first(alpha, running):
    alpha.clock_skew_s = 7200
    for minutes, power in ((131, 7000), (130, 3000)):
        meter(alpha, meter_16(running, reading(minutes, 1600, power=power)), received=after(12))
    assert (only_session(alpha).power_w, only_session(alpha).meter_last_at) == (7000, after(131))


def test_a_reading_without_time_is_kept_with_ours(alpha, running):
    meter(alpha, meter_16(running, reading(None, 1500)), received=after(4))
    assert MeterValue.objects.get(energy_wh=1500).at == after(4)
    assert told(alpha, "session.updated")[0][1]["station_time"] is None


def test_a_reading_without_samples_is_nothing(alpha, running):
    nothing = MeterReading(at=after(10), samples=())
    before = kinds(alpha)
    meter(alpha, meter_16(None, nothing, evse_id=2))
    tell(charging_sessions.end, alpha, stop_16(running, meter_stop_wh=None, readings=(nothing,)))
    assert kinds(alpha) == [*before, "session.ended"]
    assert MeterValue.objects.count() == 1


@pytest.mark.parametrize("value", ["-1", "9e15", "a lot"])
def test_a_register_that_can_t_be_is_kept_as_a_sample_and_marked(alpha, running, value):
    meter(alpha, meter_16(running, reading(10, value)))
    session = only_session(alpha)
    assert (session.meter_last_wh, session.suspect) == (1000, [Suspicion.IMPOSSIBLE_VALUE])
    assert MeterValue.objects.get(at=after(10)).energy_wh is None


def test_signed_readings_keep_their_text(alpha, running):
    signed = Sample(
        measurand="Energy.Active.Import.Register",
        phase=None,
        context="Transaction.End",
        location="Outlet",
        value=None,
        unit="Wh",
        at=after(10),
        signed="OCMF|…",
    )
    meter(alpha, meter_16(running, MeterReading(at=after(10), samples=(signed,))))
    assert MeterValue.objects.get(at=after(10)).samples[0]["signed"] == "OCMF|…"
    assert only_session(alpha).suspect == []


def note(station, state, minutes, evse_id=1):
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.note_charging_state(station, evse_id, state, after(minutes))


def test_a_status_word_of_1_6_is_a_charging_state(alpha, running):
    note(alpha, "Charging", 1)
    note(alpha, "Charging", 2)
    note(alpha, "SuspendedEV", 3)
    assert only_session(alpha).charging_state == "SuspendedEV"
    assert [
        (data["charging_state"], data["trigger"], data["station_time"])
        for _, data in told(alpha, "session.updated")
    ] == [
        ("Charging", "ChargingStateChanged", clock.iso(after(1))),
        ("SuspendedEV", "ChargingStateChanged", clock.iso(after(3))),
    ]


def test_a_status_word_of_another_time_or_place_says_nothing_of_the_session(alpha, running):
    note(alpha, "EVConnected", -1)
    note(alpha, "Charging", 1, evse_id=2)
    note(alpha, None, 1)
    note(alpha, "Idle", 1, evse_id=0)
    tell(charging_sessions.end, alpha, stop_16(running))
    note(alpha, "EVConnected", 61)
    assert told(alpha, "session.updated") == []


def test_live_figures_end_with_the_session(alpha, running):
    note(alpha, "Charging", 1)
    meter(alpha, meter_16(running, reading(10, 1500, power=7000, soc=40)))
    tell(charging_sessions.end, alpha, stop_16(running))
    session = only_session(alpha)
    assert (session.power_w, session.charging_state, session.soc_percent) == (None, "", 40)


def test_a_session_is_heard_of_with_each_message(bravo):
    tell(charging_sessions.start, bravo, started())
    tell(charging_sessions.update, bravo, updated(1, 1), received=after(1))
    tell(charging_sessions.end, bravo, ended(2), received=NOON + timedelta(hours=2))
    session = only_session(bravo)
    assert (session.received_at, session.heard_at) == (NOON, after(120))


def test_figures_that_do_not_fit_each_other_are_kept_and_noted(alpha, running):
    for minute, wh in ((1, "1000"), (2, "1000.117"), (3, "1000.234")):
        meter(alpha, meter_16(running, reading(minute, wh, power=7000)))
    assert only_session(alpha).energy_wh == Decimal("0.234")
    (deviation,) = alpha.deviations.all()
    assert (deviation.rule, deviation.count) == ("energy scale", 2)


def test_readings_that_come_late_without_a_number_belong_to_the_session_that_ran_then(alpha, running):
    tell(charging_sessions.end, alpha, stop_16(running, 30, meter_stop_wh=Decimal(5000)))
    meter(alpha, meter_16(None, reading(20, 3000)), received=after(31))
    tell(charging_sessions.start, alpha, start_16(60))
    meter(alpha, meter_16(None, reading(25, 4000)), received=after(61))
    meter(alpha, meter_16(None, reading(45, 5000)), received=after(61))
    meter(alpha, meter_16(None, reading(26, 4000), evse_id=2), received=after(61))
    of = dict(
        MeterValue.objects.filter(at__in=[after(20), after(25), after(26), after(45)]).values_list(
            "at", "session"
        )
    )
    ended_one = ChargingSession.objects.get(transaction_id=running)
    assert of == {after(20): ended_one.pk, after(25): ended_one.pk, after(26): None, after(45): None}


def test_a_session_knows_when_energy_flowed_by_our_clock(alpha, running):
    seconds = round(NOON.timestamp())
    for minute, wh in ((15, 2500), (30, 4000), (45, 4001), (60, 4002)):
        # The station's clock is an hour ahead.
        report = meter_16(running, reading(60 + minute, wh))
        tell(charging_sessions.meter, alpha, report, received=after(minute))
    assert only_session(alpha).flow["spans"] == [[seconds, seconds + 30 * 60]]
    tell(charging_sessions.end, alpha, stop_16(running, 135, meter_stop_wh=Decimal(9000)), received=after(75))
    assert only_session(alpha).flow["spans"][1:] == [[seconds + 60 * 60, seconds + 75 * 60]]
