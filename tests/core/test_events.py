import threading
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from emobi.core import events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Event, EventCounter, Network

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def online(offline_s: float | None = None) -> events.StationOnline:
    return events.StationOnline(offline_s=offline_s)


def record(network: Network, *told: events.Event, station: str = "CP1") -> None:
    with unit_of_work.begin():
        for event in told:
            events.record(Subject(network_id=network.pk, station=station, ocpp_version="1.6"), event)


@transaction.atomic()
def record_and_fail(network: Network, station: str) -> None:
    record(network, online(), station=station)
    raise ZeroDivisionError


def test_a_fact_outside_a_unit_of_work_is_refused(network):
    with pytest.raises(unit_of_work.NoUnitOfWork):
        events.record(Subject(network_id=network.pk), online())


def test_sequence_numbers_count_from_one_without_gaps_in_each_network(network, elsewhere):
    record(network, online(), online())
    record(elsewhere, online())
    with pytest.raises(ZeroDivisionError):
        record_and_fail(network, "CP1")
    record(network, online())
    assert list(network.events.order_by("sequence").values_list("sequence", flat=True)) == [1, 2, 3]
    assert elsewhere.events.get().sequence == 1


def test_events_of_one_unit_of_work_keep_their_order(network, elsewhere):
    with unit_of_work.begin():
        for seconds in range(20):
            record(network, online(seconds))
            record(elsewhere, online(-seconds))
    told = network.events.order_by("sequence").values_list("data__offline_s", flat=True)
    assert list(told) == list(range(20))


def test_a_row_says_what_the_event_says(network):
    fault = events.StationFault(
        error_code="GroundFailure",
        vendor_error_code=None,
        info=None,
        fault_id="F",
        evse_id=1,
        received_at=NOON,
    )
    record(network, fault)
    row = network.events.get()
    assert (row.type, row.station, row.ocpp_version) == ("station.fault", "CP1", "1.6")
    assert row.data == {
        "evse_id": 1, "connector_id": None, "station_time": None, "received_at": "2026-05-04T12:00:00.000Z",
        "error_code": "GroundFailure", "vendor_error_code": None, "info": None, "fault_id": "F",
    }  # fmt: skip


def test_values_become_plain_json():
    sample = events.Sample(
        measurand="Voltage",
        phase=None,
        context=None,
        location=None,
        value=Decimal("230.50"),
        unit="V",
        at=NOON,
        signed=None,
    )
    assert events.plain({"whole": Decimal("3.000"), "samples": (sample,)}) == {
        "whole": 3,
        "samples": [
            {
                "measurand": "Voltage", "phase": None, "context": None, "location": None, "value": 230.5,
                "unit": "V", "at": "2026-05-04T12:00:00.000Z", "signed": None,
            }
        ],
    }  # fmt: skip


def test_every_type_has_one_class_and_a_name_of_two_words():
    assert all(kind.type == name and name.count(".") == 1 for name, kind in events.TYPES.items())
    assert {"station.fault_cleared", "session.meter_values", "meter.values"} <= events.TYPES.keys()


@pytest.mark.django_db(transaction=True)
def test_a_reader_after_n_never_misses_an_event_of_a_slower_transaction():
    """Writers commit as they like; whatever a reader has seen up to, nothing below it appears later."""
    network = Network.objects.create(slug="grid", name="Grid")
    writers = [threading.Thread(target=_write_some, args=(network, name)) for name in "abcd"]
    for writer in writers:
        writer.start()
    seen: list[int] = []
    while any(writer.is_alive() for writer in writers):
        seen += _next(network, seen)
    for writer in writers:
        writer.join()
    seen += _next(network, seen)
    assert seen == list(range(1, 4 * 25 * 3 + 1))
    assert EventCounter.objects.get(network=network).value == len(seen)


def _write_some(network: Network, name: str) -> None:
    try:
        for number in range(25):
            if number % 5 == 4:
                # Numbers taken by a transaction that fails are given again.
                with pytest.raises(ZeroDivisionError):
                    record_and_fail(network, name)
            record(network, online(), online(), online(), station=name)
    finally:
        connection.close()


def _next(network: Network, seen: list[int]) -> list[int]:
    after = seen[-1] if seen else 0
    found = Event.objects.filter(network=network, sequence__gt=after).order_by("sequence")
    return list(found.values_list("sequence", flat=True))
