"""The stream of events: what it says, how it goes on, and that nobody misses any."""

import asyncio
import contextlib
import json
import re
import socket
import time
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psutil
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections

from emobi.api import event_tails, stream
from emobi.api.event_tails import Wanted
from emobi.core import events, unit_of_work
from emobi.core.services import api_keys
from tests.api.calling import BASE
from tests.api.test_events import AUTHORIZED, FAULT, NOON, OFFLINE, ONLINE, tell
from tests.dashboard.browsing import serving
from tests.gateway.listener_process import until

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 60
CLIENTS = 200


@pytest.fixture(scope="module")
def home(django_db_setup):
    with serving() as address:
        yield urlsplit(address).netloc


@pytest.fixture
def key(network) -> str:
    return api_keys.create(network, "viewer")[1]


class Reader:
    """One client of the stream."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse) -> None:
        self.connection = connection
        self.answer = answer
        self.line = answer.readline().decode()

    def next(self) -> dict[str, str]:
        """The fields of the next event; {} at the end of the stream."""
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode():
            name, _, value = line.rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                return fields
        return {}

    def ids(self, many: int) -> list[int]:
        return [int(self.next()["id"]) for _ in range(many)]


@contextmanager
def reading(home: str, key: str, *, last_event_id: int | None = None, **query):
    """Follow the stream; what is recorded from here on is told."""
    headers = {"Authorization": f"Bearer {key}"}
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    with contextlib.closing(HTTPConnection(home, timeout=PATIENCE_S)) as client:
        client.connect()
        # One that isn't given grows, on some machines to more than is ever told here.
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        client.request("GET", f"{BASE}/events/stream?{urlencode(query)}", headers=headers)
        with client.getresponse() as answer:
            assert answer.status == 200, answer.read()
            yield Reader(client, answer)


# ── what it says ────────────────────────────────────────────────────────────────────────────────────────


def test_an_event_comes_with_its_sequence_its_type_and_its_envelope(home, key, viewer, alpha):
    with reading(home, key) as reader:
        assert reader.answer.headers["Content-Type"] == "text/event-stream"
        assert reader.line == "retry: 1000\n"
        tell(alpha, OFFLINE)
        told = reader.next()
    (envelope,) = viewer.get("/events")["items"]
    assert json.loads(told.pop("data")) == envelope
    assert told == {"id": "1", "event": "station.offline"}


def test_it_begins_now_unless_it_is_told_where(home, key, alpha):
    tell(alpha, ONLINE, OFFLINE)
    with reading(home, key) as new, reading(home, key, after=0) as all_:
        tell(alpha, FAULT)
        assert new.ids(1) == [3]
        assert all_.ids(3) == [1, 2, 3]


def test_it_goes_on_after_the_last_event_that_its_client_had(home, key, alpha):
    many = 2 * event_tails.AT_ONCE + 5
    tell(alpha, *[ONLINE] * many)
    with reading(home, key, after=0, last_event_id=3) as reader:
        assert reader.ids(many - 3) == list(range(4, many + 1))
        tell(alpha, OFFLINE)
        assert reader.ids(1) == [many + 1]


@pytest.mark.parametrize("after", [0, None])
def test_it_is_filtered_by_type_and_by_station(home, key, alpha, bravo, after):
    query = {} if after is None else {"after": after}
    if after is not None:
        tell(alpha, FAULT, AUTHORIZED, ONLINE)
        tell(bravo, FAULT)
    with (
        reading(home, key, type="station.fault,session.*", **query) as by_type,
        reading(home, key, type="emobi.station.*", station="bravo", **query) as by_both,
    ):
        if after is None:
            tell(alpha, FAULT, AUTHORIZED, ONLINE)
            tell(bravo, FAULT)
        assert by_type.ids(3) == [1, 2, 4]
        assert by_both.ids(1) == [4]


def test_nothing_of_another_network_is_told(home, key, alpha, stranger):
    with reading(home, key, after=0) as reader:
        tell(stranger, ONLINE, ONLINE, FAULT)
        tell(alpha, OFFLINE)
        told = reader.next()
    assert (told["id"], told["event"]) == ("1", "station.offline")


@pytest.mark.parametrize(
    ("query", "field"),
    [({"type": "nonsense"}, "type"), ({"after": -1}, "after"), ({"after": 2**63}, "after")],
)
def test_what_cant_be_asked_is_a_422(viewer, query, field):
    told = viewer.get("/events/stream", expect=422, **query)
    assert [error["field"] for error in told["errors"]] == [field]


# ── how many, how slow ──────────────────────────────────────────────────────────────────────────────────


def test_two_hundred_listen_to_one_process_that_answers_others_meanwhile(home, key, alpha):
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(reading(home, key)) for _ in range(CLIENTS)]
        tell(alpha, ONLINE, OFFLINE)
        assert [reader.ids(2) for reader in readers] == [[1, 2]] * CLIENTS
        with contextlib.closing(HTTPConnection(home, timeout=PATIENCE_S)) as client:
            client.request("GET", f"{BASE}/events", headers={"Authorization": f"Bearer {key}"})
            assert len(json.load(client.getresponse())["items"]) == 2


def large(about) -> None:
    """More than sockets hold: eight megabytes."""
    data = events.VendorDataReceived(
        vendor_id="v",
        message_id=None,
        data="x" * 80_000,
        answer="Accepted",
        received_at=NOON,
    )
    for _ in range(5):
        tell(about, *[data] * 20)


def unsent(port) -> int:
    """How much the system holds of what was sent to a client's port (Linux: proc(5), /proc/net/tcp)."""
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, _, remote, _, queues, *_ = line.split()
        if int(remote.rpartition(":")[2], 16) == port:
            return int(queues.partition(":")[0], 16)
    return 0


