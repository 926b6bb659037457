"""Faults come and go.

Source: OCPP 1.6 sections 4.9 and 7.6; OCPP 2.0.1 part 2, N07 and E06.FR.16.
"""

from typing import TYPE_CHECKING

from emobi.simulator import charging, reservations, statuses
from emobi.simulator.faults import Fault

if TYPE_CHECKING:
    from emobi.simulator.station import Station


async def break_down(station: "Station", evse_id: int, fault: Fault) -> None:
    """Something breaks; 0 is the station as a whole. A severe fault ends transactions and reservations."""
    if evse_id == 0:
        station.fault = fault
    for evse in station.evses.at(evse_id):
        if fault.severe:
            evse.fault = fault
            await reservations.drop(station, evse, "Removed")
            if evse.session is not None:
                await charging.stop(station, evse, fault.stop_reason)
        elif evse_id:
            evse.warning = fault
    await _tell(station, evse_id, fault, cleared=False)


async def repair(station: "Station", evse_id: int) -> None:
    """All is well again at the EVSE; 0: everywhere."""
    faults = [station.fault] if evse_id == 0 else []
    station.fault = None if evse_id == 0 else station.fault
    for evse in station.evses.at(evse_id):
        faults += [evse.fault, evse.warning]
        evse.fault = evse.warning = None
    for fault in dict.fromkeys(faults):
        if fault is not None:
            await _tell(station, evse_id, fault, cleared=True)


async def cure(station: "Station") -> None:
    """The station has been reset: what a reset cures is gone."""
    if station.fault is not None and station.fault.cured_by_reset:
        await repair(station, 0)
    for evse in station.evses:
        faults = [fault for fault in (evse.fault, evse.warning) if fault is not None]
        if faults and all(fault.cured_by_reset for fault in faults):
            await repair(station, evse.evse_id)


async def _tell(station: "Station", evse_id: int, fault: Fault, *, cleared: bool) -> None:
    event = station.dialect.fault_event(station, evse_id, fault, cleared)
    if event is not None:
        await station.tell(event)
    await statuses.report_all(station)
