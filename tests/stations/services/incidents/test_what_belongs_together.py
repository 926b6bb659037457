"""Which of those that are ill at the same time are one incident, and which aren't."""

import pytest

from emobi.core import clock, events, unit_of_work
from stations.models import Incident
from tests.stations.services.incidents.fleets import fleet, look
from tests.stations.telling import NOON, after


def titles():
    return list(Incident.objects.order_by("pk").values_list("title", flat=True))


def fail(station, *evse_ids, at=NOON):
    with clock.at(at), unit_of_work.begin():
        for evse_id in evse_ids:
            fault = events.StationFault(
                received_at=at, evse_id=evse_id, connector_id=1, error_code="GroundFailure",
                vendor_error_code=None, info=None, fault_id="F",
            )  # fmt: skip
            events.record(station.subject, fault)


@pytest.mark.parametrize("count", [6, 20])
def test_connectors_of_one_station_are_no_group_and_no_mass(network, count):
    [hub] = fleet(network, 1, site="Harbour")
    look()
    fail(hub, *range(1, count + 1))
    look(after(11))
    assert titles() == [f"S0000, EVSE {evse_id} reports GroundFailure" for evse_id in range(1, count + 1)]


def test_stations_that_report_faults_together_are_one_with_all_their_connectors(network):
    stations = fleet(network, 5, site="Harbour")
    look()
    for station in stations:
        fail(station, 1, 2)
    look(after(11))
    [incident] = Incident.objects.all()
    assert incident.title == "5 stations faulted: site Harbour"
    assert incident.affected.count() == 10
