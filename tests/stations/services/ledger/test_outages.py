"""The uptime ledger: what is written, once, and that it stays."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from emobi.core import clock, events, unit_of_work
from emobi.core.models import Event
from stations import ledger_reading
from stations.models import GatewayProcess, Outage, OutageExclusion, Station
from stations.reports import StatusReport
from stations.services.device_model import connectors
from stations.services.ledger import exclusions, outages
from stations.services.registry import registration
from tests.stations.telling import NOON, after, tell_at


@pytest.fixture(autouse=True)
def long_known(request):
    if "alpha" in request.fixturenames:
        request.getfixturevalue("alpha")
        Station.objects.update(created_at=NOON - timedelta(days=1))


def says(station, at, status, evse_id=1, connector_id=1, **more):
    report = StatusReport(
        evse_id=evse_id, connector_id=connector_id, status=status, station_time=after(at), **more
    )
    tell_at(after(at), connectors.report_status, station, report)


def goes(station, at, *, heard=None, by_us=False):
    with clock.at(after(at)), unit_of_work.begin():
        events.record(
            station.subject,
            events.StationOffline(
                reason="gone", last_heard_at=after(at if heard is None else heard), by_us=by_us
            ),
        )


def comes(station, at):
    with clock.at(after(at)), unit_of_work.begin():
        events.record(station.subject, events.StationOnline(offline_s=None))


def written(at=10_000.0):
    """What the ledger has once the worker has run, in seconds after noon."""
    with clock.at(after(at)):
        outages.advance_all()
    return [
        (
            each.evse_id,
            each.cause,
            (each.began_at - NOON).total_seconds(),
            None if each.ended_at is None else (each.ended_at - NOON).total_seconds(),
        )
        for each in Outage.objects.order_by("began_at", "evse_id", "pk")
    ]


def test_a_station_that_is_offline_is_out_of_service_with_all_of_its_evses(alpha):
    comes(alpha, 0)
    goes(alpha, 100, heard=60)
    assert written() == [(0, "offline", 60, None)]
    comes(alpha, 200)
    assert written() == [(0, "offline", 60, 200)]
    row = Outage.objects.get()
    began, ended = (Event.objects.get(pk=pk) for pk in (row.began_event, row.ended_event))
    assert (began.type, ended.type) == ("station.offline", "station.online")
    assert (row.began_sequence, row.ended_sequence) == (began.sequence, ended.sequence)


def test_a_fault_of_an_evse_is_an_outage_with_the_faults_id(alpha):
    says(alpha, 0, "Available")
    says(alpha, 10, "Faulted", error_code="GroundFailure")
    says(alpha, 40, "Available")
    assert written() == [(1, "faulted", 10, 40)]
    fault = Event.objects.get(type="station.fault")
    row = Outage.objects.get()
    assert (row.fault_id, row.detail) == (fault.data["fault_id"], "GroundFailure")


def test_a_fault_that_the_worker_sees_later_than_the_status_is_found_all_the_same(alpha, monkeypatch):
    monkeypatch.setattr(outages, "PORTION", 1)
    says(alpha, 0, "Unavailable")
    says(alpha, 10, "Faulted", error_code="GroundFailure")
    says(alpha, 40, "Available")
    assert written() == [(1, "unavailable", 0, 10), (1, "faulted", 10, 40)]


def test_an_evse_with_one_plug_that_works_is_in_service(bravo):
    Station.objects.update(created_at=NOON - timedelta(days=1))
    says(bravo, 0, "Available", 1, 1)
    says(bravo, 0, "Available", 1, 2)
    says(bravo, 10, "Faulted", 1, 1)
    says(bravo, 20, "Unavailable", 1, 2)
    says(bravo, 30, "Available", 1, 1)
    assert written() == [(1, "faulted", 20, 30)]


def test_causes_that_overlap_are_rows_of_their_own(alpha):
    says(alpha, 0, "Unavailable")
    goes(alpha, 10)
    says(alpha, 20, "Faulted", evse_id=0, connector_id=0)
    comes(alpha, 30)
    assert written() == [
        (1, "unavailable", 0, None),
        (0, "offline", 10, 30),
        (0, "faulted", 20, None),
    ]


def test_nothing_is_written_twice_however_often_it_runs(alpha, monkeypatch):
    monkeypatch.setattr(outages, "PORTION", 2)
    for round_ in range(4):
        goes(alpha, round_ * 10)
        comes(alpha, round_ * 10 + 5)
    expected = [(0, "offline", at * 10, at * 10 + 5) for at in range(4)]
    assert written() == expected
    assert written() == expected


def test_the_ledger_outlives_events_and_stations(alpha):
    goes(alpha, 10)
    comes(alpha, 20)
    goes(alpha, 30)
    written()
    Event.objects.all().delete()
    with clock.at(after(50)):
        registration.unregister(alpha, by="user:alice")
    assert written() == [(0, "offline", 10, 20), (0, "offline", 30, 50)]


@pytest.mark.parametrize(
    "change",
    [
        lambda: Outage.objects.filter(ended_at__isnull=False).update(ended_at=after(15)),
        lambda: Outage.objects.filter(ended_at__isnull=False).update(ended_at=None),
        lambda: Outage.objects.filter(ended_at=None).update(began_at=after(31)),
        lambda: Outage.objects.filter(ended_at=None).update(ended_at=after(40), cause="ours"),
        lambda: Outage.objects.all().delete(),
        lambda: OutageExclusion.objects.all().delete(),
        lambda: OutageExclusion.objects.update(reason="Another."),
        lambda: OutageExclusion.objects.update(to_at=after(500), withdrawn_at=after(1)),
    ],
)
def test_history_isnt_rewritten(alpha, change):
    goes(alpha, 10)
    comes(alpha, 20)
    goes(alpha, 30)
    exclusions.add(alpha, evse_id=None, from_at=NOON, to_at=after(60), reason="Grid.", by="user:alice")
    before = written()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change()
    assert written() == before


def gateway(name, *, started, until, stopped=None):
    GatewayProcess.objects.create(
        name=name,
        host="h",
        pid=1,
        started_at=after(started),
        lease_until=after(until),
        stopped_at=None if stopped is None else after(stopped),
    )


def test_our_own_outage_is_ours_until_its_stations_had_their_time(alpha, settings):
    settings.EMOBI_RESTART_GRACE_S = 90
    gateway("first", started=-1000, until=50, stopped=55)
    gateway("second", started=600, until=5000)
    goes(alpha, 700, heard=5, by_us=True)
    comes(alpha, 900)
    assert written() == [(0, "ours", 5, 690), (0, "offline", 690, 900)]


def test_while_we_are_away_it_stays_ours(alpha, settings):
    settings.EMOBI_RESTART_GRACE_S = 90
    gateway("first", started=-1000, until=50, stopped=55)
    goes(alpha, 200, heard=5, by_us=True)
    assert written(at=300) == [(0, "ours", 5, None)]
    gateway("second", started=600, until=5000)
    assert written(at=650) == [(0, "ours", 5, None)]
    assert written(at=1000) == [(0, "ours", 5, 690), (0, "offline", 690, None)]


def test_losses_that_count_are_the_stations_own(alpha, settings):
    settings.EMOBI_RESTART_GRACE_S = 90
    gateway("first", started=-1000, until=50, stopped=55)
    gateway("second", started=600, until=9000)
    goes(alpha, 700, heard=5, by_us=True)
    comes(alpha, 900)
    says(alpha, 1000, "Unavailable", 0, 0)
    says(alpha, 1010, "Available", 0, 0)
    for at in (2000, 3000, 4000):
        goes(alpha, at)
        comes(alpha, at + 50)
    exclusions.add(
        alpha, from_at=after(2990), to_at=after(3100), evse_id=None, reason="storm", by="user:alice"
    )
    for at, maintenance in ((3990, True), (4100, False)):
        tell_at(after(at), registration.change, alpha, {"maintenance": maintenance}, by="user:alice")
    assert len(written()) == 6
    history = ledger_reading.histories(alpha.network, [alpha], NOON, after(9000))[alpha.pk]
    assert (history.losses, history.lost_at) == (1, [after(2000), after(3000), after(4000)])


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_write_what_one_does(alpha):
    for round_ in range(30):
        goes(alpha, round_ * 10)
        comes(alpha, round_ * 10 + 5)

    def write():
        outages.advance_all()
        connection.close()

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert written() == [(0, "offline", at * 10, at * 10 + 5) for at in range(30)]
