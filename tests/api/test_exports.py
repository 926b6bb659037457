"""Lists as files, read as an ASGI server sends them."""

import contextlib
import csv
import io
import json
import socket
from http.client import HTTPConnection, IncompleteRead
from urllib.parse import urlsplit

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.exceptions import RequestAborted
from django.test import AsyncClient

from dashboard import file_exports
from emobi.api import exports
from emobi.core.models import AuditEntry, Event
from emobi.core.services import api_keys
from sessions.reports import Token
from sessions.services import charging_sessions
from tests.api.calling import BASE
from tests.api.conftest import key
from tests.api.test_stream import is_stuck, large
from tests.dashboard.browsing import serving
from tests.gateway.listener_process import until
from tests.sessions.said import start_16, tell
from tests.stations.test_message_log import exchange


@pytest.fixture
def download(network):
    """Reads a list as a file: its answer, and the chunks that it came in."""
    headers = {"Authorization": f"Bearer {key(network, 'viewer')}"}

    async def read(path, query):
        answer = await AsyncClient().get(BASE + path, query_params=query, headers=headers)
        assert answer.status_code == 200, answer.content
        return answer, [chunk.decode() async for chunk in answer.streaming_content]

    return lambda path, **query: async_to_sync(read)(path, query)


def lines(chunks):
    return [json.loads(line) for line in "".join(chunks).splitlines()]


def table(chunks):
    return list(csv.DictReader(io.StringIO("".join(chunks), newline="")))


def test_ndjson_has_an_item_a_line_as_the_list_has_it(viewer, alpha, download):
    exchange(alpha, 0)
    exchange(alpha, 1, "BootNotification")
    answer, chunks = download("/messages", format="ndjson")
    assert answer["Content-Type"] == "application/x-ndjson"
    assert answer["Content-Disposition"] == 'attachment; filename="messages.ndjson"'
    assert lines(chunks) == viewer.get("/messages")["items"]


@pytest.mark.parametrize("path", ["/messages", "/stations/alpha/messages"])
def test_csv_has_a_row_an_item_under_its_names(alpha, download, path):
    call_id, answer_id = exchange(alpha, 0)
    answer, chunks = download(path, format="csv", kind="call")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    (row,) = table(chunks)
    assert (row["id"], row["pair_id"], row["round_trip_ms"]) == (str(call_id), str(answer_id), "500.0")
    assert (row["station"], row["action"], row["error_code"]) == ("alpha", "Heartbeat", "")
    assert json.loads(row["frame"])[2] == "Heartbeat"


