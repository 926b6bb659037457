"""Logs that stations upload to us: one file for one command, by a URL that only its station was told."""

import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, NotFound
from stations import file_addresses, file_store
from stations.commands.logs import GetLog
from stations.models import Command, CommandState, Station, StationLog

# Slow modems, and stations that try again: so long an upload may take from the moment it was asked for.
VALID_FOR = timedelta(hours=24)
LONGEST_FILENAME = 255
# The next look takes more.
AT_ONCE = 1000


def open_for(station: Station, asked: GetLog) -> str:
    """Where the station is to upload what it is asked for; ours unless the command says otherwise.

    Idempotent: the same command, said again, names the same place.

    Raises:
        Conflict: If no such command waits for the station.
    """
    command = _command(station, asked)
    ours = asked.remote_location is None
    log, _ = StationLog.objects.get_or_create(
        command=command,
        defaults={
            "id": ulid.new(),
            "station": station,
            "type": asked.log_type.value,
            "token": secrets.token_urlsafe(32) if ours else None,
            "expires_at": command.expires_at + VALID_FOR if ours else None,
        },
    )
    return file_addresses.log_url(log.token) if log.token else asked.remote_location or ""


def _command(station: Station, asked: GetLog) -> Command:
    """The command that is about to be said: the oldest of this number that waits."""
    found = (
        Command.objects.filter(station=station, name="get_log", state=CommandState.QUEUED)
        .filter(params__request_id=asked.request_id)
        .order_by("pk")
        .first()
    )
    if found is None:
        raise Conflict("No command asks for this log.")
    return found


def by_token(token: str) -> StationLog:
    """The log that may be uploaded with ``token``.

    Raises:
        NotFound: If there is none, or its time is over.
    """
    found = StationLog.objects.filter(token=token, expires_at__gt=clock.now()).first()
    if found is None:
        raise NotFound("Nothing may be uploaded here.")
    return found


def receive(log: StationLog, chunks: Iterable[bytes], filename: str) -> bool:
    """Keep the file of a log, once; False if it is here already.

    Idempotent: a station that missed our answer uploads the same file again, which changes nothing.

    Raises:
        file_store.TooLarge: If it is more than EMOBI_UPLOAD_LIMIT_MB.
        file_store.Empty: If it is nothing.
        Conflict: If another file came before.
    """
    written = file_store.write(chunks)
    try:
        with unit_of_work.begin() as work:
            kept = StationLog.objects.select_for_update(of=("self",)).select_related("station").get(pk=log.pk)
            if kept.stored_at is not None:
                if kept.sha256 != written.sha256:
                    raise Conflict("Another file was uploaded here before.")
                return False
            kept.size, kept.sha256, kept.stored_at = written.size, written.sha256, clock.now()
            kept.filename = kept.filename or _plain(filename)
            kept.save(update_fields=["size", "sha256", "stored_at", "filename"])
            file_store.keep(written, file_store.LOGS, kept.pk)
            work.nudge(f"live.{kept.station.network_id}", kept.station.identity)
            return True
    finally:
        file_store.discard(written)


def named(station: Station, asked: GetLog, filename: str) -> None:
    """The station said how it calls the file that it will upload."""
    of_command = StationLog.objects.filter(
        station=station, command__name="get_log", command__params__request_id=asked.request_id
    )
    newest = of_command.order_by("-pk").first()
    if newest is not None:
        newest.filename = _plain(filename)
        newest.save(update_fields=["filename"])


def forget_the_old() -> None:
    """Forget logs, files and all, as old as messages are when they are dropped. Safe to run any time."""
    before = clock.now() - timedelta(days=settings.EMOBI_MESSAGE_RETENTION_DAYS)
    old = list(StationLog.objects.filter(created_at__lt=before).values_list("pk", flat=True)[:AT_ONCE])
    StationLog.objects.filter(pk__in=old).delete()
    for log_id in old:
        file_store.delete(file_store.LOGS, log_id)
    file_store.sweep(
        file_store.LOGS, lambda names: StationLog.objects.filter(pk__in=names).values_list("pk", flat=True)
    )


def _plain(filename: str) -> str:
    """A file's name without its folders, in characters that can be shown."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(filter(str.isprintable, last)).strip()[:LONGEST_FILENAME]
