from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock
from gateway import live_times

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def skew_s(*shifts, begun_s=600):
    """What readings tell that were taken so many seconds from now, on a socket of so many seconds."""
    taken = [{"timestamp": clock.iso(NOON + timedelta(seconds=shift))} for shift in shifts]
    return live_times.skew_s("MeterValues", {"meterValue": taken}, NOON, NOON - timedelta(seconds=begun_s))


@pytest.mark.parametrize("shift", [-600, -90, 0, 90, 7200])
def test_a_reading_that_is_no_older_than_its_socket_tells_how_far_a_clock_is_off(shift):
    assert skew_s(shift - 60, shift) == shift


@pytest.mark.parametrize(("shift", "begun_s"), [(-601, 600), (-3600, 600), (-3600, 0)])
def test_a_reading_that_is_older_may_have_waited(shift, begun_s):
    assert skew_s(shift, begun_s=begun_s) is None
