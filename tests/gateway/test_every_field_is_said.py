"""Every field of every message that a station is sent can be asked for, but for these."""

import pytest

from gateway import schemas, support
from gateway.versions import ADAPTERS
from tests.gateway.fullest_commands import unsaid

# By version and message what no command can say.
EXCEPT: dict[str, dict[str, set[str]]] = {
    "1.6": {},
    "2.0.1": {},
}


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=lambda adapter: adapter.version)
def test_every_field_of_a_message_can_be_asked_for(adapter):
    assert unsaid(adapter) == EXCEPT[adapter.version]


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=lambda adapter: adapter.version)
def test_every_message_to_a_station_is_said_by_a_command(adapter):
    said = {action for sender in adapter.senders.values() for action in support.actions_of(sender)}
    assert said == schemas.known_actions(adapter.version, "csms")
