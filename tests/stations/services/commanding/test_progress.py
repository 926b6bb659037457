import pytest

from emobi.core import clock, unit_of_work
from stations.commands import catalogue
from stations.commands.certificates import EXAMPLE
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, FollowUp, Station, StationLog
from stations.reports import ProgressReport, PublicationReport
from stations.services.commanding import command_claims, command_ends, following, progress
from stations.services.commanding.awaited import Effect
from stations.services.files import firmware_images, station_logs
from tests.stations.asked import ask, send
from tests.stations.telling import NOON, tell, told, types

UPDATE = {"location": "https://files.example.com/f.bin"}
MD5 = "9e107d9d372bb6826bd81d3542a419d6"


def say(station, *words, request_id=None, unnumbered=False):
    for word in words:
        report = ProgressReport(status=word, request_id=request_id, unnumbered=unnumbered)
        tell(progress.firmware, station, report)


def steps(command):
    return list(command.firmware_steps.order_by("pk").values_list("status", flat=True))


def test_an_update_that_moves_on_is_told(alpha):
    say(alpha, "Downloading", "Downloading", "Downloaded", "Installed", request_id=5)
    assert [data["status"] for _, data in told(alpha)] == ["Downloading", "Downloaded", "Installed"]
    assert told(alpha)[0] == (
        "firmware.status_changed",
        {
            "status": "Downloading",
            "request_id": 5,
            "command_id": None,
            "station_time": None,
            "received_at": "2026-05-04T12:00:00.000Z",
        },
    )
    assert Station.objects.get(pk=alpha.pk).firmware_status == alpha.firmware_status == "Installed"


def test_an_upload_that_moves_on_is_told(bravo):
    for word in ("Uploading", "Uploading", "Uploaded"):
        tell(progress.log, bravo, ProgressReport(status=word))
    assert types(bravo) == ["log.status_changed"] * 2
    assert Station.objects.get(pk=bravo.pk).log_status == "Uploaded"


def test_diagnostics_of_1_6_that_fail_are_told_in_the_words_of_2_0_1(alpha):
    tell(progress.log, alpha, ProgressReport(status="UploadFailed"))
    assert told(alpha)[0][1]["status"] == "UploadFailure"


@pytest.mark.parametrize("verb", [progress.firmware, progress.log])
def test_a_word_that_is_too_long_is_cut(alpha, verb):
    tell(verb, alpha, ProgressReport(status="x" * 99))
    tell(verb, alpha, ProgressReport(status="x" * 99))
    assert [len(data["status"]) for _, data in told(alpha)] == [40]


# ── whose it is ─────────────────────────────────────────────────────────────────────────────────────────


def test_each_step_belongs_to_the_command_of_its_number(bravo):
    first, second = (send(bravo, "update_firmware", UPDATE | {"request_id": number}) for number in (1, 2))
    say(bravo, "Downloading", request_id=2)
    say(bravo, "DownloadFailed", request_id=1)
    say(bravo, "Downloaded", request_id=2)
    assert (steps(first), steps(second)) == (["DownloadFailed"], ["Downloading", "Downloaded"])
    assert [data["command_id"] for _, data in told(bravo, "firmware.status_changed")] == [
        second.pk,
        first.pk,
        second.pk,
    ]


def test_without_a_number_it_is_about_what_was_asked_last_and_has_its_number(alpha):
    send(alpha, "update_firmware", UPDATE | {"request_id": 1})
    command = send(alpha, "update_firmware", UPDATE | {"request_id": 2})
    say(alpha, "Downloading", "Installed", "Installed")
    assert steps(command) == ["Downloading", "Installed"]
    assert [data["request_id"] for _, data in told(alpha, "firmware.status_changed")] == [2, 2]


SIGNED = {"signature": "c2ln", "signing_certificate": "PEM"}


