from datetime import UTC, datetime

import pytest

from gateway import timestamps

MOMENT = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-15T10:00:00Z",
        "2026-01-15T10:00:00z",
        "2026-01-15T10:00:00.000Z",
        "2026-01-15T10:00:00.0000000Z",  # seven digits
        "2026-01-15T12:00:00+02:00",
        "2026-01-15T12:00:00+02",
        "2026-01-15T12:00:00+0200",
        "2026-01-15T10:00:00",  # no zone
        "2026-01-15 10:00:00",
        "2026-01-15T10:00Z",  # no seconds
        " 2026-01-15T10:00:00Z ",
    ],
)
def test_a_time_is_read_however_a_station_writes_it(text):
    read = timestamps.read(text)
    assert read == MOMENT
    assert read.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01T00:00:07Z",
        "1980-01-06T00:00:00Z",  # of GPS
        "2000-01-01T00:03:12Z",
        "200000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+10:00",
        "9999-12-31T23:59:59-10:00",
        "2026-13-45T10:00:00Z",
        "yesterday",
        "",
        None,
        1768471200,
    ],
)
def test_what_no_working_clock_says_is_no_time(text):
    assert timestamps.read(text) is None
