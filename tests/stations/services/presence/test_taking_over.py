"""Sockets that take the place of others: who was there before stands in the audit log."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from emobi.core import clock
from emobi.core.models import AuditEntry
from stations.services.presence import connections


def opening(station, address):
    return connections.Opening(
        station_id=station.pk, at=clock.now(), gateway="g", version="1.6", security_profile=0,
        remote_address=address, tls_version="",
    )  # fmt: skip


def close(station, epoch):
    gone = connections.Closing(
        station_id=station.pk, epoch=epoch, at=clock.now(), code=1000, reason="", by_us=False
    )
    connections.close_sockets([gone])


def entries():
    found = AuditEntry.objects.filter(action="station.taken_over").order_by("target")
    return [(each.network_id, each.actor, each.target, each.detail) for each in found]


def test_a_socket_that_takes_the_place_of_an_open_one_is_in_the_audit_log(alpha, bravo, network):
    connections.open_sockets([opening(alpha, "192.0.2.1"), opening(bravo, "")])
    assert entries() == []
    connections.open_sockets([opening(alpha, "192.0.2.2"), opening(bravo, "fe80::1%eth0")])
    first = {"remote_address": "192.0.2.2", "previous_address": "192.0.2.1"}
    second = {"remote_address": "fe80::1%eth0", "previous_address": None}
    assert entries() == [
        (network.pk, "system:gateway", "alpha", first),
        (network.pk, "system:gateway", "bravo", second),
    ]


def test_one_that_comes_after_the_other_is_gone_takes_nothing_over(alpha):
    [epoch] = connections.open_sockets([opening(alpha, "192.0.2.1")])
    close(alpha, epoch)
    connections.open_sockets([opening(alpha, "192.0.2.2")])
    assert entries() == []


def test_any_number_of_them_costs_one_statement(alpha, bravo):
    both = [opening(alpha, "192.0.2.1"), opening(bravo, "192.0.2.1")]
    connections.open_sockets(both)
    with CaptureQueriesContext(connection) as asked:
        connections.open_sockets(both)
    assert len(entries()) == 2
    assert sum('INTO "core_auditentry"' in each["sql"] for each in asked) == 1
