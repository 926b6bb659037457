"""What would have been: nothing happens, and the guard rails are said."""

import pytest

from emobi.core import clock
from stations.models import Command, PlaybookRun, Station
from stations.playbooks import definition
from stations.services.playbooks import simulating
from tests.stations.playing import break_down, quiet, written
from tests.stations.services.playbooks.charging import charge
from tests.stations.telling import after

RESET = {"do": "command", "command": "reset", "params": {"type": "Immediate"}}
WAIT = {"do": "wait", "timeout_s": 60}


@pytest.fixture
def network(network):
    quiet(network)
    return network


def fates(network, *steps, hours=24, at=0.0, **more):
    what = definition.parse(written(*steps, **more))
    with clock.at(after(at)):
        told = simulating.simulate(network, what, hours=hours)
    assert sum(told.counts.values()) == len(told.imagined)
    return [(each.station, each.fate.value) for each in told.imagined]


def test_what_it_would_have_done_is_told_and_nothing_is_done(network, alpha, bravo):
    for hours in (30, 20, 19, 10, 5, 1):
        break_down(alpha, -hours * 3600)
    break_down(bravo, -3590)
    found = fates(network, RESET, WAIT, guard_rails={"cooldown_s": 2 * 3600})
    assert found == [
        ("alpha", "starts"), ("alpha", "cool_down"), ("alpha", "starts"), ("alpha", "starts"),
        ("alpha", "needs_person"), ("bravo", "waits"),
    ]  # fmt: skip
    assert not PlaybookRun.objects.exists()
    assert not Command.objects.exists()


def test_sessions_maintenance_and_conditions_are_minded(network, alpha, bravo):
    charge(alpha, 1, "S1")
    Station.objects.filter(pk=bravo.pk).update(maintenance=True)
    break_down(alpha, 10)
    break_down(bravo, 10)
    break_down(bravo, 11, code="HighTemperature")
    only = {"event": "station.fault", "where": [{"fact": "event.error_code", "value": "InternalError"}]}
    assert fates(network, RESET, at=20, trigger=only) == [("alpha", "needs_person"), ("bravo", "untouchable")]
    assert fates(network, WAIT, at=20, trigger=only)[0] == ("alpha", "starts")
