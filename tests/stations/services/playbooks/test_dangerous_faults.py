"""The shipped playbook against faults leaves to people what can be dangerous, whenever that is told."""

import pytest

from stations.models import Connector, Playbook
from tests.stations.playing import advance, asked, break_down, gone, how, only_run, quiet


@pytest.fixture
def network(network):
    quiet(network)
    Playbook.objects.filter(slug="clear-fault").update(enabled=True, dry_run=False)
    return network


def test_what_is_known_from_the_beginning_starts_nothing(network, bravo):
    break_down(bravo, code="GroundFailure")
    advance(1)
    assert not network.playbook_runs.exists()


def test_what_is_told_later_ends_it_before_anything_is_asked(network, bravo):
    break_down(bravo, code="OtherError")
    advance(1)
    Connector.objects.update(error_code="GroundFailure")
    advance(32)
    run = only_run(network)
    assert how(run)[0] == "not_verified"
    assert gone(run)[:3] == [("by_itself", "failed"), ("look", "failed"), ("hand_over", "succeeded")]
    assert asked(bravo) == []


def test_any_other_fault_is_worked_at(network, bravo):
    break_down(bravo, code="OtherError")
    advance(1)
    advance(32)
    assert asked(bravo) == ["set_availability"]
