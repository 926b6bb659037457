"""A local list goes in as many messages as the station needs, one after the other."""

import pytest

from emobi.core.models import Network
from gateway import list_parts
from gateway.versions import BY_VERSION
from stations.commands.local_lists import LocalListEntry, SendLocalList, UpdateType
from stations.commands.outcome import Outcome
from stations.models import CommandState, Station, Variable
from tests.sessions.said import NOON

FIVE = SendLocalList(
    version=7, entries=tuple(LocalListEntry(id_token=f"T{number}", status="Accepted") for number in range(5))
)
TAKEN = Outcome(state=CommandState.ACCEPTED, status="Accepted")
REFUSED = Outcome(state=CommandState.REJECTED, status="Failed")


@pytest.fixture
def bravo(db) -> Station:
    network = Network.objects.create(slug="grid", name="Grid")
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")


def limit(station, variable, value):
    Variable.objects.create(
        station=station, component="LocalAuthListCtrlr", variable=variable, value=value, reported_at=NOON
    )


def parts(station, asked=FIVE):
    pieces = BY_VERSION[station.ocpp_version].senders["send_local_list"].pieces(asked, station)
    return [(piece.update_type.value, piece.version, len(piece.entries)) for piece in pieces]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_long_list_begins_in_full_and_goes_on_with_changes(version, bravo):
    bravo.ocpp_version = version
    limit(bravo, "ItemsPerMessage", "2")
    assert parts(bravo) == [("Full", 7, 2), ("Differential", 8, 2), ("Differential", 9, 1)]


def test_a_message_has_no_more_bytes_than_the_station_takes(bravo):
    limit(bravo, "BytesPerMessage", "350")
    assert [count for _, _, count in parts(bravo)] == [2, 2, 1]


def test_a_list_that_fits_is_one_message(bravo):
    assert parts(bravo) == [("Full", 7, 5)]
    assert parts(bravo, SendLocalList(version=1, entries=())) == [("Full", 1, 0)]
    change = SendLocalList(update_type=UpdateType.DIFFERENTIAL, version=1, entries=())
    assert parts(bravo, change) == [("Differential", 1, 0)]


@pytest.mark.parametrize(
    ("outcomes", "state", "version"),
    [
        ([TAKEN], CommandState.ACCEPTED, 7),
        ([TAKEN, TAKEN, TAKEN], CommandState.ACCEPTED, 9),
        ([TAKEN, REFUSED], CommandState.REJECTED, 7),
        ([REFUSED], CommandState.REJECTED, None),
    ],
)
def test_the_outcome_tells_the_version_that_the_station_has(outcomes, state, version):
    outcome = list_parts.join(FIVE, outcomes)
    assert (outcome.state, outcome.detail["version"]) == (state, version)
