"""Lists that stand still are told what became of them: from their empty state too."""

import re
from datetime import timedelta
from html import unescape

import pytest

from dashboard.live import live_values
from dashboard.overview import lately
from emobi.core import clock
from stations.models import Incident, Station
from stations.services.incidents import handling
from tests.dashboard.state import asked, charge, report, suffer


def followed(client, address, section):
    """What the section of a page subscribes to, the key that it is told by, and the shape it was drawn in."""
    html = client.get(address).content.decode()
    start = next(each for each in re.findall("<section[^>]*>", html) if f'id="{section}"' in each)
    found = {name: unescape(value) for name, value in re.findall(r'data-([a-z]+)="([^"]*)"', start)}
    return found.get("topic", ""), found.get("key", ""), found.get("shape")


def told(network, topic, key):
    lately.forget()
    return live_values.read(network, {topic}).get(topic, {}).get(key)


@pytest.mark.parametrize(
    ("address", "section"), [("/", "attention"), ("/incidents/", "incidents")], ids=["overview", "incidents"]
)
def test_all_is_well_is_drawn_anew_as_soon_as_it_is_not(network, alpha, viewer, address, section):
    assert b"All is well" in viewer.get(address).content
    topic, key, shape = followed(viewer, address, section)
    assert told(network, topic, key)["shape"] == shape == "none"
    suffer(alpha)
    assert told(network, topic, key)["shape"] == "some"
    assert followed(viewer, address, section)[2] is None
    Incident.objects.update(snoozed_until=clock.wall() + timedelta(hours=1))
    assert told(network, topic, key)["shape"] == "none"


def test_what_needs_attention_stands_still_and_what_is_new_is_offered(network, alpha, bravo, viewer):
    report(alpha, "Faulted")
    incident = suffer(bravo)
    topic, key, shape = followed(viewer, "/", "attention")
    assert shape is None
    assert told(network, topic, key) == {"moved": 0, "gone": [], "fresh": 0}
    suffer(bravo, severity="critical")
    report(alpha, "Available")
    assert told(network, topic, key) == {"moved": 0, "gone": ["station:alpha"], "fresh": 1}
    handling.resolve(incident, by="user:otto")
    assert told(network, topic, key)["gone"] == [f"incident:{incident.pk}", "station:alpha"]


def test_what_worse_ones_push_away_has_moved_and_is_not_gone(network, alpha, viewer):
    suffer(alpha, severity="minor")
    topic, key, _ = followed(viewer, "/", "attention")
    for _ in range(8):
        suffer(alpha, severity="critical")
    assert told(network, topic, key) == {"moved": 1, "gone": [], "fresh": 8}


def test_new_sessions_are_offered_and_ended_ones_are_dimmed(network, alpha, bravo, viewer):
    address = "/sessions/?q=state:active"
    topic, key, _ = followed(viewer, address, "charging")
    assert told(network, topic, key) == {"moved": 0, "gone": [], "fresh": 0}
    session = charge(alpha)
    assert told(network, topic, key)["fresh"] == 1
    topic, key, _ = followed(viewer, address, "charging")
    assert told(network, topic, key)["fresh"] == 0
    charge(bravo)
    alpha.charging_sessions.update(state="ended")
    assert told(network, topic, key) == {"moved": 0, "gone": [f"session:{session.pk}"], "fresh": 1}
    # A page of older ones is no place for new ones.
    older, key, _ = followed(viewer, f"/sessions/?after={session.pk}", "charging")
    assert told(network, older, key)["fresh"] == 0


def test_new_commands_are_offered_and_ended_ones_are_dimmed(network, alpha, bravo, viewer):
    address = "/commands/?q=state:open"
    topic, key, _ = followed(viewer, address, "asked")
    assert told(network, topic, key) == {"moved": 0, "gone": [], "fresh": 0}
    command = asked(alpha)
    assert told(network, topic, key)["fresh"] == 1
    topic, key, _ = followed(viewer, address, "asked")
    assert told(network, topic, key)["fresh"] == 0
    asked(bravo)
    alpha.commands.update(state="accepted")
    assert told(network, topic, key) == {"moved": 0, "gone": [f"command:{command.pk}"], "fresh": 1}
    # A page of older ones is no place for new ones.
    older, key, _ = followed(viewer, f"/commands/?after={command.pk}", "asked")
    assert told(network, older, key)["fresh"] == 0


@pytest.mark.parametrize(
    "address", ["/stations/?q=status:faulted", "/sessions/?q=state:active", "/commands/?q=state:open"]
)
def test_an_empty_list_has_where_to_offer_what_is_new(network, alpha, viewer, address):
    html = viewer.get(address).content.decode()
    assert 'id="news" hidden' in html
    assert "fits</h2>" in html


def test_a_network_without_stations_is_offered_its_first_one(network, viewer):
    topic, key, _ = followed(viewer, "/stations/", "stations")
    Station.objects.create(network=network, identity="alpha")
    assert told(network, topic, key)["fresh"] == 1
    assert b'id="news" hidden' in viewer.get("/stations/").content
