"""The web process over real sockets: large files both ways, whoever is slow."""

import socket
import threading
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from emobi.core.models import Network
from stations import file_addresses, file_store
from stations.commands.logs import GetLog
from stations.models import Station, StationLog
from stations.services.files import firmware_images, station_logs
from stations.services.files.firmware_images import Description
from tests.dashboard.browsing import serving
from tests.gateway.listener_process import until
from tests.stations.asked import ask

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 1 << 20
LIMIT_MIB = 8
# More than sockets and pipes hold.
LARGE = b"0123456789abcdef" * (LIMIT_MIB * MIB // 16)


@pytest.fixture(scope="module")
def home(django_db_setup):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EMOBI_UPLOAD_LIMIT_MB", str(LIMIT_MIB))
        with serving() as address:
            yield urlsplit(address).netloc


@pytest.fixture
def station(db) -> Station:
    network = Network.objects.create(slug="grid", name="Grid")
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


@pytest.fixture
def place(station) -> str:
    """Where the station may leave a log."""
    ask(station, "get_log", {"request_id": 7})
    return urlsplit(station_logs.open_for(station, GetLog(request_id=7))).path


@pytest.fixture
def image(station):
    return firmware_images.add(station.network, "fw.bin", [LARGE], Description(version="1"), by="user:alice")


def path_of(image) -> str:
    return urlsplit(file_addresses.firmware_url(image.token, image.filename)).path


def connected(home) -> socket.socket:
    host, _, port = home.partition(":")
    return socket.create_connection((host, int(port)), 20)


def put(home, path, body, **headers):
    with closing(HTTPConnection(home, timeout=20)) as client:
        client.request("PUT", path, body, headers)
        return client.getresponse().status


def stored() -> bytes | None:
    log = StationLog.objects.get()
    return file_store.path(file_store.LOGS, log.pk).read_bytes() if log.stored_at else None


def test_a_large_log_comes_whole(home, place):
    assert put(home, place, LARGE) == 201
    assert stored() == LARGE


def test_a_log_comes_in_chunks_of_unknown_number(home, place):
    assert put(home, place, iter([LARGE[:1000], LARGE[1000:200_000], b"end"])) == 201
    assert stored() == LARGE[:200_000] + b"end"


def test_what_is_too_large_is_refused_before_it_comes(home, place):
    with closing(connected(home)) as client:
        head = f"PUT {place} HTTP/1.1\r\nHost: {home}\r\nContent-Length: {1 << 40}\r\n\r\n"
        client.sendall(head.encode() + b"x" * 1000)
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert stored() is None


def test_what_turns_out_to_be_too_large_is_refused_then(home, place):
    with closing(connected(home)) as client:
        client.sendall(f"PUT {place} HTTP/1.1\r\nHost: {home}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(LIMIT_MIB + 2):
            client.sendall(b"100000\r\n" + b"x" * MIB + b"\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 413 ")
    assert stored() is None


def test_an_upload_that_breaks_off_leaves_nothing(home, place):
    with closing(connected(home)) as client:
        head = f"PUT {place} HTTP/1.1\r\nHost: {home}\r\nContent-Length: 100000\r\n\r\n"
        client.sendall(head.encode() + b"x" * 1000)
    assert put(home, place, b"log") == 201
    assert stored() == b"log"


def position(path: Path) -> int | None:
    """How far any process has read a file; None: nobody has it open."""
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == path:
                information = (link.parent.parent / "fdinfo" / link.name).read_text()
                return int(information.split()[1])
        except OSError:
            continue
    return None


def test_a_file_is_read_as_fast_as_it_is_taken(home, image):
    path = file_store.path(file_store.FIRMWARE, image.pk)
    with closing(connected(home)) as client:
        client.sendall(f"GET {path_of(image)} HTTP/1.1\r\nHost: {home}\r\n\r\n".encode())
        seen: list[int | None] = []

        def rests():
            seen.append(position(path))
            return len(seen) > 5 and seen[-1] and seen[-1] == seen[-5]

        until(rests)
        assert seen[-1] < len(LARGE)
        # Nobody else waits for it.
        assert put(home, "/files/logs/nonsense/", b"x") == 404
        received = b""
        while len(received) < len(LARGE):
            piece = client.recv(MIB)
            assert piece
            received += piece
    assert received.partition(b"\r\n\r\n")[2] in LARGE


def test_whoever_goes_away_is_not_waited_for(home, image):
    path = file_store.path(file_store.FIRMWARE, image.pk)
    with closing(connected(home)) as client:
        client.sendall(f"GET {path_of(image)} HTTP/1.1\r\nHost: {home}\r\n\r\n".encode())
        until(lambda: position(path))
    until(lambda: position(path) is None)


def test_many_fetch_at_once_and_go_on_where_they_stopped(home, image):
    received: list[bytes] = []

    def fetch(first: int) -> None:
        with closing(HTTPConnection(home, timeout=20)) as client:
            client.request("GET", path_of(image), headers={"Range": f"bytes={first}-"})
            received.append(client.getresponse().read())

    threads = [threading.Thread(target=fetch, args=(number * MIB,)) for number in range(LIMIT_MIB)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, received)) == [number * MIB for number in range(1, LIMIT_MIB + 1)]
    assert all(LARGE.endswith(each) for each in received)