def test_a_message_without_numbers_is_not_about_an_update_that_was_signed(alpha, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    said = firmware_images.Description(version="2.0", signature="c2ln", signing_certificate=EXAMPLE)
    image = firmware_images.add(alpha.network, "f.bin", [b"x"], said, by="user:alice")
    plain = send(alpha, "update_firmware", UPDATE | {"request_id": 1})
    signed = send(alpha, "update_firmware", UPDATE | SIGNED | {"request_id": 2})
    stored = send(alpha, "update_firmware", {"image": image.pk, "request_id": 3})
    say(alpha, "Downloading", unnumbered=True)
    say(alpha, "Downloaded", request_id=2)
    say(alpha, "Installing")
    assert [steps(each) for each in (plain, signed, stored)] == [
        ["Downloading"], ["Downloaded"], ["Installing"]
    ]  # fmt: skip


def test_a_message_without_numbers_is_about_nothing_where_all_was_signed(alpha):
    signed = send(alpha, "update_firmware", UPDATE | SIGNED)
    say(alpha, "Downloading", unnumbered=True)
    assert steps(signed) == []
    assert told(alpha)[0][1]["command_id"] is None


def test_what_is_done_is_not_gone_on_with_but_a_failure_is_tried_again(alpha):
    command = send(alpha, "update_firmware", UPDATE)
    say(alpha, "Downloading", "DownloadFailed", "Downloading", "Installed", "Downloading", "Idle")
    assert steps(command) == ["Downloading", "DownloadFailed", "Downloading", "Installed"]
    assert told(alpha)[-1][1]["command_id"] is None


@pytest.mark.parametrize("state", [CommandState.REJECTED, CommandState.FAILED])
def test_nothing_belongs_to_what_was_refused(alpha, state):
    older = send(alpha, "update_firmware", UPDATE)
    refused = send(alpha, "update_firmware", UPDATE, state)
    say(alpha, "Downloading")
    assert (steps(older), steps(refused)) == (["Downloading"], [])


def test_nothing_belongs_to_what_was_not_sent_or_to_another_station(alpha, bravo):
    waiting = ask(alpha, "update_firmware", UPDATE | {"request_id": 1})
    other = send(bravo, "update_firmware", UPDATE | {"request_id": 1})
    say(alpha, "Downloading", request_id=1)
    assert (steps(waiting), steps(other)) == ([], [])


def test_an_update_that_gave_way_to_another_says_so(bravo):
    first, second = (send(bravo, "update_firmware", UPDATE | {"request_id": number}) for number in (1, 2))
    say(bravo, "Downloading", request_id=1)
    tell(progress.update_replaced, bravo, 2)
    assert (steps(first), steps(second)) == (["Downloading", "AcceptedCanceled"], [])


def test_an_update_that_is_done_gave_way_to_nothing(bravo):
    first = send(bravo, "update_firmware", UPDATE | {"request_id": 1})
    say(bravo, "Installed", request_id=1)
    tell(progress.update_replaced, bravo, 2)
    assert steps(first) == ["Installed"]


def test_a_publication_ends_with_where_it_is(bravo):
    command = send(bravo, "publish_firmware", UPDATE | {"checksum": MD5, "request_id": 7})
    for word in ("Downloading", "Published", "Published"):
        report = PublicationReport(
            status=word, request_id=7, locations=("http://a/f",) if word == "Published" else ()
        )
        tell(progress.publication, bravo, report)
    assert steps(command) == ["Downloading", "Published"]
    assert command.firmware_steps.last().locations == ["http://a/f"]
    events = told(bravo, "firmware.publish_status_changed")
    assert [data["locations"] for _, data in events] == [None, ["http://a/f"]]


# ── logs ────────────────────────────────────────────────────────────────────────────────────────────────


def upload(station, request_id, **said):
    """A log that the station agreed to upload."""
    command = ask(station, "get_log", {"request_id": request_id, **said})
    station_logs.open_for(station, catalogue.parse("get_log", command.params))
    Command.objects.filter(pk=command.pk).update(state="accepted", sent_at=command.created_at)
    return StationLog.objects.get(command=command)


def test_each_upload_has_its_own_status(bravo):
    first, second = upload(bravo, 1), upload(bravo, 2)
    for number, word in ((1, "Uploading"), (1, "AcceptedCanceled"), (2, "Uploading"), (2, "Uploaded")):
        tell(progress.log, bravo, ProgressReport(status=word, request_id=number))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("AcceptedCanceled", "Uploaded")
    assert [data["command_id"] for _, data in told(bravo, "log.status_changed")] == [first.command_id] * 2 + [
        second.command_id
    ] * 2


def test_an_upload_without_a_number_is_the_one_that_was_asked_last(alpha):
    upload(alpha, 1)
    log = upload(alpha, 2)
    for word in ("Uploading", "UploadFailed", "Uploading", "Uploaded", "Idle"):
        tell(progress.log, alpha, ProgressReport(status=word))
    log.refresh_from_db()
    assert log.status == "Uploaded"
    assert [data["request_id"] for _, data in told(alpha, "log.status_changed")] == [2, 2, 2, 2, None]


def test_the_status_of_diagnostics_is_not_about_what_get_log_asked_for(alpha):
    logs = (
        upload(alpha, 1),
        upload(alpha, 2, security_extension=True),
        upload(alpha, 3, log_type="SecurityLog"),
    )
    tell(progress.log, alpha, ProgressReport(status="Uploading", unnumbered=True))
    for log in logs:
        log.refresh_from_db()
    assert [log.status for log in logs] == ["Uploading", "", ""]


def test_an_upload_that_gave_way_is_told_once(bravo):
    first, second = upload(bravo, 1), upload(bravo, 2)
    tell(progress.upload_replaced, bravo, 2)
    tell(progress.log, bravo, ProgressReport(status="AcceptedCanceled", request_id=1))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("AcceptedCanceled", "")


# ── followed to its effect ──────────────────────────────────────────────────────────────────────────────


def followed(station, **params):
    """An update that the station agreed to."""
    command = ask(station, "update_firmware", UPDATE | {"request_id": 7} | params)
    with unit_of_work.begin(), clock.at(NOON):
        command_claims.mark_sent(command, command.pk, 1)
        following.begin(station, command, catalogue.parse(command.name, command.params))
        command_ends.settle(command, Outcome(state=CommandState.ACCEPTED, status="Accepted"), raw={})
    station.is_followed = True
    return command


def verification(command):
    command.refresh_from_db()
    return command.outcome["verification"]


def boot(station, version):
    tell(following.seen, station, Effect.BOOT, reason=None, firmware_version=version)


def test_an_update_is_verified_when_it_is_installed_and_boots_with_another_version(alpha):
    alpha.firmware_version = "1.0"
    command = followed(alpha)
    assert verification(command)["within_s"] == 86_400
    say(alpha, "Downloading", "Installing", "Installed")
    boot(alpha, "1.0")
    assert verification(command)["state"] == "pending"
    boot(alpha, "1.1")
    assert verification(command)["state"] == "verified"


def test_an_image_of_the_store_is_verified_by_its_version(bravo, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    said = firmware_images.Description(version="2.0")
    image = firmware_images.add(bravo.network, "f.bin", [b"x"], said, by="user:alice")
    command = ask(bravo, "update_firmware", {"image": image.pk, "request_id": 7})
    with unit_of_work.begin():
        following.begin(bravo, command, catalogue.parse(command.name, command.params))
    (steps,) = FollowUp.objects.values_list("awaited", flat=True)
    assert {step["effect"]: step["like"] for step in steps} == {
        "firmware": {"status": "Installed", "request_id": 7},
        "boot": {"firmware_version": "2.0"},
    }


def test_an_update_that_is_to_come_later_is_waited_for(bravo):
    command = followed(bravo, install_date_time="2026-05-05T12:00:00Z")
    assert verification(command)["within_s"] == 2 * 86_400


def test_an_update_that_fails_is_not_seen_at_once(bravo):
    command = followed(bravo)
    say(bravo, "Downloading", "DownloadFailed", request_id=7)
    assert verification(command)["state"] == "not_seen"


@pytest.mark.parametrize(
    ("said", "word", "state"),
    [
        ({}, "DownloadFailed", "pending"),
        ({"retries": 2}, "DownloadFailed", "pending"),
        ({"retries": 0}, "DownloadFailed", "not_seen"),
        ({}, "InstallationFailed", "not_seen"),
        (SIGNED, "DownloadFailed", "not_seen"),
    ],
)
def test_a_download_without_a_signature_may_be_tried_again_in_1_6(alpha, said, word, state):
    alpha.firmware_version = "1.0"
    command = followed(alpha, **said)
    say(alpha, "Downloading", word, request_id=7)
    assert verification(command)["state"] == state
    if state == "pending":
        say(alpha, "Downloading", "Installed", unnumbered=True)
        boot(alpha, "1.1")
        assert verification(command)["state"] == "verified"


def test_the_failure_of_an_older_update_says_nothing_of_a_newer_one(bravo):
    send(bravo, "update_firmware", UPDATE | {"request_id": 6})
    command = followed(bravo)
    say(bravo, "DownloadFailed", request_id=6)
    assert verification(command)["state"] == "pending"
