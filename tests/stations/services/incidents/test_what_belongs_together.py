"""Which of those that are ill at the same time are one incident, and which aren't."""

import pytest

from emobi.core import clock, events, unit_of_work
from stations.models import Incident
from stations.services.incidents import back_test
from tests.stations.services.incidents.fleets import bring_back, fleet, look, lose, rule
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


def test_who_is_lost_one_after_the_other_is_no_mass_however_long_a_rule_waits(network):
    lost = fleet(network, 24)
    offline = rule(network, "offline", for_s=1800)
    look()
    for number, station in enumerate(lost):
        lose([station], after(number * 85))
        look(after(number * 85 + 5))
    with clock.at(after(2040)):
        result = back_test.run(offline, days=1)
    assert not [each.title for each in result.would_be if each.stations > 1]
    assert titles() == ["S0000 is offline", "S0001 is offline"]


def test_what_a_rule_finds_late_is_one_whenever_it_began(network):
    lost = fleet(network, 24)
    rule(network, "offline", for_s=1800, enabled=False)
    look()
    for number, station in enumerate(lost):
        lose([station], after(number * 85))
    rule(network, "offline", enabled=True)
    look(after(10_000))
    look(after(10_015))
    assert titles() == ["24 stations offline: addresses 10.0.0.0/24"]


def test_a_mass_loss_takes_in_others_for_minutes_and_not_for_the_day(network):
    stations = fleet(network, 150)
    look()
    lose(stations[:40], NOON)
    look(after(5))
    for number, station in enumerate(stations[40:50], 1):
        lose([station], after(number * 80))
        look(after(number * 80 + 5))
        look(after(number * 80 + 35))
    alone = [f"S{number:04} is offline" for number in range(44, 50)]
    assert titles() == ["44 stations offline: several places", *alone]
    # Another mass loss is another one, and who comes back and goes belongs where it was.
    lose(stations[60:85], after(2000))
    look(after(2005))
    bring_back(stations[:1], after(2010))
    look(after(2011))
    lose(stations[:1], after(2020))
    look(after(2055))
    assert titles()[7:] == ["25 stations offline: several places"]
    first = Incident.objects.order_by("pk")[0]
    assert first.affected.filter(recovered_at=None).count() == 44


def test_losses_that_share_a_place_go_on_being_one(network):
    lost = fleet(network, 12, site="Depot A", prefix="10.1")
    others = fleet(network, 40, prefix="10.2", first=100)
    look()
    lose(lost[:6], NOON)
    look(after(31))
    for number, station in enumerate([*lost[6:], others[0]], 1):
        lose([station], after(number * 80))
        look(after(number * 80 + 31))
    assert titles() == ["12 stations offline: site Depot A", "S0100 is offline"]
