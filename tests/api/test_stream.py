"""The stream of events: what it says, how it goes on, and that nobody misses any."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from emobi.api import event_tails, stream
from emobi.api.event_tails import Wanted
from emobi.core import events, unit_of_work
from emobi.core.models import Event, Network
from emobi.core.services import api_keys
from tests.api.calling import BASE
from tests.api.test_events import AUTHORIZED, CLEARED, FAULT, OFFLINE, ONLINE, tell
from tests.dashboard.browsing import serving

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 20
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

    def __init__(self, answer: HTTPResponse) -> None:
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
        client.request("GET", f"{BASE}/events/stream?{urlencode(query)}", headers=headers)
        with client.getresponse() as answer:
            assert answer.status == 200, answer.read()
            yield Reader(answer)


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
    ("query", "field"), [({"type": "nonsense"}, "type"), ({"after": -1}, "after"), ({"after": 2**63}, "after")]
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
        vendor_id="v", message_id=None, data="x" * 80_000, answer="Accepted", received_at=OFFLINE.last_heard_at
    )
    for _ in range(5):
        tell(about, *[data] * 20)


def test_who_reads_nothing_for_a_while_misses_nothing_and_holds_up_nobody(home, key, alpha):
    with reading(home, key) as slow, reading(home, key) as fast:
        large(alpha)
        assert fast.ids(100) == list(range(1, 101))
        tell(alpha, OFFLINE)
        assert fast.ids(1) == [101]
        assert slow.ids(101) == list(range(1, 102))


IMPATIENT = """
import sys
from emobi import web_server
web_server.WRITE_TIMEOUT_S = 0.5
sys.argv = ["manage.py", "web"]
import manage
manage.main()
"""


def test_who_takes_nothing_for_too_long_is_cut_off_and_goes_on_where_it_was(network, key, alpha):
    with serving("-c", IMPATIENT) as address:
        home = urlsplit(address).netloc
        with reading(home, key) as slow:
            first = slow.ids(0)
            large(alpha)
            with reading(home, key, after=99) as other:
                assert other.ids(1) == [100]
            deadline = time.monotonic() + PATIENCE_S
            while connected_to(home) and time.monotonic() < deadline:
                time.sleep(0.05)
            got = list(first)
            with contextlib.suppress(OSError, json.JSONDecodeError):
                while told := slow.next():
                    json.loads(told["data"])
                    got.append(int(told["id"]))
        assert got == list(range(1, len(got) + 1))
        assert len(got) < 100
        with reading(home, key, last_event_id=len(got)) as again:
            assert again.ids(100 - len(got)) == list(range(len(got) + 1, 101))
