"""When somebody is told."""

from datetime import UTC, datetime, time

import pytest

from stations.models import NotificationRoute
from stations.notifications import after_quiet_hours, due_at, retry_after


def route(begin, end, zone="Europe/Berlin", **fields):
    return NotificationRoute(
        quiet_from=time.fromisoformat(begin), quiet_to=time.fromisoformat(end), time_zone=zone, **fields
    )


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "moment", "due"),
    [
        # Berlin is an hour ahead of UTC in winter, two in summer.
        (("22:00", "06:30"), "2026-01-10T20:59", "2026-01-10T20:59"),
        (("22:00", "06:30"), "2026-01-10T21:00", "2026-01-11T05:30"),
        (("22:00", "06:30"), "2026-01-11T05:29", "2026-01-11T05:30"),
        (("22:00", "06:30"), "2026-01-11T05:30", "2026-01-11T05:30"),
        (("22:00", "06:30"), "2026-07-10T20:00", "2026-07-11T04:30"),
        # The night in which summer time begins.
        (("22:00", "06:30"), "2026-03-28T21:30", "2026-03-29T04:30"),
        (("12:00", "13:00"), "2026-01-10T11:30", "2026-01-10T12:00"),
        (("12:00", "13:00"), "2026-01-10T10:30", "2026-01-10T10:30"),
        (("12:00", "12:00"), "2026-01-10T11:00", "2026-01-10T11:00"),
    ],
)
def test_quiet_hours_are_by_the_clocks_of_their_zone(hours, moment, due):
    assert after_quiet_hours(route(*hours), utc(moment)) == utc(due)


def test_what_is_critical_waits_for_nothing():
    quiet = route("00:00", "23:59", "UTC", digest_s=3600)
    assert due_at(quiet, "critical", utc("2026-01-10T11:00")) == utc("2026-01-10T11:00")
    assert due_at(quiet, "major", utc("2026-01-10T11:00")) == utc("2026-01-10T23:59")


def test_failures_are_waited_out_longer_and_longer():
    assert [retry_after(failures).total_seconds() for failures in (1, 2, 3, 4, 5, 50)] == [
        30, 120, 600, 1800, 3600, 3600,
    ]  # fmt: skip
