"""Images, campaigns, updates and logs, as the API tells them."""

import asyncio
import hashlib
from datetime import timedelta

import pytest

from emobi.core import clock, unit_of_work
from stations import file_store
from stations.commands.logs import GetLog
from stations.models import Command, FirmwareImage, Station, StationLog
from stations.reports import ProgressReport
from stations.services.commanding import progress
from stations.services.files import firmware_waves, station_logs
from tests.api.calling import BASE
from tests.stations.asked import ask, send
from tests.stations.signing import CERTIFICATE, signature


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path


def put(admin, content=b"image", **query):
    return admin.post("/firmware-images", content, version="2.0", **query)["image_id"]


def test_an_image_is_put_into_the_store_as_it_is(admin):
    content = b"\x00\xff" * 100_000
    told = admin.post(
        "/firmware-images", content, version="2.0", vendor="Wallworks", model="W1", filename="a b.bin"
    )
    assert (
        told.items()
        >= {
            "version": "2.0",
            "vendor": "Wallworks",
            "model": "W1",
            "filename": "a-b.bin",
            "size": 200_000,
            "sha256": hashlib.sha256(content).hexdigest(),
            "signed": False,
        }.items()
    )
    assert file_store.path(file_store.FIRMWARE, told["image_id"]).read_bytes() == content
    assert admin.get(f"/firmware-images/{told['image_id']}") == told
    assert FirmwareImage.objects.get().token not in str(told)


@pytest.mark.parametrize(
    ("content", "query"), [(b"", {"version": "2"}), (b"x", {}), (b"x", {"version": "a\0"})]
)
def test_what_is_no_image_is_refused(admin, content, query):
    admin.post("/firmware-images", content, expect=422, **query)
    assert not FirmwareImage.objects.exists()


def test_a_signature_is_added_and_taken_away(admin):
    path = f"/firmware-images/{put(admin)}"
    admin.patch(path, {"signature": signature(b"image")}, expect=422)
    both = {"signature": signature(b"image"), "signing_certificate": CERTIFICATE}
    assert admin.patch(path, both)["signed"]
    assert not admin.patch(path, {"signature": None, "signing_certificate": None, "vendor": "X"})["signed"]


def test_images_are_found_by_what_they_are_for(admin):
    first, second = put(admin, vendor="Wallworks"), put(admin, vendor="Other", model="O1")
    assert [each["image_id"] for each in admin.get("/firmware-images")["items"]] == [second, first]
    assert [each["image_id"] for each in admin.all("/firmware-images", 1)] == [second, first]
    assert [each["image_id"] for each in admin.get("/firmware-images", vendor="wallworks")["items"]] == [
        first
    ]
    assert [each["image_id"] for each in admin.get("/firmware-images", model="O1")["items"]] == [second]
    assert admin.get("/firmware-images", version="3")["items"] == []


def test_an_image_of_a_campaign_cannot_be_deleted(admin, alpha):
    free, taken = put(admin), put(admin)
    admin.post("/firmware-campaigns", {"image_id": taken, "wave_size": 1})
    admin.delete(f"/firmware-images/{free}")
    admin.delete(f"/firmware-images/{taken}", expect=409)
    admin.get(f"/firmware-images/{free}", expect=404)


def test_a_campaign_tells_how_far_it_is(admin, network):
    for number in range(3):
        Station.objects.create(network=network, identity=f"CP{number}", connectivity="online")
    image = put(admin)
    body = {"image_id": image, "name": "autumn", "wave_percent": 50, "max_failure_percent": 0}
    campaign = admin.post("/firmware-campaigns", body)
    path = f"/firmware-campaigns/{campaign['campaign_id']}"
    assert campaign.items() >= {"state": "running", "wave": 1, "wave_size": 2, "version": "2.0"}.items()
    assert campaign["stations"] == dict.fromkeys(["updating", "installed", "failed", "skipped"], 0) | {
        "waiting": 3
    }
    firmware_waves.sweep()
    Command.objects.filter(station__identity="CP0").update(
        state="rejected", sent_at=clock.now(), outcome={"status": "Rejected"}
    )
    firmware_waves.sweep()
    told = admin.get(path)
    assert (told["state"], told["reason"]) == ("halted", "more than 0 % of wave 1 failed")
    assert told["stations"]["failed"] == 1
    stations = admin.all(f"{path}/stations", 2)
    assert [(each["station"], each["wave"], each["state"]) for each in stations] == [
        ("CP0", 1, "failed"),
        ("CP1", 1, "waiting"),
        ("CP2", 2, "waiting"),
    ]
    assert stations[0]["reason"] == "Rejected"
    assert [each["station"] for each in admin.get(f"{path}/stations", state="failed")["items"]] == ["CP0"]
    assert admin.patch(path, {"state": "running"})["state"] == "running"
    assert admin.patch(path, {"state": "paused"})["state"] == "paused"
    assert admin.patch(path, {"state": "cancelled"})["ended_at"]
    admin.patch(path, {"state": "running"}, expect=409)
    assert [each["name"] for each in admin.get("/firmware-campaigns")["items"]] == ["autumn"]


