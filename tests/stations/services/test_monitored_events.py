from typing import Any

from stations import masking
from stations.models import Connector, MonitoredEvent
from stations.reports import MonitoredEventReport
from stations.services import monitored_events
from tests.stations.telling import NOON, after, tell


def element(event_id: int = 1, **said) -> MonitoredEventReport:
    fields: dict[str, Any] = {
        "event_id": event_id, "station_time": NOON, "trigger": "Alerting", "component": "TemperatureSensor",
        "variable": "Temperature", "actual_value": "85",
    }  # fmt: skip
    return MonitoredEventReport(**fields | said)


def test_elements_are_kept(bravo):
    tell(
        monitored_events.record,
        bravo,
        [element(evse_id=1, connector_id=2, cleared=True, transaction_id="T", detail={"tech_code": "17"})],
    )
    row = MonitoredEvent.objects.get()
    assert (row.station, row.event_id, row.station_time, row.received_at) == (bravo, 1, NOON, NOON)
    assert (row.component, row.variable, row.actual_value) == ("TemperatureSensor", "Temperature", "85")
    assert (row.evse_id, row.connector_id, row.cleared, row.transaction_id) == (1, 2, True, "T")
    assert row.detail == {"tech_code": "17"}


def test_an_element_that_comes_again_is_kept_once(bravo):
    for _ in range(2):
        tell(monitored_events.record, bravo, [element(1), element(2), element(2, station_time=None)])
    assert MonitoredEvent.objects.count() == 3


def test_ids_start_over_with_a_reboot(bravo):
    tell(monitored_events.record, bravo, [element(1)])
    tell(monitored_events.record, bravo, [element(1, station_time=after(60))])
    assert MonitoredEvent.objects.count() == 2


def test_a_connector_is_learnt_from_what_names_it(bravo):
    tell(monitored_events.record, bravo, [element(evse_id=2, connector_id=1)])
    assert Connector.objects.values_list("evse_id", "connector_id").get() == (2, 1)


def test_what_is_too_long_or_out_of_range_is_cut(bravo):
    tell(
        monitored_events.record,
        bravo,
        [
            element(
                2**80, trigger="t" * 99, component="c" * 99, variable="v" * 99, actual_value="x" * 99_999,
                evse_id=-1, connector_id=2**40, transaction_id="i" * 99, detail={"tech_info": "y" * 99_999},
            )
        ],
    )  # fmt: skip
    row = MonitoredEvent.objects.get()
    assert (len(row.trigger), len(row.component), len(row.variable), len(row.actual_value)) == (
        20,
        50,
        50,
        10_000,
    )
    assert (row.evse_id, row.connector_id, len(row.transaction_id), row.detail) == (None, None, 64, {})


def test_secrets_are_masked(bravo):
    tell(monitored_events.record, bravo, [element(variable="BasicAuthPassword", actual_value="hidden")])
    assert MonitoredEvent.objects.get().actual_value == masking.MASK
