"""Two processes that speak for one station at once: its old socket's last batch, and its new one's first."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection

from emobi.core import unit_of_work
from emobi.core.models import Network
from sessions.models import ChargingSession, IdToken
from sessions.services import charging_sessions
from stations.models import Station
from tests.sessions.said import kinds, start_16, started, tell, updated

DEADLINE_S = 20


@pytest.fixture
def station(transactional_db):
    network = Network.objects.create(slug="grid", name="Grid")
    IdToken.objects.create(network=network, id_token="GOOD")
    return Station.objects.create(network=network, identity="alpha")


def until_somebody_waits_for_us():
    deadline = time.monotonic() + DEADLINE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")


def race(first, second):
    """Run ``second`` while ``first`` is done but not committed; return what ``second`` returns or raises."""
    ready = threading.Event()

    def late():
        assert ready.wait(DEADLINE_S)
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(late)
        with unit_of_work.begin() as work:
            first()
            work.flush()
            ready.set()
            until_somebody_waits_for_us()
        return answer


def test_a_start_that_comes_to_both_opens_one_session(station):
    answer = race(
        lambda: charging_sessions.start(station, start_16()),
        lambda: tell(charging_sessions.start, station, start_16()),
    )
    with pytest.raises(IntegrityError):
        answer.result(DEADLINE_S)
    again = tell(charging_sessions.start, station, start_16())
    assert again.session.pk == ChargingSession.objects.get().pk
    assert kinds(station) == ["session.started", "session.meter_values"]


def test_neither_loses_what_the_other_said(station):
    tell(charging_sessions.start, station, started())
    race(
        lambda: charging_sessions.update(station, updated(1, 1)),
        lambda: tell(charging_sessions.update, station, updated(2, 2)),
    ).result(DEADLINE_S)
    assert ChargingSession.objects.get().seq_seen == [[0, 2]]
