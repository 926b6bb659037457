"""A fault of ours with one network: the sweeps go on with the others, and say so."""

import pytest
from django.db import OperationalError

from emobi.core import clock
from stations.models import NotificationReader, Playbook
from stations.services.incidents import passes
from stations.services.ledger import outages
from stations.services.notifications import letters, telling
from stations.services.playbooks import interventions, triggering, turns
from tests.stations.playing import make, quiet
from tests.stations.services.incidents.fleets import fleet, lose, rule
from tests.stations.telling import NOON, after, tell_at

STEP = {"do": "notify", "text": "x"}


@pytest.fixture
def both(network, stranger):
    """Two networks, with something to do in each for every sweep."""
    made = [network, stranger.network]
    for number, each in enumerate(made):
        rule(each, "offline")
        quiet(each)
        [station] = fleet(each, 1, first=number)
        playbook = make(each, STEP, slug="one")
        tell_at(NOON, interventions.start, playbook, station, by="user:a")
        NotificationReader.objects.create(network=each, sequence=0)
        tell_at(NOON, telling.tell, each, "x", "y", cause="z", recipients=["a@example.org"])
        lose([station], NOON)
    assert Playbook.objects.filter(slug="one").count() == 2
    return {each.pk for each in made}


SWEEPS = pytest.mark.parametrize(
    ("module", "part", "sweep"),
    [
        (passes, "look_at", passes.sweep),
        (triggering, "_catch_up", triggering.look),
        (turns, "_give", turns.give),
        (telling, "_read", telling.read_all),
        (letters, "compose", letters.compose_all),
        (outages, "advance", outages.advance_all),
    ],
)


@SWEEPS
def test_the_others_have_their_turn(both, monkeypatch, caplog, module, part, sweep):
    asked = []

    def look(network_id, *_):
        asked.append(network_id)
        if len(asked) == 1:
            raise ValueError("of ours")
        return 0

    monkeypatch.setattr(module, part, look)
    with clock.at(after(1)):
        sweep()
    assert (len(asked), set(asked)) == (2, both)
    assert f"nothing could be done for network {asked[0]}" in caplog.text


@SWEEPS
def test_a_database_that_is_away_is_nobodys_own_trouble(both, monkeypatch, module, part, sweep):
    def look(network_id, *_):
        raise OperationalError("away")

    monkeypatch.setattr(module, part, look)
    with clock.at(after(1)), pytest.raises(OperationalError):
        sweep()


def test_a_network_that_fails_does_not_come_first_each_time(both, monkeypatch):
    asked = []

    def look(network_id, *_):
        asked.append(network_id)
        if network_id == asked[0]:
            raise ValueError("of ours")
        return 0

    monkeypatch.setattr(passes, "look_at", look)
    for seconds in (1, 2):
        with clock.at(after(seconds)):
            passes.sweep()
    bad, good = asked[:2]
    assert asked == [bad, good, good, bad]
