"""Files that a simulated station really fetches and leaves."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emobi.simulator import transfers
from tests.stations.signing import CERTIFICATE, signature

pytestmark = pytest.mark.asyncio

IMAGE = b"firmware" * 50_000


class Files(BaseHTTPRequestHandler):
    """Has one file, and takes whatever it is left."""

    left: dict[str, bytes]

    def do_GET(self):
        found = self.path == "/fw.bin"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(IMAGE)))
        self.end_headers()
        self.wfile.write(IMAGE if found else b"")

    def do_PUT(self):
        self.left[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def files():
    Files.left = {}
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


async def test_a_file_is_fetched_and_its_signature_is_of_all_of_it(files):
    file = await transfers.fetch(f"{files}/fw.bin")
    assert transfers.is_signed(file, signature(IMAGE), CERTIFICATE)
    assert not transfers.is_signed(file, signature(IMAGE[:-1]), CERTIFICATE)
    assert not transfers.is_signed(file, "no base64", CERTIFICATE)
    assert not transfers.is_signed(file, signature(IMAGE), "no certificate")


@pytest.mark.parametrize(
    "location", ["http://127.0.0.1:1/fw.bin", "https://files.invalid/fw.bin", "gopher://127.0.0.1/fw.bin"]
)
async def test_what_can_not_be_reached_does_not_arrive(location):
    with pytest.raises(transfers.Failed):
        await transfers.fetch(location)
    with pytest.raises(transfers.Failed):
        await transfers.leave(location, "a.log", b"log")


async def test_what_is_not_there_does_not_arrive(files):
    with pytest.raises(transfers.Failed):
        await transfers.fetch(f"{files}/other.bin")


@pytest.mark.parametrize("location", ["https://files.example.com/fw.bin", "sftp://127.0.0.1/fw.bin"])
async def test_what_is_an_example_arrives_as_if(location):
    assert transfers.is_signed(await transfers.fetch(location), "c2lnbmVk", CERTIFICATE)
    await transfers.leave(location, "a.log", b"log")


async def test_a_file_is_left_in_its_place_or_in_the_folder(files):
    await transfers.leave(f"{files}/logs/", "a b.log", b"one")
    await transfers.leave(f"{files}/logs/token", "a.log", b"two")
    assert Files.left == {"/logs/a%20b.log": b"one", "/logs/token": b"two"}
