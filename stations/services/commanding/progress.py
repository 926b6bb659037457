"""How far an update of the firmware, or an upload of a log, has come; each bound to the command that asked.

A status that repeats the one before says nothing, and is not told again. 1.6 has messages without a request
id: those are about what was asked last by a message without one, until that is done.
"""

from collections.abc import Collection

from django.db.models import QuerySet

from emobi.core import clock, events, unit_of_work
from stations.commands.logs import LogType
from stations.models import Command, CommandState, FirmwareImage, FirmwareStep, Station, StationLog
from stations.models.firmware import LONGEST_STATUS
from stations.reports import ProgressReport, PublicationReport
from stations.services.commanding import following
from stations.services.commanding.awaited import Effect

# 1.6's DiagnosticsStatus where 2.0.1's UploadLogStatusEnumType has another word.
_WORDS = {"UploadFailed": "UploadFailure"}

# Said when asked while nothing goes on; it is about no command (2.0.1 L01.FR.25, N01.FR.13).
IDLE = "Idle"
# A newer command took its place; in firmware's statuses our word, in logs' 2.0.1's.
CANCELED = "AcceptedCanceled"
INSTALLED = "Installed"
# Failure end states of an update (2.0.1 section 3.33).
FAILURES = frozenset(
    {"DownloadFailed", "InstallationFailed", "InstallVerificationFailed", "InvalidSignature", CANCELED}
)
# After these nothing follows. After a failure a station may try again.
_DONE = frozenset({INSTALLED, "Published", "Uploaded", CANCELED})

# Of what was asked by one of two messages the last one is looked for among so many.
_RECENT = 20

UPDATES = ("update_firmware",)
PUBLICATIONS = ("publish_firmware",)

# In these nothing goes on. What was never answered may have been done.
_REFUSED = (CommandState.REJECTED, CommandState.FAILED)


def firmware(station: Station, report: ProgressReport) -> None:
    """Take note of a FirmwareStatusNotification."""
    status = report.status[:LONGEST_STATUS]
    with unit_of_work.begin():
        command = _asked(station, UPDATES, report, status)
        if command is not None:
            new = _add_step(station, command, status)
            _tell_followers(station, command, status)
        else:
            new = station.firmware_status != status
        Station.objects.filter(pk=station.pk).update(firmware_status=status)
        station.firmware_status = status
        if new:
            events.record(
                station.subject,
                events.FirmwareStatusChanged(
                    status=status,
                    request_id=_number(report.request_id, command),
                    command_id=command.pk if command else None,
                    received_at=clock.now(),
                ),
            )


def _tell_followers(station: Station, command: Command, status: str) -> None:
    """What is awaited of an update has come, or can't come any more."""
    number = command.params.get("request_id")
    if status == INSTALLED:
        following.seen(station, Effect.FIRMWARE, status=status, request_id=number)
    elif has_failed(station, command, status) and _sent(station, UPDATES).first() == command:
        following.refuted(station, Effect.FIRMWARE, status=status, request_id=number)


def has_failed(station: Station, command: Command, status: str) -> bool:
    """Whether a status ends an update without success.

    A station of 1.6 says of what isn't signed each time that it couldn't fetch it, and tries again by itself
    unless it was told not to (section 5.19).
    """
    tries_again = (
        status == "DownloadFailed"
        and station.ocpp_version == "1.6"
        and command.params.get("retries") != 0
        and not _is_signed(command)
    )
    return status in FAILURES and not tries_again


def publication(station: Station, report: PublicationReport) -> None:
    """Take note of a PublishFirmwareStatusNotification."""
    status = report.status[:LONGEST_STATUS]
    with unit_of_work.begin():
        command = _asked(station, PUBLICATIONS, report, status)
        if command is None or _add_step(station, command, status, report.locations):
            events.record(
                station.subject,
                events.FirmwarePublishStatusChanged(
                    status=status,
                    request_id=_number(report.request_id, command),
                    command_id=command.pk if command else None,
                    locations=report.locations or None,
                    received_at=clock.now(),
                ),
            )


