"""Reset of a station or of one EVSE.

Source: OCPP 1.6 section 5.14; OCPP 2.0.1 part 2, B11 and B12.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emobi.simulator import statuses
from emobi.simulator.evse import Evse
from emobi.simulator.moments import BootReason, StopReason

if TYPE_CHECKING:
    from emobi.simulator.station import Station

# Simulated seconds that one EVSE is away.
EVSE_RESET_S = 10.0


@dataclass(frozen=True, slots=True)
class ScheduledReset:
    """Waits until no transaction is in its way; ``evse_id`` None is the whole station."""

    evse_id: int | None


async def reset_gracefully(station: "Station", stop_reason: StopReason, boot_reason: BootReason) -> None:
    """End the transactions while connected, then reboot."""
    for evse in station.evses.charging:
        await station.stop(evse.evse_id, stop_reason)
    await station.lifeline.restart(boot_reason)


async def reset_hard(station: "Station") -> None:
    """Restart the hardware of 1.6 at once: the ends of transactions are told after the boot."""
    station.lifeline.go_down(BootReason.REMOTE_RESET)
    for evse in station.evses.charging:
        await station.stop(evse.evse_id, StopReason.HARD_RESET)
    await station.lifeline.restart(BootReason.REMOTE_RESET, abruptly=True)


async def reset_evse(station: "Station", evse: Evse) -> None:
    if evse.session is not None:
        await station.stop(evse.evse_id, StopReason.IMMEDIATE_RESET)
    evse.resetting = True
    await statuses.report(station, evse.evse_id)
    await station.pause(EVSE_RESET_S)
    evse.resetting = False
    await statuses.report(station, evse.evse_id)


async def carry_out_scheduled(station: "Station") -> None:
    """Do the resets whose transactions have ended."""
    for scheduled in list(station.scheduled_resets):
        if any(evse.session is not None for evse in station.evses.at(scheduled.evse_id or 0)):
            continue
        station.scheduled_resets.remove(scheduled)
        if scheduled.evse_id is None:
            station.spawn(reset_gracefully(station, StopReason.REBOOT, BootReason.SCHEDULED_RESET))
        else:
            station.spawn(reset_evse(station, station.evse(scheduled.evse_id)))
