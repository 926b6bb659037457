"""What rules would have opened, and that nothing is opened by asking."""

from datetime import timedelta

import pytest

from emobi.core import clock, events
from emobi.core.models import Event
from sessions.services import incident_findings
from stations.models import Incident, IncidentCondition, IncidentTally, Station
from stations.services.incidents import back_test, rules
from tests.stations.services.incidents.fleets import bring_back, fleet, lose, rule
from tests.stations.services.incidents.test_rules import booted, ended, fault, happen
from tests.stations.telling import NOON, after


def tried(rule, **changes):
    before = Event.objects.count()
    with clock.at(NOON + timedelta(days=1)):
        result = back_test.run(rules.edited(rule, changes), incident_findings.FINDERS)
    assert not Incident.objects.exists()
    assert not IncidentCondition.objects.exists()
    assert not IncidentTally.objects.exists()
    assert Event.objects.count() == before
    return result


def test_a_mass_loss_a_short_one_and_one_that_lasts(network):
    stations = fleet(network, 40, site="Depot A")
    others = fleet(network, 60, prefix="10.9", first=100)
    lose(stations, NOON)
    bring_back(stations, after(60))
    lose(others[:1], after(3600))
    bring_back(others[:1], after(3610))
    lose(others[1:2], after(7200))
    result = tried(rule(network, "offline"))
    assert [(each.title, each.stations) for each in result.would_be] == [
        ("S0101 is offline", 1),
        ("40 stations offline: several places", 40),
    ]
    still, mass = result.would_be
    assert (still.ended_at, still.opened_at) == (None, after(7230))
    assert (mass.severity, mass.ended_at) == ("critical", after(60))
    # and one that is more patient, or less
    assert tried(rule(network, "offline"), for_s=0).total == 3
    assert tried(rule(network, "offline"), scope={"site": "Depot B"}).total == 0
    assert rule(network, "offline").for_s == 30


@pytest.mark.parametrize(("count", "expected"), [(5, 1), (6, 0)])
def test_boots(network, count, expected):
    [station] = fleet(network, 1)
    for turn in range(5):
        happen(station.subject, booted(), after(turn * 60))
    result = tried(rule(network, "reboot_loop"), params={"count": count})
    assert (result.events, result.total) == (5, expected)
    assert all(each.ended_at == after(240 + 1800) for each in result.would_be)


def test_failed_starts_end_with_one_that_charges(network):
    [station] = fleet(network, 1)
    for turn, energy_wh in enumerate([0, 0, 0, 9000]):
        happen(station.subject, ended(energy_wh), after(turn * 60))
    [would_be] = tried(rule(network, "failed_starts")).would_be
    assert (would_be.began_at, would_be.ended_at) == (after(120), after(180))


def test_faults_that_come_back_soon_are_one(network):
    [station] = fleet(network, 1)
    for turn in range(2):
        happen(station.subject, fault(), after(turn * 120))
        happen(station.subject, fault(events.StationFaultCleared), after(turn * 120 + 60))
    [would_be] = tried(rule(network, "fault")).would_be
    assert would_be.occurrences == 2


def test_what_no_event_tells_is_held_against_the_rows(network):
    fleet(network, 2)
    Station.objects.filter(identity="S0001").update(clock_skew_s=90.0)
    result = tried(rule(network, "clock_skew"))
    assert (result.basis, result.total) == ("now", 1)
    assert tried(rule(network, "deviation_rate")).basis == "now"
    assert tried(rule(network, "zombie_session")).basis == "now"
