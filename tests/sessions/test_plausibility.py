from datetime import timedelta
from decimal import Decimal

import pytest

from sessions import plausibility
from tests.stations.telling import NOON


def rule(last_wh, energy_wh, power_w, seconds=60):
    figures = [None if each is None else Decimal(str(each)) for each in (last_wh, energy_wh, power_w)]
    last, energy, power = figures
    return plausibility.of(NOON, last, NOON + timedelta(seconds=seconds), energy, power)


@pytest.mark.parametrize(
    ("last_wh", "energy_wh", "power_w", "broken"),
    [
        (1000, 1117, 7000, None),
        (1000, 1000.117, 7000, "energy scale"),
        (1000, 1117, 7_000_000, "power scale"),
        (1000, 1000, 7000, None),
        (1000, 1117, None, None),
        (1000, 1000.002, 120, None),
        (1000, 1040, 7000, None),
        (1000, 3, 7000, "register fell"),
        (1000, 950, 7000, None),
        (20, 0, 7000, None),
        (None, 5, 7000, None),
        (1000, None, 7000, None),
    ],
)
def test_figures_that_do_not_fit_each_other_are_told(last_wh, energy_wh, power_w, broken):
    assert rule(last_wh, energy_wh, power_w) == broken


def test_a_late_reading_tells_nothing():
    assert rule(1000, 3, 7000, seconds=-60) is None
