from datetime import UTC, datetime, timedelta, timezone

import pytest

from emobi.core import clock


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 5, 4, 12, tzinfo=UTC), "2026-05-04T12:00:00.000Z"),
        (datetime(2026, 5, 4, 12, 0, 0, 123_999, tzinfo=UTC), "2026-05-04T12:00:00.123Z"),
        (datetime(2026, 5, 4, 14, tzinfo=timezone(timedelta(hours=2))), "2026-05-04T12:00:00.000Z"),
    ],
)
def test_times_are_written_in_utc_with_three_digits(moment, text):
    assert clock.iso(moment) == text


def test_no_time_is_none():
    assert clock.iso(None) is None
