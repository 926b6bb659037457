"""Many messages in one unit of work: as many queries for fifty stations as for one."""

import pytest
from django.db import connection

from emobi.core import clock, unit_of_work
from emobi.core.models import Event
from sessions.models import ChargingSession, MeterValue
from sessions.reports import Token
from sessions.services import charging_sessions
from sessions.services.open_sessions import OpenSessions
from stations.models import Station
from tests.sessions.said import (
    GOOD,
    NOON,
    after,
    ended,
    meter_16,
    reading,
    start_16,
    started,
    stop_16,
    tell,
    updated,
)
from tests.statements import counted


def fleet(network, count, version):
    stations = [
        Station.objects.create(network=network, identity=f"{version}-{count}-{number}", ocpp_version=version)
        for number in range(count)
    ]
    start = start_16 if version == "1.6" else started
    for station in stations:
        tell(charging_sessions.start, station, start())
    # As the next batch finds them: with nothing in memory.
    return list(Station.objects.filter(pk__in=[station.pk for station in stations]))


def metered(stations):
    for station in stations:
        charging_sessions.meter(station, meter_16(None, reading(10, 1500, power=7000)))
        charging_sessions.meter(station, meter_16(None, reading(11, 1600, power=7000), reading(12, 1700)))
        charging_sessions.meter(station, meter_16(None, reading(12, 20), evse_id=2))


def named(stations):
    numbers = dict(ChargingSession.objects.values_list("station", "transaction_id"))

    def tell_all(stations):
        for station in stations:
            charging_sessions.meter(station, meter_16(numbers[station.pk], reading(10, 1500)))

    return tell_all


def went_on(stations):
    for station in stations:
        charging_sessions.update(station, updated(1, 10, readings=(reading(10, 1500),)))
        charging_sessions.update(station, updated(1, 10, readings=(reading(10, 1500),)))
        charging_sessions.update(station, updated(2, 11, charging_state="SuspendedEV"))


def changed_state(stations):
    for station in stations:
        charging_sessions.note_charging_state(station, 1, "Charging", after(1))


@pytest.mark.parametrize(
    ("version", "said"),
    [("1.6", metered), ("1.6", named), ("2.0.1", went_on), ("1.6", changed_state)],
    ids=["readings by EVSE", "readings by number", "transaction events", "status words"],
)
def test_the_number_of_queries_doesn_t_grow_with_the_batch(network, version, said):
    counts = []
    for size in (1, 50):
        stations = fleet(network, size, version)
        say = said(stations) if said is named else said
        with counted() as sent, unit_of_work.begin() as work, clock.at(NOON):
            work.buffer(OpenSessions).preload([station.pk for station in stations])
            say(stations)
        counts.append(len(sent))
    assert counts[0] == counts[1]
    # Savepoint and its release, sessions read and written, readings, events.
    assert counts[0] <= 6


def test_what_isn_t_preloaded_is_read_when_it_is_asked_for(network):
    (station,) = fleet(network, 1, "2.0.1")
    tell(charging_sessions.update, station, updated(1, 10, readings=(reading(10, 1500),)))
    assert ChargingSession.objects.get().meter_last_wh == 1500


def test_a_session_that_starts_in_a_batch_is_found_by_what_follows_in_it(network):
    (station,) = fleet(network, 1, "1.6")
    with unit_of_work.begin() as work, clock.at(after(70)):
        work.buffer(OpenSessions).preload([station.pk])
        begun = charging_sessions.start(station, start_16(70)).session
        charging_sessions.meter(station, meter_16(None, reading(71, 1500)))
    assert MeterValue.objects.get(at=after(71)).session == begun.pk


def test_a_token_is_busy_from_its_start_to_its_end_within_a_batch(alpha, bravo):
    other = Token(id_token="gOOd")  # matched without regard to case
    with unit_of_work.begin(), clock.at(NOON):
        for station in (alpha, bravo):
            charging_sessions.expect(station, transaction_id="tx-1", token=GOOD)
        first = charging_sessions.start(alpha, start_16())
        second = charging_sessions.start(bravo, started(token=other))
        charging_sessions.end(alpha, stop_16(first.session.transaction_id))
        charging_sessions.end(bravo, ended(1))
        third = charging_sessions.start(bravo, started(transaction_id="tx-2", token=other))
    verdicts = [begun.authorization.status.value for begun in (first, second, third)]
    assert verdicts == ["Accepted", "ConcurrentTx", "Accepted"]


def test_a_token_whose_session_ended_in_the_batch_is_free_though_the_database_doesn_t_know_yet(alpha, bravo):
    running = tell(charging_sessions.start, alpha, start_16()).session
    with unit_of_work.begin(), clock.at(NOON):
        charging_sessions.expect(bravo, transaction_id="tx-1", token=GOOD)
        charging_sessions.end(alpha, stop_16(running.transaction_id))
        begun = charging_sessions.start(bravo, started())
    assert begun.authorization.status == "Accepted"


def test_each_start_of_a_batch_gets_a_number_of_its_own(alpha):
    starts = [start_16(minutes) for minutes in (0, 10, 20)]
    with unit_of_work.begin(), clock.at(NOON):
        for report in starts:
            charging_sessions.expect(alpha, start_key=report.start_key)
        numbers = [charging_sessions.start(alpha, report).session.transaction_id for report in starts]
        again = [charging_sessions.start(alpha, report).session.transaction_id for report in starts]
    assert len(set(numbers)) == 3
    assert again == numbers
    assert sorted(ChargingSession.objects.values_list("transaction_id", flat=True)) == sorted(numbers)


def test_a_number_that_a_former_system_gave_isn_t_given_again(alpha):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('charging_transaction_number')")
        (last,) = cursor.fetchone()
    tell(charging_sessions.meter, alpha, meter_16(str(last + 1), reading(0, 1000)))
    assert tell(charging_sessions.start, alpha, start_16()).session.transaction_id != str(last + 1)


def test_a_unit_of_work_that_fails_leaves_nothing(network):
    (station,) = fleet(network, 1, "1.6")
    before = Event.objects.count(), MeterValue.objects.count()

    class PowerCut(Exception):
        pass

    def work_until_it_happens():
        with unit_of_work.begin():
            charging_sessions.meter(station, meter_16(None, reading(10, 1500)))
            charging_sessions.start(station, start_16(20))
            raise PowerCut

    with pytest.raises(PowerCut):
        work_until_it_happens()
    assert (Event.objects.count(), MeterValue.objects.count()) == before
    assert ChargingSession.objects.get().state == "active"