def is_stuck(port) -> bool:
    """Whether the server can't get rid of what it has to tell: nothing moves for a moment."""
    held = unsent(port)
    time.sleep(0.5)
    return held > 0 and unsent(port) == held


def test_who_reads_nothing_for_a_while_misses_nothing_and_holds_up_nobody(home, key, alpha):
    with reading(home, key) as slow, reading(home, key) as fast:
        large(alpha)
        assert fast.ids(100) == list(range(1, 101))
        tell(alpha, OFFLINE)
        assert fast.ids(1) == [101]
        assert slow.ids(101) == list(range(1, 102))


def test_clients_and_the_way_from_receipt_to_them_are_measured(home, key, alpha):
    token = (Path(settings.EMOBI_DATA_DIR) / "metrics-token").read_text()

    def figures():
        with contextlib.closing(HTTPConnection(home, timeout=PATIENCE_S)) as client:
            client.request("GET", "/metrics", headers={"Authorization": f"Bearer {token}"})
            told = client.getresponse().read().decode()
        # Of other processes, too, that ended a moment ago.
        return re.findall(r"^(emobi_\w+)\{[^}]*\} (\S+)$", told, re.M)

    with reading(home, key) as one, reading(home, key) as other:
        tell(alpha, ONLINE)
        assert one.ids(1) == other.ids(1) == [1]
        # Clients of other tests may have to be seen to be gone first.
        until(lambda: ("emobi_stream_clients", "2.0") in figures())
    counted = [float(many) for name, many in figures() if name == "emobi_ingest_to_stream_seconds_count"]
    assert max(counted) >= 1


IMPATIENT = """
import manage
from emobi import web_server
web_server.WRITE_TIMEOUT_S = 0.5
manage.main(["manage.py", "web"])
"""


def test_who_takes_nothing_for_too_long_is_cut_off_and_goes_on_where_it_was(network, key, alpha):
    with serving("-c", IMPATIENT) as address:
        home = urlsplit(address).netloc
        with reading(home, key) as slow:
            large(alpha)
            ours = slow.connection.sock.getsockname()
            until(lambda: not any(each.raddr == ours for each in psutil.net_connections("tcp")))
            got = []
            with contextlib.suppress(OSError, HTTPException, ValueError):
                while told := slow.next():
                    got.append(int(json.loads(told["data"])["sequence"]))
        assert got == list(range(1, len(got) + 1))
        assert len(got) < 100
        with reading(home, key, last_event_id=len(got)) as again:
            assert again.ids(100 - len(got)) == list(range(len(got) + 1, 101))


