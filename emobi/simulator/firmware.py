"""Firmware updates and uploads of logs, with every status on the way.

Source: OCPP 1.6 sections 4.4, 4.5, 5.9 and 5.19; OCPP 2.0.1 part 2, L01, L02 and N01. The transfer
itself is simulated: nothing is fetched or sent. A host under ".invalid" (RFC 2606) can't be reached,
and a scheme that isn't FTP, HTTP or SFTP isn't spoken; both fail as a real transfer would.
"""

import asyncio
import re
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from emobi.simulator import resets
from emobi.simulator.moments import BootReason, StopReason

if TYPE_CHECKING:
    from emobi.simulator.station import Station

SCHEMES = ("ftp", "ftps", "http", "https", "sftp")

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
        verified: A signature came along and its check is reported; never in 1.6's UpdateFirmware.
    """

    location: str
    retrieve_at: datetime
    install_at: datetime | None = None
    request_id: int | None = None
    verified: bool = False


def reachable(location: str) -> bool:
    parts = urlsplit(location)
    return parts.scheme in SCHEMES and bool(parts.hostname) and not str(parts.hostname).endswith(".invalid")


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


async def run_upload(station: "Station", location: str, request_id: int | None, failure: str) -> None:
    """Upload a log; ``failure`` is the version's word for a transfer that failed."""
    job = station.log_job
    job.request_id, job.task = request_id, asyncio.current_task()
    await _upload(station, job, location, failure)


async def _update(station: "Station", job: Job, wanted: Update) -> None:
    """Download, verify, install once no transaction runs, reboot with the new version."""
    if wanted.retrieve_at > station.now() and wanted.request_id is not None:
        await _step(station, job, "DownloadScheduled")
    await station.wait_until(wanted.retrieve_at)
    await _step(station, job, "Downloading")
    await station.pause(TRANSFER_S)
    if not reachable(wanted.location):
        await _step(station, job, "DownloadFailed")
        return
    await _step(station, job, "Downloaded")
    if wanted.verified:
        await station.pause(VERIFY_S)
        await _step(station, job, "SignatureVerified")
    if wanted.install_at is not None and wanted.install_at > station.now():
        await _step(station, job, "InstallScheduled")
        await station.wait_until(wanted.install_at)
    await station.evses.until_idle()
    await _install(station, job, wanted)


async def _upload(station: "Station", job: Job, location: str, failure: str) -> None:
    await _log_step(station, job, "Uploading")
    await station.pause(TRANSFER_S)
    await _log_step(station, job, "Uploaded" if reachable(location) else failure)


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
