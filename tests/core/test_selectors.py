import pytest

from emobi.core import selectors
from emobi.core.errors import NotFound


def test_a_network_is_found_by_its_slug(network):
    assert selectors.network("grid") == network


def test_a_network_that_isnt_there_is_said_to_be_so(db):
    with pytest.raises(NotFound, match="south"):
        selectors.network("south")
