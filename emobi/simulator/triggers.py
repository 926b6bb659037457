"""What TriggerMessage makes a station say; both versions agree on all but the names.

Source: OCPP 1.6 section 5.17; OCPP 2.0.1 part 2, F06. It is said while Pending too (B02.FR.02).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emobi.simulator import charging, statuses
from emobi.simulator.dialect import Report
from emobi.simulator.evse import Evse
from emobi.simulator.firmware import IDLE
from emobi.simulator.moments import ReadingContext

if TYPE_CHECKING:
    from emobi.simulator.station import Station


async def tell_heartbeat(station: "Station") -> None:
    await station.tell(Report("Heartbeat", {}), asked=True)


async def tell_statuses(station: "Station", places: Sequence[int]) -> None:
    for place in places:
        await statuses.repeat(station, place)


async def tell_readings(station: "Station", evses: Sequence[Evse]) -> None:
    for evse in evses:
        await charging.report_readings(station, evse, ReadingContext.TRIGGER, asked=True)


async def tell_firmware(station: "Station") -> None:
    """The last status said, Idle after Installed (L01.FR.25 and .26)."""
    job = station.firmware_job
    over = job.status in {IDLE, "Installed"}
    status, request_id = (IDLE, None) if over else (job.status, job.request_id)
    await station.tell(station.dialect.firmware_status(status, request_id), asked=True)


async def tell_log(station: "Station") -> None:
    """Uploading while a log goes out, else Idle (F06.FR.14 and .15)."""
    job = station.log_job
    status, request_id = ("Uploading", job.request_id) if job.running else (IDLE, None)
    await station.tell(station.dialect.log_status(status, request_id), asked=True)


async def ask_for_certificate(station: "Station") -> None:
    csr = station.certificates.request(station.plan.serial_number, station.plan.operator)
    await station.tell(station.dialect.sign_certificate(csr), asked=True)
