"""`/stations/{identity}/firmware` and `/stations/{identity}/logs`: its updates, and what it wrote down."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Time
from emobi.core import file_answers
from emobi.core.errors import NotFound
from emobi.core.file_answers import StoredFile
from stations import file_store, maintenance, selectors
from stations.models import Command, CommandState, StationLog

router = Router(tags=["firmware"])


class FirmwareStepOut(BaseModel):
    """A status on the way."""

    status: str = Field(description="OCPP 2.0.1's word.")
    received_at: Time
    locations: list[str] | None = Field(description="Where a local controller offers the file.")


class FirmwareUpdateOut(BaseModel):
    """What the station was asked about its firmware, and how far that has come."""

    command_id: str
    command: str
    state: CommandState = Field(description="Of the command: whether the station agreed.")
    verification: str | None = Field(
        description="pending, verified (it booted with the new version) or not_seen; null: nothing to see."
    )
    image_id: str | None
    version: str | None = Field(description="Of the image; null: unknown.")
    location: str | None = Field(description="Of somebody else's file.")
    request_id: int | None
    status: str | None = Field(description="The last one.")
    steps: list[FirmwareStepOut]
    requested_by: str
    created_at: Time
    sent_at: Time | None


class StationLogOut(BaseModel):
    """A log that the station was asked for."""

    log_id: str
    command_id: str
    type: str = Field(description="DiagnosticsLog or SecurityLog.")
    state: CommandState = Field(description="Of the command: whether the station agreed.")
    status: str | None = Field(description="Of the upload, in OCPP 2.0.1's words.")
    status_at: Time | None
    filename: str | None
    location: str | None = Field(description="Where it was to go, if not to us.")
    stored: bool = Field(description="Whether it is here: `…/logs/{log_id}/content`.")
    size: int | None = Field(description="In bytes.")
    sha256: str | None
    stored_at: Time | None
    created_at: Time


@router.get(
    "/{segment:identity}/firmware",
    response=paging.Page[FirmwareUpdateOut],
    summary="A station's firmware updates, the newest first",
)
def list_firmware_updates(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """With every status on the way, when it was first said."""
    station = selectors.station(auth.network_of(request), identity)
    asked = maintenance.update_commands(station, before=paging.decode(cursor))
    found = list(asked[: limit + 1])
    versions = maintenance.image_versions(station.network, found)
    return {
        "items": [_update(command, versions) for command in found[:limit]],
        "next": paging.encode(found[limit - 1].pk) if len(found) > limit else None,
    }


def _update(command: Command, versions: dict[str, str]) -> dict[str, Any]:
    params = command.shown_params
    steps = [
        {"status": step.status, "received_at": step.received_at, "locations": step.locations or None}
        for step in command.firmware_steps.all()
    ]
    verification = (command.outcome or {}).get("verification") or {}
    return {
        "command_id": command.pk,
        "command": command.name,
        "state": command.state,
        "verification": verification.get("state"),
        "image_id": params.get("image"),
        "version": versions.get(params.get("image", "")),
        "location": params.get("location"),
        "request_id": params.get("request_id"),
        "status": steps[-1]["status"] if steps else None,
        "steps": steps,
        "requested_by": command.requested_by,
        "created_at": command.created_at,
        "sent_at": command.sent_at,
    }


@router.get(
    "/{segment:identity}/logs",
    response=paging.Page[StationLogOut],
    summary="Logs that a station was asked for, the newest first",
)
def list_logs(
    request: HttpRequest, identity: str, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Kept for `EMOBI_MESSAGE_RETENTION_DAYS`."""
    station = selectors.station(auth.network_of(request), identity)
    found = maintenance.logs(station, before=paging.decode(cursor))
    return paging.page(found, limit, key=lambda log: log.pk, shown=_log)


def _log(log: StationLog) -> dict[str, Any]:
    return {
        "log_id": log.pk,
        "command_id": log.command_id,
        "type": log.type,
        "state": log.command.state,
        "status": log.status or None,
        "status_at": log.status_at,
        "filename": log.filename or None,
        "location": log.command.shown_params.get("remote_location"),
        "stored": log.stored_at is not None,
        "size": log.size,
        "sha256": log.sha256 or None,
        "stored_at": log.stored_at,
        "created_at": log.created_at,
    }


@router.get(
    "/{segment:identity}/logs/{segment:log_id}/content",
    summary="A log itself",
    openapi_extra={
        "responses": {
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
        }
    },
)
def download_log(request: HttpRequest, identity: str, log_id: str) -> HttpResponseBase:
    """The file as the station uploaded it, to be saved; ranges are served. One that isn't here is a 404."""
    station = selectors.station(auth.network_of(request), identity)
    log = maintenance.log(station, log_id)
    if log.stored_at is None or log.size is None:
        raise NotFound("This log hasn't come to us.")
    file = StoredFile(
        path=file_store.path(file_store.LOGS, log.pk),
        filename=log.filename or f"{station.identity}-{log.type}.log",
        size=log.size,
        sha256=log.sha256,
    )
    try:
        return file_answers.answer(request, file)
    except file_answers.Gone:
        raise NotFound("The file of this log is gone.") from None
