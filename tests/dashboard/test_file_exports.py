"""Lists that leave as files: who took which is known, and who may no longer read one gets no more of it."""

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import RequestAborted
from django.http import StreamingHttpResponse
from django.test import AsyncClient

from dashboard import access as accesses
from dashboard import file_exports
from dashboard.file_exports import Taker
from dashboard.messages import message_list
from emobi.core.models import AuditEntry, Membership, Network
from tests.dashboard.conftest import enlist
from tests.stations.test_message_log import exchange


def entries():
    found = AuditEntry.objects.filter(action="list.exported").order_by("pk")
    return [(each.actor, each.target, each.address, each.detail) for each in found]


@pytest.mark.parametrize(
    ("path", "name", "kind", "filters"),
    [
        ("/stations/export.csv?version=1.6", "stations", "csv", {"version": "1.6"}),
        ("/sessions/export.ndjson", "sessions", "ndjson", {}),
        ("/commands/export.csv?q=state:failed", "commands", "csv", {"q": "state:failed"}),
        ("/messages/export.ndjson?q=station:alpha", "messages", "ndjson", {"q": "station:alpha"}),
        ("/reports/uptime.csv?months=2", "uptime", "csv", {"months": "2"}),
        ("/audit/export/?format=csv&actor=otto", "audit", "csv", {"actor": "otto"}),
    ],
)
def test_a_list_that_is_taken_along_is_in_the_audit_log_once(
    network, alpha, admin, path, name, kind, filters
):
    assert admin.get(path).status_code == 200
    assert entries() == [("user:ada", name, "127.0.0.1", {"format": kind, "filters": filters})]
    assert AuditEntry.objects.get().network_id == network.pk


def test_stations_that_were_picked_are_in_the_audit_log_by_their_number(network, alpha, operator):
    operator.post("/bulk/export.csv", {"station": ["alpha"], "query": "?q=al", "network": network.slug})
    assert entries() == [
        ("user:otto", "stations", "127.0.0.1", {"format": "csv", "filters": {"query": "?q=al", "picked": 1}})
    ]


def test_what_is_no_file_is_no_entry(network, admin):
    for path in ("/messages/export.exe", "/audit/export/?format=xml"):
        admin.get(path)
    assert entries() == []


@pytest.mark.parametrize("written", ["token:04AABBCC01", 'state:active Token:"04AABBCC01"'])
def test_an_id_token_that_is_searched_for_is_no_secret_given_away(network, operator, written):
    operator.get("/sessions/export.csv", {"q": written})
    [(_, _, _, detail)] = entries()
    assert "…CC01" in detail["filters"]["q"]
    assert "AABB" not in detail["filters"]["q"]


# ── for as long as they may ─────────────────────────────────────────────────────────────────────────────


async def pieces():
    for number in range(4):
        yield str(number)


def test_a_taker_is_looked_at_every_fifteen_seconds_and_ends_the_file_in_its_middle():
    times = iter([0.0, 14.9, 15.0, 15.0, 29.9, 30.0])
    looked, ended, got = [], [], []

    def holds() -> bool:
        looked.append(len(got))
        return len(looked) == 1

    async def read() -> None:
        taker = Taker(network=Network(), actor="user:ada", holds=holds)
        file = file_exports.guarded(pieces(), taker, lambda: ended.append(1), lambda: next(times))
        async for piece in file:
            got.append(piece)  # noqa: PERF401 - what came before it was broken off counts

    with pytest.raises(RequestAborted):
        async_to_sync(read)()
    assert (got, looked, ended) == (["0", "1", "2"], [1, 3], [1])


def deactivate(network, user):
    Membership.objects.filter(user=user).update(deactivated_at="2026-05-01T00:00:00Z")


def lock_out(network, user):
    user.is_active = False
    user.save()


def degrade(network, user):
    Membership.objects.filter(user=user).update(role="viewer")


def remove(network, user):
    Membership.objects.filter(user=user).delete()


@pytest.mark.parametrize("change", [deactivate, lock_out, degrade, remove])
def test_a_member_holds_until_they_may_no_longer(network, elsewhere, change):
    user = enlist(network, "otto", "operator")
    taker = accesses.of(user, network.slug).taker
    enlist(elsewhere, "otto", "admin")
    assert taker.holds()
    change(network, user)
    assert not taker.holds()


def test_who_gets_more_still_holds(network):
    user = enlist(network, "otto", "operator")
    taker = accesses.of(user, network.slug).taker
    Membership.objects.filter(user=user).update(role="admin")
    assert taker.holds()


@pytest.mark.django_db(transaction=True)
def test_a_member_who_is_deactivated_gets_no_more_of_a_file(network, alpha, monkeypatch):
    monkeypatch.setattr(file_exports, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(message_list, "EXPORTED_AT_ONCE", 1)
    for second in range(3):
        exchange(alpha, second)
    user = enlist(network, "otto", "operator")
    got = []

    async def read() -> None:
        client = AsyncClient()
        await client.aforce_login(user)
        answer = await client.get("/messages/export.ndjson")
        assert isinstance(answer, StreamingHttpResponse)
        async for piece in answer:
            got.append(piece)
            await sync_to_async(deactivate)(network, user)

    with pytest.raises(RequestAborted):
        async_to_sync(read)()
    assert len(got) == 1
