"""The bench sets what it measured beside less."""

from bench.__main__ import compared


def test_what_was_run_together_is_compared():
    mixed, bare, ceiling = ({"per_s": rate} for rate in (1000.0, 800.0, 4000.0))
    assert compared({"mixed": mixed, "bare": bare, "ceiling": ceiling}) == {
        "mixed/bare": 1.25,
        "mixed/ceiling": 0.25,
    }
    assert compared({"mixed": mixed}) == compared({"bare": bare}) == {}
