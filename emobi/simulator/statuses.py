"""StatusNotification: what was told of each place, and what has changed since.

Source: OCPP 1.6 section 4.9; OCPP 2.0.1 part 2, G01 and B04.
"""

from typing import TYPE_CHECKING

from emobi.simulator.dialect import Report
from emobi.simulator.frames import Payload

if TYPE_CHECKING:
    from emobi.simulator.station import Station


async def report(station: "Station", place: int) -> None:
    """Tell the status of an EVSE (0: of the station) unless it is what was told last."""
    if place in station.dialect.places(station) and station.online:
        current = station.dialect.status(station, place)
        if station.reported.get(place) != _timeless(current.payload):
            await _tell(station, place, current, asked=False)


async def report_all(station: "Station") -> None:
    for place in station.dialect.places(station):
        await report(station, place)


async def repeat(station: "Station", place: int) -> None:
    """Tell a status because the central system asked for it."""
    await _tell(station, place, station.dialect.status(station, place), asked=True)


async def _tell(station: "Station", place: int, current: Report, *, asked: bool) -> None:
    station.reported[place] = _timeless(current.payload)
    if not await station.tell(current, asked=asked):
        station.reported.pop(place, None)


def _timeless(status: Payload) -> Payload:
    return {name: value for name, value in status.items() if name != "timestamp"}