def test_an_update_is_told_with_every_step(admin, alpha):
    image = put(admin)
    command = send(alpha, "update_firmware", {"image": image})
    secret = {"location": "ftp://user:secret@files.example.com/"}
    send(alpha, "update_firmware", secret)
    Command.objects.filter(pk=command.pk).update(outcome={"verification": {"state": "pending"}})
    with unit_of_work.begin():
        for word in ("Downloading", "Installed"):
            progress.firmware(alpha, ProgressReport(status=word, request_id=command.params["request_id"]))
    newest, first = admin.get("/stations/alpha/firmware")["items"]
    assert [step["status"] for step in first["steps"]] == ["Downloading", "Installed"]
    assert (
        first.items()
        >= {
            "command_id": command.pk,
            "image_id": image,
            "version": "2.0",
            "status": "Installed",
            "verification": "pending",
        }.items()
    )
    assert (newest["location"], newest["steps"]) == ("ftp://user:***@files.example.com/", [])
    assert len(admin.all("/stations/alpha/firmware", 1)) == 2


def log_of(station, request_id, content=None):
    ask(station, "get_log", {"request_id": request_id})
    station_logs.open_for(station, GetLog(request_id=request_id))
    log = StationLog.objects.latest("pk")
    if content is not None:
        station_logs.receive(log, [content], 'a"<b>.html')
    return log


async def read(pieces):
    return b"".join([piece async for piece in pieces])


def test_a_log_is_a_download_whatever_is_in_it(viewer, alpha):
    log = log_of(alpha, 7, b"<script>alert(1)</script>")
    (told,) = viewer.get("/stations/alpha/logs")["items"]
    assert told.items() >= {"log_id": log.pk, "type": "DiagnosticsLog", "stored": True, "size": 25}.items()
    assert log.token not in str(told)
    answer = viewer.ask("GET", f"/stations/alpha/logs/{log.pk}/content")
    assert asyncio.run(read(answer.streaming_content)) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="a\\"<b>.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer["Content-Security-Policy"]


def test_a_log_that_has_not_come_has_no_content(viewer, alpha, bravo):
    waiting, stored = log_of(alpha, 7), log_of(bravo, 8, b"log")
    viewer.get(f"/stations/alpha/logs/{waiting.pk}/content", expect=404)
    viewer.get(f"/stations/alpha/logs/{stored.pk}/content", expect=404)
    file_store.delete(file_store.LOGS, stored.pk)
    viewer.get(f"/stations/bravo/logs/{stored.pk}/content", expect=404)


def test_logs_are_listed_whatever_became_of_them(viewer, alpha):
    logs = [log_of(alpha, number) for number in (1, 2, 3)]
    StationLog.objects.filter(pk=logs[0].pk).update(
        status="UploadFailure", status_at=clock.now() - timedelta(hours=1)
    )
    told = viewer.all("/stations/alpha/logs", 2)
    assert [each["log_id"] for each in told] == [log.pk for log in reversed(logs)]
    assert (told[2]["status"], told[2]["stored"], told[0]["state"]) == ("UploadFailure", False, "queued")


def test_an_image_may_be_larger_than_what_is_held_in_memory(admin, client):

    told = admin.post("/firmware-images", b"x" * (3 << 20), version="2.0")
    assert told["size"] == 3 << 20
    assert client.post(f"{BASE}/firmware-images", b"x", content_type="text/plain").status_code == 401
