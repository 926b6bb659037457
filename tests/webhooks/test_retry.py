from datetime import UTC, datetime, timedelta

import pytest

from webhooks import retry

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def test_the_schedule_is_that_of_the_documents():
    seconds = [
        (retry.next_attempt_at(failed, NOON, jitter=0) - NOON).total_seconds()
        for failed in range(1, retry.ATTEMPTS)
    ]
    assert seconds == [5, 300, 1800, 7200, 18000, 36000, 36000]
    assert retry.next_attempt_at(retry.ATTEMPTS, NOON, jitter=0) is None


def test_jitter_only_lengthens_and_by_a_tenth_at_most():
    assert retry.next_attempt_at(2, NOON, jitter=1) - NOON == timedelta(seconds=330)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("Mon, 04 May 2026 12:10:00 GMT", 600),
        ("Mon, 04 May 2026 11:00:00 GMT", 0),
        ("Mon, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("soon", None),
        ("", None),
        ("-1", None),
        ("٣", None),
        ("9" * 400, 999_999_999),
    ],
)
def test_retry_after_is_seconds_or_a_date(text, seconds):
    assert retry.wished_s({"retry-after": text}, NOON) == seconds


def test_a_wish_is_granted_for_an_hour_at_most_and_never_shortens():
    wished = retry.next_attempt_at(1, NOON, jitter=0, wished_s=999_999_999)
    assert wished - NOON == timedelta(hours=1)
    assert retry.not_before({"retry-after": "9" * 9}, NOON) - NOON == timedelta(hours=1)
    assert retry.not_before({"retry-after": "0"}, NOON) is None
    assert retry.next_attempt_at(3, NOON, jitter=0, wished_s=1) - NOON == timedelta(minutes=30)


@pytest.mark.parametrize(
    ("hours", "failures", "gives_up"), [(120, 5, True), (119, 500, False), (500, 4, False), (None, 9, False)]
)
def test_an_endpoint_is_given_up_after_five_days_of_failures(hours, failures, gives_up):
    since = None if hours is None else NOON - timedelta(hours=hours)
    assert retry.gives_up(since, failures, NOON) is gives_up
