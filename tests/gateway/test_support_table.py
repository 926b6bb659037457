from pathlib import Path

import pytest

from gateway import schemas, support
from gateway.versions import ADAPTERS

PAGE = Path(__file__).parents[2] / "docs/ocpp/support.md"


def test_the_page_is_what_the_tables_say():
    # It is renewed by writing `support.page()` into it.
    assert PAGE.read_text(encoding="utf-8") == support.page()


@pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=ADAPTERS.keys())
def test_every_command_is_said_by_messages_that_a_station_may_be_sent(adapter):
    for sender in adapter.senders.values():
        assert support.actions_of(sender)
        assert set(support.actions_of(sender)) <= schemas.known_actions(adapter.version, "csms")
