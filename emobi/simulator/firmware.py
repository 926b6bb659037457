"""Firmware updates and uploads of logs, with every status on the way.

Source: OCPP 1.6 sections 4.4, 4.5, 5.9 and 5.19; OCPP 2.0.1 part 2, L01, L02 and N01. Files over HTTP are
really fetched and left (`emobi.simulator.transfers`); their installation is simulated.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emobi.simulator import resets, transfers
from emobi.simulator.moments import BootReason, StopReason

if TYPE_CHECKING:
    from emobi.simulator.station import Station

# Simulated seconds of each step.
TRANSFER_S = 60.0
VERIFY_S = 5.0
INSTALL_S = 30.0

IDLE = "Idle"


@dataclass(slots=True)
class Job:
    """An update or an upload under way, or the last one.

    Attributes:
        status: What was last reported.
        request_id: None in 1.6, which has none.
    """

    status: str = IDLE
    request_id: int | None = None
    task: asyncio.Task[Any] | None = None

    @property
    def running(self) -> bool:
        return self.task is not None and not self.task.done()


@dataclass(frozen=True, kw_only=True, slots=True)
class Update:
    """What UpdateFirmware asks for.

    Attributes:
        signature: Its check is reported; None in 1.6's UpdateFirmware.
        certificate: In PEM, whose signature that is.
    """

    location: str
    retrieve_at: datetime
    install_at: datetime | None = None
    request_id: int | None = None
    signature: str | None = None
    certificate: str = ""


def next_version(location: str, version: str) -> str:
    """The version in the file's name, else the one after ``version``."""
    named = re.search(r"(\d+\.\d+(?:\.\d+)*)(?=[^/]*$)", urlsplit(location).path)
    if named is not None:
        return named[1]
    *head, last = version.split(".")
    return ".".join([*head, str(int(last) + 1) if last.isdecimal() else last + ".1"])


async def run_update(station: "Station", wanted: Update) -> None:
    """Make the task that runs this the station's firmware job, and run it."""
    job = station.firmware_job
    job.request_id, job.task = wanted.request_id, asyncio.current_task()
    await _update(station, job, wanted)


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """What GetLog or GetDiagnostics asks for.

    Attributes:
        failure: The version's word for a transfer that failed.
    """

    location: str
    filename: str
    failure: str
    request_id: int | None = None


async def run_upload(station: "Station", wanted: Upload) -> None:
    """Make the task that runs this the station's log job, and run it."""
    job = station.log_job
    job.request_id, job.task = wanted.request_id, asyncio.current_task()
    await _upload(station, job, wanted)


async def _update(station: "Station", job: Job, wanted: Update) -> None:
    """Download, verify, install once no transaction runs, reboot with the new version."""
    if wanted.retrieve_at > station.now() and wanted.request_id is not None:
        await _step(station, job, "DownloadScheduled")
    await station.wait_until(wanted.retrieve_at)
    await _step(station, job, "Downloading")
    await station.pause(TRANSFER_S)
    try:
        file = await transfers.fetch(wanted.location)
    except transfers.Failed:
        await _step(station, job, "DownloadFailed")
        return
    await _step(station, job, "Downloaded")
    if wanted.signature is not None:
        await station.pause(VERIFY_S)
        if not transfers.is_signed(file, wanted.signature, wanted.certificate):
            await _step(station, job, "InvalidSignature")
            await station.security_event("InvalidFirmwareSignature", wanted.location)
            return
        await _step(station, job, "SignatureVerified")
    if wanted.install_at is not None and wanted.install_at > station.now():
        await _step(station, job, "InstallScheduled")
        await station.wait_until(wanted.install_at)
    await station.evses.until_idle()
    await _install(station, job, wanted)


async def _upload(station: "Station", job: Job, wanted: Upload) -> None:
    await _log_step(station, job, "Uploading")
    await station.pause(TRANSFER_S)
    try:
        await transfers.leave(wanted.location, wanted.filename, _log(station))
    except transfers.Failed:
        await _log_step(station, job, wanted.failure)
        return
    await _log_step(station, job, "Uploaded")


def _log(station: "Station") -> bytes:
    """What the station has written down of itself."""
    plan = station.plan
    lines = [
        f"{station.now().isoformat()} {plan.vendor} {plan.model} {plan.serial_number}",
        f"firmware {station.firmware_version}, OCPP {plan.version}, EVSEs {len(station.evses)}",
        *station.sent,
    ]
    return "\n".join(lines).encode()


def cancel(job: Job) -> bool:
    """Stop a job that runs; False if none does."""
    if not job.running or job.task is None:
        return False
    job.task.cancel()
    return True


async def _install(station: "Station", job: Job, wanted: Update) -> None:
    await _step(station, job, "Installing")
    await station.pause(INSTALL_S)
    if wanted.request_id is not None:
        await _step(station, job, "InstallRebooting")
    station.firmware_version = next_version(wanted.location, station.firmware_version)
    await resets.reset_gracefully(station, StopReason.REBOOT, BootReason.FIRMWARE_UPDATE)
    await station.lifeline.accepted.wait()
    await _step(station, job, "Installed")
    if wanted.request_id is not None:
        await station.security_event("FirmwareUpdated", station.firmware_version)


async def _step(station: "Station", job: Job, status: str) -> None:
    job.status = status
    await station.tell(station.dialect.firmware_status(status, job.request_id))


async def _log_step(station: "Station", job: Job, status: str) -> None:
    job.status = status
    await station.tell(station.dialect.log_status(status, job.request_id))
