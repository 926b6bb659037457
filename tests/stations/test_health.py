"""A station's health: what costs points, and why."""

import pytest

from stations.health import Reason, Signs, judge


def lost(**signs):
    """The points that are lost, by where that can be seen."""
    return {each.evidence: each.points for each in judge(Signs(**{"uptime_percent": 100.0, **signs})).reasons}


def test_a_station_that_is_well_has_all_points():
    assert judge(Signs(uptime_percent=100.0)).score == 100
    assert judge(Signs(uptime_percent=100.0)).reasons == ()


def test_one_that_was_never_there_has_no_score():
    assert judge(Signs(uptime_percent=None)).score is None


@pytest.mark.parametrize(
    ("signs", "points"),
    [
        ({"uptime_percent": 99.99}, {}),
        ({"uptime_percent": 97.0}, {"outages": 10}),
        ({"uptime_percent": 0.0}, {"outages": 40}),
        ({"losses": 1}, {}),
        ({"losses": 4}, {"outages": 6}),
        ({"losses": 400}, {"outages": 10}),
        ({"sessions": 100, "failed_starts": 1}, {}),
        ({"sessions": 20, "failed_starts": 2}, {"sessions": 5}),
        ({"sessions": 20, "failed_starts": 20}, {"sessions": 25}),
        ({"commands": 10, "failed_commands": 4}, {"commands": 8}),
        ({"deviations": 3}, {"messages": 6}),
        ({"drifted": 2}, {"variables": 4}),
        ({"drifted": 90}, {"variables": 10}),
        ({"clock_skew_s": -9.0}, {}),
        ({"clock_skew_s": -3600.0}, {"": 10}),
        ({"open_faults": 1}, {"": 15}),
        ({"firmware_status": "InstallationFailed"}, {"firmware": 5}),
        ({"firmware_status": "Installed"}, {}),
    ],
)
def test_what_costs_points(signs, points):
    assert lost(**signs) == points


def test_reasons_are_told_in_words_the_worst_first_and_never_below_nothing():
    signs = Signs(
        uptime_percent=10.0, losses=9, sessions=9, failed_starts=9, commands=9, failed_commands=9,
        deviations=9, clock_skew_s=90.0, open_faults=2,
    )  # fmt: skip
    health = judge(signs)
    assert health.score == 0
    points = [each.points for each in health.reasons]
    assert points == sorted(points, reverse=True)
    assert Reason(points=10, words="its clock is 90 s ahead", evidence="") in health.reasons
    assert health.reasons[0].words == "in service 10.00 % of 30 days"
