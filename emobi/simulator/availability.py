"""ChangeAvailability.

Source: OCPP 1.6 section 5.2; OCPP 2.0.1 part 2, G03 and G04. What is set survives a reboot. It is
set at once; where a transaction runs the EVSE keeps reporting it, and its new state afterwards.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emobi.simulator import reservations, statuses
from emobi.simulator.evse import Evse

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def change_evses(evses: Sequence[Evse], *, operative: bool) -> str:
    """Set the EVSEs and return the answer: Scheduled where a transaction is in the way."""
    changed = [evse for evse in evses if evse.operative != operative]
    for evse in changed:
        evse.operative = operative
    return "Scheduled" if any(evse.session is not None for evse in changed) else "Accepted"


def change_station(station: "Station", *, operative: bool) -> str:
    """Set the station as a whole; each EVSE keeps its own setting for later (G04.FR.08)."""
    if station.operative == operative:
        return "Accepted"
    station.operative = operative
    return "Scheduled" if station.evses.charging else "Accepted"


async def take_effect(station: "Station") -> None:
    """Say what has changed; reservations of what is out of service now are gone (H01.FR.17)."""
    for evse in station.evses:
        if not station.is_operative(evse):
            await reservations.drop(station, evse, "Removed")
    await statuses.report_all(station)
