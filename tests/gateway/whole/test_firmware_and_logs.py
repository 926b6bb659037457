"""Firmware that stations fetch from us, and logs that they leave: gateway, web process and stations."""

import pytest

from stations import file_store
from stations.models import CommandState, FirmwareStep, Frame, Station, StationLog
from stations.services.files import firmware_images
from stations.services.files.firmware_images import Description
from tests.dashboard.browsing import serving
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, state_of
from tests.stations.signing import CERTIFICATE, signature

ACCEPTED, REJECTED = CommandState.ACCEPTED, CommandState.REJECTED
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
CONTENT = b"\x7fELF" * 100_000
# Simulated seconds in a real one.
FAST = 5000


@pytest.fixture(scope="module")
def web(transactional_db):
    with serving() as address:
        yield address


@pytest.fixture(scope="module")
def gateway(make_gateway, web):
    process = make_gateway(EMOBI_PUBLIC_URL=web)
    yield process
    assert "Traceback" not in process.log


@pytest.fixture
def sim(gateway, simulate, version):
    sim = simulate(gateway, version)
    sim.station.speed = FAST
    return sim


def image_of(network, said=None, **more):
    given = Description(version="9.9.1", **(said or {}), **more)
    return firmware_images.add(network, "station-9.9.1.bin", [CONTENT], given, by="user:test")


def steps(command):
    return list(FirmwareStep.objects.filter(command=command).order_by("pk").values_list("status", flat=True))


def verification(command):
    command.refresh_from_db()
    return command.outcome.get("verification", {}).get("state")


SIGNED = {"signature": signature(CONTENT), "signing_certificate": CERTIFICATE}


@VERSIONS
@pytest.mark.parametrize("said", [{}, SIGNED], ids=["unsigned", "signed"])
def test_a_station_fetches_an_image_and_boots_with_it(sim, version, said):
    station = sim.known.station
    command = ask(station, "update_firmware", {"image": image_of(station.network, said).pk})
    assert end_of(command) == ACCEPTED
    until(lambda: verification(command) == "verified")
    done = steps(command)
    assert [word for word in done if word in ("Downloading", "Downloaded", "Installed")] == [
        "Downloading",
        "Downloaded",
        "Installed",
    ]
    assert ("SignatureVerified" in done) == bool(said)
    assert Station.objects.get(pk=station.pk).firmware_version == "9.9.1"
    action = "SignedUpdateFirmware" if said and version == "1.6" else "UpdateFirmware"
    frame = Frame.objects.get(station=station, action=action, direction=1, kind=2)
    assert "/files/firmware/***/station-9.9.1.bin" in frame.text


@VERSIONS
def test_a_station_refuses_what_its_maker_did_not_sign(sim, version):
    station = sim.known.station
    image = image_of(station.network, signature=signature(b"other"), signing_certificate=CERTIFICATE)
    command = ask(station, "update_firmware", {"image": image.pk})
    assert end_of(command) == ACCEPTED
    until(lambda: "InvalidSignature" in steps(command))
    until(lambda: verification(command) == "not_seen")


@VERSIONS
def test_a_file_that_is_gone_fails(sim, version):
    station = sim.known.station
    image = image_of(station.network)
    file_store.delete(file_store.FIRMWARE, image.pk)
    command = ask(station, "update_firmware", {"image": image.pk})
    assert end_of(command) == ACCEPTED
    until(lambda: steps(command) == ["Downloading", "DownloadFailed"])


@VERSIONS
def test_an_image_for_others_is_not_even_named(sim, version):
    station = sim.known.station
    command = ask(station, "update_firmware", {"image": image_of(station.network, vendor="Nobody").pk})
    assert end_of(command) == CommandState.UNSUPPORTED
    assert "Nobody" in command.outcome["reason"]
    missing = ask(station, "update_firmware", {"image": "0" * 26})
    assert end_of(missing) == CommandState.UNSUPPORTED


@VERSIONS
@pytest.mark.parametrize("log_type", ["DiagnosticsLog", "SecurityLog"])
def test_a_station_leaves_its_log_with_us(sim, version, log_type):
    command = ask(sim.known.station, "get_log", {"log_type": log_type})
    assert end_of(command) == ACCEPTED
    log = StationLog.objects.get(command=command)
    until(lambda: StationLog.objects.filter(pk=log.pk, status="Uploaded").exists())
    log.refresh_from_db()
    content = file_store.path(file_store.LOGS, log.pk).read_bytes()
    assert sim.station.plan.serial_number in content.decode()
    assert (log.size, log.type) == (len(content), log_type)
    assert log.filename == command.outcome["detail"]["filename"]
    assert log.token not in "".join(Frame.objects.values_list("text", flat=True))


@VERSIONS
def test_a_log_may_go_elsewhere(sim, version):
    elsewhere = "sftp://user:secret@files.example.com/logs/"
    command = ask(sim.known.station, "get_log", {"remote_location": elsewhere})
    assert end_of(command) == ACCEPTED
    until(lambda: StationLog.objects.filter(command=command, status="Uploaded").exists())
    assert StationLog.objects.get(command=command).stored_at is None
    assert any(elsewhere in frame for frame in sim.station.received)
    assert not any("secret" in text for text in Frame.objects.values_list("text", flat=True))


def test_a_newer_upload_ends_an_older_one(gateway, register):
    known = register("slow")
    with known.connect(gateway, "2.0.1") as charger:
        first = ask(known.station, "get_log", {"request_id": 1})
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        assert end_of(first) == ACCEPTED
        second = ask(known.station, "get_log", {"request_id": 2})
        charger.send([3, charger.next_call()[1], {"status": "AcceptedCanceled"}])
        assert end_of(second) == ACCEPTED
        assert StationLog.objects.get(command=first).status == "AcceptedCanceled"
        assert state_of(first) == ACCEPTED