def test_a_file_is_written_page_by_page_to_its_end_whatever_the_limit(alpha, download, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    expected = [str(number) for second in range(4) for number in exchange(alpha, second)][::-1]
    _, chunks = download("/messages", format="csv", limit=1)
    assert len(chunks) == 3
    assert [row["id"] for row in table(chunks)] == expected


def test_a_file_begins_at_its_cursor(viewer, alpha, download):
    for second in range(3):
        exchange(alpha, second)
    page = viewer.get("/messages", limit=2)
    _, chunks = download("/messages", format="ndjson", cursor=page["next"])
    assert lines(chunks) == viewer.get("/messages")["items"][2:]


def test_sessions_and_events_are_files_too(viewer, alpha, download):
    tell(charging_sessions.start, alpha, start_16())
    for path in ("/sessions", "/events"):
        _, chunks = download(path, format="ndjson")
        assert lines(chunks) == viewer.get(path)["items"]
    (row,) = table(download("/sessions", format="csv")[1])
    assert (row["station"], row["state"]) == ("alpha", "active")
    rows = table(download("/events", format="csv")[1])
    assert len(rows) == Event.objects.count()
    assert json.loads(rows[0]["data"])["id_token"]


def test_an_empty_list_is_a_file_with_names_alone(network, download):
    assert lines(download("/sessions", format="ndjson")[1]) == []
    (names,) = csv.reader(download("/sessions", format="csv")[1])
    assert names[0] == "session_id"


def test_what_is_wrong_with_a_request_is_still_told_by_a_status(viewer):
    viewer.get("/messages", expect=422, format="xml")
    viewer.get("/messages", expect=422, format="csv", cursor="!")
    viewer.get("/messages", expect=404, format="csv", station="nobody")


@pytest.mark.parametrize(
    ("path", "name", "filters"),
    [
        ("/messages", "messages", {"kind": "call"}),
        ("/stations/alpha/messages", "messages", {"identity": "alpha", "kind": "call"}),
        ("/sessions", "sessions", {"id_token": "…CC01", "kind": "call"}),
        ("/events", "events", {"station": "alpha", "kind": "call"}),
        ("/reports/sessions", "sessions-report", {"kind": "call"}),
        ("/reports/uptime", "uptime", {"month": "2026-05", "kind": "call"}),
        ("/reports/outages", "outages", {"kind": "call"}),
    ],
)
def test_a_file_is_in_the_audit_log_once_and_a_page_is_not(viewer, alpha, download, path, name, filters):
    asked = {key: value for key, value in filters.items() if key != "identity"}
    if "id_token" in asked:
        asked["id_token"] = "04AABBCC01"
    viewer.get(path, **asked)
    download(path, format="ndjson", limit=1, **asked)
    entry = AuditEntry.objects.get(action="list.exported")
    assert (entry.target, entry.address) == (name, "127.0.0.1")
    assert entry.actor.startswith("key:ek_")
    assert entry.detail == {"format": "ndjson", "filters": filters}


@pytest.mark.django_db(transaction=True)
def test_a_key_that_is_revoked_gets_no_more_of_a_file(network, alpha, monkeypatch):
    monkeypatch.setattr(file_exports, "LOOK_EVERY_S", 0)
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for second in range(3):
        exchange(alpha, second)
    made, text = api_keys.create(network, "viewer")
    got = []

    async def read():
        headers = {"Authorization": f"Bearer {text}"}
        answer = await AsyncClient().get(f"{BASE}/messages", query_params={"format": "csv"}, headers=headers)
        async for chunk in answer.streaming_content:
            got.append(chunk)
            await sync_to_async(api_keys.revoke)(made, by="user:ada")

    with pytest.raises(RequestAborted):
        async_to_sync(read)()
    assert len(got) == 1


CURIOUS = """
import django
import manage
django.setup()
from dashboard import file_exports
from emobi.api import exports
file_exports.LOOK_EVERY_S, exports.AT_ONCE = 0, 1
manage.main(["manage.py", "web"])
"""


@pytest.mark.django_db(transaction=True)
def test_a_file_that_is_broken_off_doesnt_look_like_a_whole_one(network, alpha):
    large(alpha)
    made, text = api_keys.create(network, "viewer")
    with (
        serving("-c", CURIOUS) as address,
        contextlib.closing(HTTPConnection(urlsplit(address).netloc, timeout=60)) as client,
    ):
        client.connect()
        client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        headers = {"Authorization": f"Bearer {text}"}
        client.request("GET", f"{BASE}/events?format=ndjson", headers=headers)
        with client.getresponse() as answer:
            assert answer.status == 200
            until(lambda: is_stuck(client.sock.getsockname()[1]))
            api_keys.revoke(made, by="user:ada")
            with pytest.raises((IncompleteRead, ConnectionError)):
                answer.read()


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_a_spreadsheet_would_run_is_made_inert(text, alpha, download):
    assert exports.inert(text) == f"'{text}"
    tell(charging_sessions.start, alpha, start_16(token=Token(id_token=text)))
    (row,) = table(download("/sessions", format="csv")[1])
    assert row["id_token"] == f"'{text}"


def test_numbers_stay_numbers_in_a_table():
    assert list(exports._cells({"a": -5, "b": None, "c": {"d": "=1"}, "e": "plain"})) == [
        -5, None, '{"d":"=1"}', "plain",
    ]  # fmt: skip
