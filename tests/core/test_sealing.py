"""Secrets that have to be read again are sealed."""

import pytest

from emobi.core import sealing
from emobi.core.errors import Conflict

FOUND = {"variables": [{"value": "süß"}], "count": 1, "none": None}


def test_what_is_sealed_is_read_again_and_not_to_be_seen():
    sealed = sealing.seal(FOUND, "tests")
    assert "value" not in sealed
    assert sealed != sealing.seal(FOUND, "tests")
    assert sealing.unseal(sealed, "tests") == FOUND


@pytest.mark.parametrize("why", ["another purpose", "another key", "changed", "no seal"])
def test_what_cannot_be_read_is_told(why, settings):
    sealed, purpose = sealing.seal(FOUND, "tests"), "tests"
    match why:
        case "another purpose":
            purpose = "other"
        case "another key":
            settings.SECRET_KEY = "new"
        case "changed":
            sealed = sealed[:-8] + "AAAAAAA="
        case _:
            sealed = "x"
    with pytest.raises(Conflict, match="ask for it anew"):
        sealing.unseal(sealed, purpose)


def test_a_key_that_was_replaced_still_opens(settings):
    sealed = sealing.seal(FOUND, "tests")
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "new"
    assert sealing.unseal(sealed, "tests") == FOUND