def log(station: Station, report: ProgressReport) -> None:
    """Take note of a LogStatusNotification, or of 1.6's DiagnosticsStatusNotification."""
    status = _WORDS.get(report.status, report.status)[:LONGEST_STATUS]
    with unit_of_work.begin():
        upload = _upload(station, report, status)
        previous = upload.status if upload else station.log_status
        Station.objects.filter(pk=station.pk).update(log_status=status)
        station.log_status = status
        if previous != status:
            if upload:
                upload.status, upload.status_at = status, clock.now()
                upload.save(update_fields=["status", "status_at"])
            events.record(
                station.subject,
                events.LogStatusChanged(
                    status=status,
                    request_id=_number(report.request_id, upload.command if upload else None),
                    command_id=upload.command_id if upload else None,
                    received_at=clock.now(),
                ),
            )


def update_replaced(station: Station, request_id: int | None) -> None:
    """The station gave up the update before the one of this number, to begin that one."""
    with unit_of_work.begin():
        older = _sent(station, UPDATES).exclude(params__request_id=request_id).first()
        if older is not None and _last(older) not in _DONE:
            _add_step(station, older, CANCELED)


def upload_replaced(station: Station, request_id: int | None) -> None:
    """The station gave up the upload before the one of this number. 2.0.1 stations say so themselves, too."""
    older = (
        _uploads(station).exclude(command__params__request_id=request_id).exclude(status__in=_DONE).first()
    )
    if older is not None:
        older.status, older.status_at = CANCELED, clock.now()
        older.save(update_fields=["status", "status_at"])


def _asked(station: Station, names: Collection[str], report: ProgressReport, status: str) -> Command | None:
    """The command that a status is about."""
    if status == IDLE:
        return None
    sent = _sent(station, names)
    if report.request_id is not None:
        return sent.filter(params__request_id=report.request_id).first()
    of_it = (each for each in sent[:_RECENT] if not (report.unnumbered and _is_signed(each)))
    newest = next(of_it, None)
    done = newest is not None and _last(newest) in _DONE - {status}
    return None if done else newest


def _is_signed(command: Command) -> bool:
    """Whether an update was asked for by 1.6's SignedUpdateFirmware."""
    params = command.params
    if params.get("image"):
        return FirmwareImage.objects.filter(pk=params["image"]).exclude(signature="").exists()
    return bool(params.get("signature") or params.get("signing_certificate"))


def _sent(station: Station, names: Collection[str]) -> QuerySet[Command]:
    """What the station was asked, and hasn't refused, the newest first."""
    sent = Command.objects.filter(station=station, name__in=names, sent_at__isnull=False)
    return sent.exclude(state__in=_REFUSED).order_by("-pk")


def _upload(station: Station, report: ProgressReport, status: str) -> StationLog | None:
    """The log that a status is about."""
    if status == IDLE:
        return None
    uploads = _uploads(station)
    if report.request_id is not None:
        return uploads.filter(command__params__request_id=report.request_id).first()
    of_it = (each for each in uploads[:_RECENT] if not (report.unnumbered and _is_numbered(each)))
    newest = next(of_it, None)
    return None if newest is not None and newest.status in _DONE - {status} else newest


def _is_numbered(log: StationLog) -> bool:
    """Whether an upload was asked for by GetLog of 1.6's security extension."""
    return log.type == LogType.SECURITY or bool(log.command.params.get("security_extension"))


def _uploads(station: Station) -> QuerySet[StationLog]:
    sent = StationLog.objects.filter(station=station, command__sent_at__isnull=False)
    return sent.exclude(command__state__in=_REFUSED).select_related("command").order_by("-pk")


def _add_step(station: Station, command: Command, status: str, locations: Collection[str] = ()) -> bool:
    """Add a status to the way of a command; False if it is the last one once more."""
    if _last(command) == status:
        return False
    FirmwareStep.objects.create(
        station=station,
        command=command,
        status=status,
        locations=list(locations),
        received_at=clock.now(),
    )
    return True


def _last(command: Command) -> str | None:
    return command.firmware_steps.order_by("-pk").values_list("status", flat=True).first()


def _number(said: int | None, command: Command | None) -> int | None:
    """The request id: as the station says it, else that of the command."""
    if said is None and command is not None:
        number: int | None = command.params.get("request_id")
        return number
    return said
