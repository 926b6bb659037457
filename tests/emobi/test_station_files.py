"""What stations fetch from us, and leave with us: paths without a key, each for one file."""

import asyncio
import base64
import hashlib
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from emobi.core import clock
from emobi.core.models import Network
from stations import file_addresses, file_store
from stations.commands.logs import GetLog
from stations.models import Station, StationLog
from stations.services.files import firmware_images, station_logs
from stations.services.files.firmware_images import Description
from tests.stations.asked import ask

CONTENT = bytes(range(256)) * 4000  # a megabyte, and then some
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    settings.EMOBI_PUBLIC_URL = "http://testserver"


@pytest.fixture
def station(db) -> Station:
    network = Network.objects.create(slug="grid", name="Grid")
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


@pytest.fixture
def image(station):
    said = Description(version="1.1.0")
    return firmware_images.add(station.network, "w1-1.1.0.bin", [CONTENT], said, by="user:alice")


# ── firmware ────────────────────────────────────────────────────────────────────────────────────────────


async def read(pieces):
    return b"".join([piece async for piece in pieces])


@pytest.fixture
def client():
    """Without cookies, and with Django's check of forms in force."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def fetch(client, image):
    """Ask for the image; its answer and what it holds."""
    path = file_addresses.firmware_url(image.token, image.filename).removeprefix("http://testserver")

    def ask_for(method="GET", path=path, **headers):
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = client.generic(method, path, headers=said)
        content = asyncio.run(read(answer.streaming_content)) if answer.streaming else answer.content
        return answer, content

    return ask_for


def test_an_image_is_fetched_whole_with_what_tells_that_it_is_whole(fetch):
    answer, content = fetch()
    assert (answer.status_code, content) == (200, CONTENT)
    assert answer["Content-Length"] == str(len(CONTENT))
    assert answer["ETag"] == f'"{SHA256}"'
    assert answer["Repr-Digest"] == f"sha-256=:{base64.b64encode(bytes.fromhex(SHA256)).decode()}:"
    assert answer["Content-Disposition"] == 'attachment; filename="w1-1.1.0.bin"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=1000-", 1000, len(CONTENT) - 1),
        ("bytes=-10", len(CONTENT) - 10, len(CONTENT) - 1),
        ("bytes=300000-600000", 300000, 600000),
        ("bytes=5-99999999999", 5, len(CONTENT) - 1),
    ],
)
def test_a_part_of_it_is_fetched(fetch, asked, first, last):
    answer, content = fetch(Range=asked)
    assert (answer.status_code, content) == (206, CONTENT[first : last + 1])
    assert answer["Content-Range"] == f"bytes {first}-{last}/{len(CONTENT)}"
    assert answer["Content-Length"] == str(last - first + 1)


@pytest.mark.parametrize(
    "asked", ["bytes=9-5", "bytes=0-1,5-6", "lines=1-2", "bytes=a-b", "bytes=" + "9" * 99 + "-"]
)
def test_what_is_no_range_is_the_whole(fetch, asked):
    answer, content = fetch(Range=asked)
    assert (answer.status_code, len(content)) == (200, len(CONTENT))


@pytest.mark.parametrize("asked", [f"bytes={len(CONTENT)}-", "bytes=-0", "bytes=-"])
def test_a_range_of_nothing_is_refused(fetch, asked):
    answer, content = fetch(Range=asked)
    assert (answer.status_code, content) == (416, b"")
    assert answer["Content-Range"] == f"bytes */{len(CONTENT)}"


def test_a_part_is_of_the_file_that_was_begun(fetch):
    assert fetch(Range="bytes=5-", If_Range=f'"{SHA256}"')[0].status_code == 206
    assert fetch(Range="bytes=5-", If_Range='"another"')[0].status_code == 200
    assert fetch(If_None_Match=f'"{SHA256}"')[0].status_code == 304


def test_its_head_is_asked_for_alone(fetch):
    answer, content = fetch("HEAD")
    assert (answer.status_code, content, answer["Content-Length"]) == (200, b"", str(len(CONTENT)))
    assert fetch("POST")[0].status_code == 405


def test_who_doesnt_know_the_token_finds_nothing(fetch, image):
    assert fetch(path=f"/files/firmware/{'x' * 43}/w1-1.1.0.bin")[0].status_code == 404
    file_store.delete(file_store.FIRMWARE, image.pk)
    assert fetch()[0].status_code == 404


# ── logs ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def path(station):
    ask(station, "get_log", {"request_id": 7})
    return station_logs.open_for(station, GetLog(request_id=7)).removeprefix("http://testserver")


def stored():
    log = StationLog.objects.get()
    return log.filename, file_store.path(file_store.LOGS, log.pk).read_bytes() if log.stored_at else None


@pytest.mark.parametrize("addition", ["", "alpha.log", "/alpha.log"])
def test_a_log_is_put_in_its_place_or_below_it(client, path, addition):
    answer = client.put(path + addition, CONTENT, content_type="application/octet-stream")
    assert answer.status_code == 201
    assert stored() == (addition.strip("/"), CONTENT)


def test_a_log_is_put_where_the_slash_was_lost(client, path):
    assert client.put(path.rstrip("/"), b"x", content_type="text/plain").status_code == 201


def test_a_log_is_posted_with_its_name_in_the_head(client, path):
    named = 'form-data; name="uploadfile"; filename="logfile_20210420.zip"'
    answer = client.post(
        path, CONTENT, content_type="application/octet-stream", headers={"Content-Disposition": named}
    )
    assert answer.status_code == 201
    assert stored() == ("logfile_20210420.zip", CONTENT)


def test_a_log_is_posted_as_a_form(client, path):
    answer = client.post(path, {"uploadfile": SimpleUploadedFile("a.zip", CONTENT), "other": "x"})
    assert answer.status_code == 201
    assert stored() == ("a.zip", CONTENT)


def test_the_same_log_may_come_again_and_no_other(client, path):
    assert client.put(path, b"log", content_type="text/plain").status_code == 201
    assert client.put(path, b"log", content_type="text/plain").status_code == 200
    assert client.put(path, b"other", content_type="text/plain").status_code == 409
    assert stored() == ("", b"log")


@pytest.mark.parametrize(
    ("content", "content_type", "headers", "status"),
    [
        (b"x" * ((1 << 20) + 1), "text/plain", {}, 413),
        (b"", "text/plain", {}, 400),
        (b"part", "text/plain", {"Content-Range": "bytes 0-3/10"}, 400),
        (b"nothing", "multipart/form-data; boundary=x", {}, 400),
        (b"nothing", "multipart/form-data", {}, 400),
    ],
)
def test_what_cant_be_kept_is_refused_and_its_place_stays_free(
    client, path, settings, content, content_type, headers, status
):
    settings.EMOBI_UPLOAD_LIMIT_MB = 1
    assert client.put(path, content, content_type=content_type, headers=headers).status_code == status
    if status != 400 or "multipart" not in content_type:
        assert client.post(path, content, content_type=content_type, headers=headers).status_code == status
    assert stored() == ("", None)
    assert client.put(path, b"log", content_type="text/plain").status_code == 201


def test_a_place_is_for_uploads_alone_and_for_a_time(client, path):
    assert client.get(path).status_code == 405
    assert client.put("/files/logs/nonsense/", b"x", content_type="text/plain").status_code == 404
    StationLog.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    assert client.put(path, b"x", content_type="text/plain").status_code == 404
