"""What a station says of its own composite schedule, as it is drawn."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from dashboard.station import schedule_plot
from stations.commands.charging_profiles import RateUnit
from stations.models import Command

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
PLACE = schedule_plot.Place(evse_id=1, unit=RateUnit.WATT, watts_per_ampere=Decimal(230))


def drawn(*periods, **said):
    """The samples of an answer, as minutes after noon and kW."""
    schedule = {
        "schedule_start": "2026-05-04T12:00:00.000Z",
        "charging_rate_unit": "W",
        "charging_schedule_period": [{"start_period": start, "limit": limit} for start, limit in periods],
    }
    command = Command(
        name="get_composite_schedule",
        params={"evse_id": 1},
        outcome={"detail": {"schedule": schedule | said}},
        created_at=NOON,
    )
    series, _ = schedule_plot.own_answer([command], PLACE)
    return [((at - NOON) / timedelta(minutes=1), value) for at, value in series.samples]


def test_an_answer_says_nothing_of_the_time_after_it():
    assert drawn((0, 11_000), (1800, 7_000), duration=3600) == [(0, 11), (30, 7), (60, None)]


def test_an_answer_without_an_end_has_none():
    assert drawn((0, 11_000), duration=None) == [(0, 11)]


@pytest.mark.parametrize("beyond", [10**15, -(10**15)])
def test_numbers_that_no_clock_reaches_are_drawn_as_far_as_it_goes(beyond):
    assert drawn((0, 11_000), duration=beyond)[0] == (0, 11)
    assert (0, 11) in drawn((0, 11_000), (beyond, 7_000), duration=3600)