CURIOUS = """
import django
import manage
django.setup()
from emobi.api import stream
stream.COMMENT_EVERY_S = 0.2
manage.main(["manage.py", "web"])
"""


def test_a_revoked_key_ends_the_stream_of_a_client_that_doesnt_read(network, alpha):
    """Which may otherwise take two minutes."""
    row, key = api_keys.create(network, "viewer")
    with serving("-c", CURIOUS) as address, reading(urlsplit(address).netloc, key) as slow:
        large(alpha)
        ours = slow.connection.sock.getsockname()
        # Who has taken all there is isn't cut off: its stream ends well, and its connection is kept.
        until(lambda: is_stuck(ours[1]))
        assert any(each.raddr == ours for each in psutil.net_connections("tcp"))
        api_keys.revoke(row, by="user:alice")
        until(lambda: not any(each.raddr == ours for each in psutil.net_connections("tcp")))


def test_a_process_that_stops_ends_its_streams_well(key, network, alpha):
    with contextlib.ExitStack() as stack:
        with serving() as address:
            reader = stack.enter_context(reading(urlsplit(address).netloc, key))
            tell(alpha, ONLINE)
            assert reader.ids(1) == [1]
        # Not cut off: the answer has its last chunk.
        assert reader.next() == {}


# ── in one event loop: what takes long, and what must never happen ──────────────────────────────────────


@pytest_asyncio.fixture
async def tails():
    here = event_tails.here()
    yield here
    await here.close()
    await sync_to_async(connections.close_all)()


async def ids(key, pause_s):
    """Sequence numbers that the stream of a key tells."""
    async for chunk in stream.told(key, Wanted(), 0):
        for line in chunk.decode().splitlines():
            if line.startswith("id: "):
                yield int(line.removeprefix("id: "))
        await asyncio.sleep(pause_s)


def write(about, *, many: int, pause_s: float) -> None:
    """Record events one by one, in transactions that stay open for a while after they wrote."""
    try:
        for _ in range(many):
            with unit_of_work.begin() as work:
                events.record(about.subject, ONLINE)
                work.flush()
                time.sleep(pause_s)
    finally:
        connections.close_all()


@pytest.mark.asyncio
async def test_nobody_misses_an_event_of_slow_and_fast_writers(tails, network, alpha, bravo, monkeypatch):
    """Whatever is in memory, and however many fit into a read or a chunk."""
    monkeypatch.setattr(event_tails, "AT_ONCE", 7)
    monkeypatch.setattr(event_tails, "KEPT_BYTES", 3000)
    monkeypatch.setattr(event_tails, "CHUNK_BYTES", 900)
    key = (await sync_to_async(api_keys.create)(network, "viewer"))[0]
    paces = [(alpha, 60, 0.005), (bravo, 200, 0.0), (alpha, 15, 0.02), (bravo, 60, 0.001)]
    total = sum(many for _, many, _ in paces)

    async def read(pause_s: float) -> list[int]:
        got: list[int] = []
        async with contextlib.aclosing(ids(key, pause_s)) as told:
            async for sequence in told:
                got.append(sequence)
                if sequence == total:
                    break
        return got

    async with asyncio.timeout(PATIENCE_S):
        readers = [asyncio.create_task(read(pause_s)) for pause_s in (0.0, 0.001, 0.01)]
        writers = [
            asyncio.to_thread(write, about, many=many, pause_s=pause_s) for about, many, pause_s in paces
        ]
        await asyncio.gather(*writers)
        assert [await reader for reader in readers] == [list(range(1, total + 1))] * 3


@pytest.mark.asyncio
async def test_a_comment_comes_now_and_then_and_a_revoked_key_ends_its_stream(tails, network, monkeypatch):
    monkeypatch.setattr(stream, "COMMENT_EVERY_S", 0.05)
    key = (await sync_to_async(api_keys.create)(network, "viewer"))[0]
    chunks = stream.told(key, Wanted(), 0)
    async with asyncio.timeout(PATIENCE_S):
        assert await anext(chunks) == b"retry: 1000\n\n"
        assert [await anext(chunks) for _ in range(3)] == [b":\n\n"] * 3
        await sync_to_async(api_keys.revoke)(key, by="user:alice")
        assert {chunk async for chunk in chunks} <= {b":\n\n"}
