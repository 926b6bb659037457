"""A gateway process that is stopped, and may wake up again: a machine that froze, or was moved."""

import signal

import pytest
from django.db import connection as database
from django.db import transaction

from emobi.core import clock
from stations.models import Command, CommandState, Connection, Connectivity, Frame, GatewayProcess
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, state_of
from tests.gateway.whole.presence import connection, connectivity

OFFLINE = Connectivity.OFFLINE
# A station is not waited for long after the end of its process.
SHORT = {
    "EMOBI_OFFLINE_GRACE_S": "0",
    "EMOBI_RESTART_GRACE_S": "1",
    "EMOBI_CALL_TIMEOUT_S": "2",
    "EMOBI_LEASE_S": "5",
}


@pytest.fixture
def make_one(make_gateway):
    """Start processes that end with the test."""
    processes = []

    def make():
        processes.append(make_gateway(**SHORT))
        return processes[-1]

    yield make
    for process in processes:
        process.kill()


@pytest.fixture
def pair(make_one):
    return make_one(), make_one()


def test_a_process_that_slept_past_its_lease_changes_nothing_when_it_wakes(pair, alpha, register):
    bravo = register("bravo")
    sleeper, other = pair
    with alpha.connect(sleeper) as older, bravo.connect(sleeper) as left:
        slept_as = sleeper.name
        sleeper.signal(signal.SIGSTOP)
        older.say("Heartbeat", {}, "while asleep")
        left.say("Heartbeat", {}, "while asleep, too")
        command = ask(bravo.station, "clear_cache", expires_in_s=600)
        # Given up by the other, and offline when bravo doesn't come back.
        until(lambda: GatewayProcess.objects.get(name=slept_as).stopped_at)
        closed = connection(bravo)
        assert (closed.by_us, closed.close_reason) == (True, "gateway process died")
        until(lambda: connectivity(bravo) == OFFLINE)
        with alpha.connect(other) as newer:
            newer.heartbeat()
            epoch = connection(alpha).epoch
            sleeper.signal(signal.SIGCONT)
            assert older.closed_with()[0] in (1001, 1012)
            assert left.closed_with()[0] in (1001, 1012)
            newer.heartbeat()
            assert connection(alpha).epoch == epoch
    assert not Frame.objects.filter(message_id__startswith="while asleep").exists()
    assert connection(bravo).last_heard_at == closed.last_heard_at
    assert connectivity(bravo) == OFFLINE
    assert state_of(command) == CommandState.QUEUED
    assert Command.objects.get(pk=command.pk).sent_at is None
    # It has begun anew, which it notices by itself: its sockets may have been closed by a nudge before.
    until(lambda: GatewayProcess.objects.filter(pid=sleeper.process.pid, stopped_at=None).exists())
    with bravo.connect(sleeper) as charger:
        assert charger.next_call()[1] == command.pk
        assert Connection.objects.get(pk=bravo.station.pk).gateway != slept_as


def test_what_a_sleeper_was_sweeping_is_swept_by_others(make_one, alpha):
    long_ago = clock.wall().replace(year=2020)
    dead = GatewayProcess.objects.create(name="dead", host="a", pid=1, lease_until=long_ago)
    held = Connection.objects.create(
        station=alpha.station,
        epoch=1,
        gateway=dead.name,
        ocpp_version="1.6",
        security_profile=1,
        opened_at=long_ago,
        last_heard_at=long_ago,
    )
    with transaction.atomic(), database.cursor() as cursor:
        Connection.objects.select_for_update().get(pk=held.pk)
        sleeper = make_one()
        # It has given up the dead process, and waits for what that one held.
        until(lambda: _waits_for_a_lock(cursor))
        sleeper.signal(signal.SIGSTOP)
    make_one()
    until(lambda: GatewayProcess.objects.get(pk=dead.pk).stopped_at)
    assert connection(alpha).closed_at


def _waits_for_a_lock(cursor):
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return cursor.fetchone()[0]
