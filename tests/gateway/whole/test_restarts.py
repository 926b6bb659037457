"""A gateway process that ends, or is killed."""

import signal
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction

from stations.models import CommandState, Connectivity, Frame, GatewayProcess
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, state_of
from tests.gateway.whole.presence import connection, connectivity, presence

LEASE_S = 5
SHORT = {"EMOBI_OFFLINE_GRACE_S": "0", "EMOBI_CALL_TIMEOUT_S": "2", "EMOBI_LEASE_S": str(LEASE_S)}


@pytest.fixture(scope="module")
def gateway(make_gateway):
    """One that is ended and started again."""
    return make_gateway(**SHORT, EMOBI_RESTART_GRACE_S="60")


def test_a_process_that_is_asked_to_end_says_goodbye_and_nobody_was_offline(gateway, simulate):
    sims = [simulate(gateway, version, identity=f"sim-{version}") for version in ("1.6", "2.0.1")]
    epochs = [connection(sim.known).epoch for sim in sims]
    assert gateway.stop() == 0
    assert "Traceback" not in gateway.log
    assert GatewayProcess.objects.get(name=gateway.name).stopped_at is not None
    for sim in sims:
        closed = connection(sim.known)
        assert (closed.by_us, closed.close_code, closed.close_reason) == (True, 1012, "gateway restarts")
        assert connectivity(sim.known) == Connectivity.SILENT
    gateway.start()
    for sim, epoch in zip(sims, epochs, strict=True):
        until(lambda sim=sim, epoch=epoch: connection(sim.known).epoch > epoch)
        until(lambda sim=sim: connectivity(sim.known) == Connectivity.ONLINE)
        assert presence(sim.known) == ["connected", "online", "disconnected", "connected"]


def test_stations_are_closed_with_service_restart(gateway, alpha):
    with alpha.connect(gateway) as charger:
        gateway.signal(signal.SIGTERM)
        assert charger.closed_with() == (1012, "gateway restarts")
    assert gateway.process.wait(20) == 0
    gateway.start()


def test_what_was_asked_is_answered_before_the_goodbye(gateway, alpha):
    with alpha.connect(gateway) as charger:
        with transaction.atomic(), database.cursor() as cursor:
            cursor.execute("LOCK TABLE stations_connection")
            charger.say("Heartbeat", {}, "last words")
            until(lambda: _waits_for_a_lock(cursor))
            gateway.signal(signal.SIGTERM)
            until(lambda: "draining" in gateway.log.rpartition(" is up")[2])
        assert charger.receive()[:2] == [3, "last words"]
        assert charger.closed_with()[0] == 1012
    assert gateway.process.wait(20) == 0
    gateway.start()


def test_a_sweep_that_takes_long_costs_no_lease(gateway, alpha):
    def lease_until():
        return GatewayProcess.objects.get(name=gateway.name).lease_until

    with alpha.connect(gateway) as charger, transaction.atomic(), database.cursor() as cursor:
        cursor.execute("LOCK TABLE stations_bulkcommand")
        until(lambda: _waits_for_a_lock(cursor))
        would_have_ended = lease_until()
        until(lambda: lease_until() > would_have_ended + timedelta(seconds=LEASE_S))
        charger.heartbeat()


def _waits_for_a_lock(cursor):
    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return cursor.fetchone()[0]


def test_a_killed_process_is_no_outage_of_its_stations(gateway, simulate):
    sim = simulate(gateway)
    epoch = connection(sim.known).epoch
    gateway.kill()
    gateway.start()
    until(lambda: connection(sim.known).epoch > epoch)
    assert connection(sim.known).gateway == gateway.name
    assert "offline" not in presence(sim.known)


def test_what_a_killed_process_had_said_is_unknown_and_the_rest_is_said_by_the_next(gateway, alpha):
    with alpha.connect(gateway) as charger:
        said, waiting = (ask(alpha.station, "clear_cache", expires_in_s=600) for _ in range(2))
        assert charger.next_call()[1] == said.pk
        gateway.kill()
    gateway.start()
    with alpha.connect(gateway) as charger:
        assert charger.next_call()[1] == waiting.pk
        assert end_of(said) == CommandState.UNKNOWN
        charger.send([3, said.pk, {"status": "Accepted"}])
        charger.send([3, waiting.pk, {"status": "Accepted"}])
        assert end_of(waiting) == CommandState.ACCEPTED
    assert state_of(said) == CommandState.UNKNOWN
    calls = Frame.objects.filter(station=alpha.station, direction=1, kind=2)
    assert sorted(calls.values_list("message_id", flat=True)) == sorted([said.pk, waiting.pk])
