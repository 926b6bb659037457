"""What one peer may cost. Times are passed in."""

from gateway import limits
from gateway.limits import FailedSignIns, Openings, Pace

ALPHA, BRAVO = ("10.0.0.1", "grid/alpha"), ("10.0.0.2", "grid/alpha")


def failed(times, *, at=0.0, key=ALPHA, into=None):
    failures = into or FailedSignIns()
    for _ in range(times):
        failures.add(key, at)
    return failures


def test_nine_failures_are_forgiven_and_ten_are_not():
    assert failed(9).wait_s(ALPHA, 0) == 0
    assert failed(10).wait_s(ALPHA, 0) > 0


def test_the_wait_ends_with_the_window():
    failures = failed(10)
    assert failures.wait_s(ALPHA, 20) == 41
    assert failures.wait_s(ALPHA, limits.WINDOW_S) == 0


def test_who_goes_on_failing_goes_on_waiting():
    failures = failed(10)
    failed(1, at=59, into=failures)
    assert failures.wait_s(ALPHA, 61) == 0
    failed(9, at=61, into=failures)
    assert failures.wait_s(ALPHA, 62) > 0


def test_another_address_waits_for_nothing():
    assert failed(10).wait_s(BRAVO, 0) == 0


def test_who_has_failed_elsewhere_waits_as_long_as_it_is_said():
    failures = failed(1)
    failures.hold(ALPHA, 30.5)
    assert (failures.wait_s(ALPHA, 0), failures.wait_s(BRAVO, 0)) == (31, 0)
    assert failures.wait_s(ALPHA, 30.5) == 0


def test_memory_is_bounded_and_the_newest_are_kept(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 2)
    failures = FailedSignIns()
    for name in ("first", "second", "third"):
        failed(10, key=("10.0.0.1", name), into=failures)
    assert failures.wait_s(("10.0.0.1", "first"), 0) == 0
    assert failures.wait_s(("10.0.0.1", "third"), 0) > 0


def test_a_burst_is_read_at_once_and_the_rest_at_a_pace():
    pace = Pace(0.0)
    assert {pace.pause_s(0.0) for _ in range(limits.BURST)} == {0.0}
    assert pace.pause_s(0.0) == 1 / limits.MESSAGES_PER_S
    assert pace.pause_s(0.0) == 2 / limits.MESSAGES_PER_S


def test_who_was_quiet_may_burst_again_and_no_more():
    pace = Pace(0.0)
    for _ in range(limits.BURST):
        pace.pause_s(0.0)
    assert {pace.pause_s(1000.0) for _ in range(limits.BURST)} == {0.0}
    assert pace.pause_s(1000.0) > 0


def test_a_station_that_takes_its_own_socket_over_without_end_has_to_wait():
    openings = Openings()
    waits = [openings.wait_s(1, second * 60 / 50) for second in range(50)]
    assert set(waits[: limits.SOCKETS]) == {0}
    assert 0 < len([wait for wait in waits if wait]) < 20
    assert max(waits) <= limits.SOCKET_EVERY_S
    assert openings.wait_s(2, 60) == 0
    assert openings.wait_s(1, 60 + limits.SOCKET_EVERY_S) == 0


def test_a_station_that_comes_back_every_few_seconds_is_let_in_for_minutes():
    openings = Openings()
    assert {openings.wait_s(1, second) for second in range(0, 150, 3)} == {0}
    assert {openings.wait_s(2, second) for second in range(0, 3600, 6)} == {0}


def test_what_is_known_of_sockets_is_bounded(monkeypatch):
    monkeypatch.setattr(limits, "LARGEST", 2)
    openings = Openings()
    for station_id in range(5):
        openings.wait_s(station_id, 0.0)
    assert len(openings._left) == 2


def test_a_long_message_counts_as_several():
    pace = Pace(0.0)
    assert pace.pause_s(0.0, limits.MORE_CHARACTERS * (limits.BURST - 1)) == 0
    assert pace.pause_s(0.0, limits.MORE_CHARACTERS - 1) == 1 / limits.MESSAGES_PER_S
    assert pace.pause_s(0.0, 2 * limits.MORE_CHARACTERS) == 4 / limits.MESSAGES_PER_S
