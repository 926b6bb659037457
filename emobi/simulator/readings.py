"""What a meter shows: one reading a measurand and phase, in base units."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emobi.simulator.ev import Draw

if TYPE_CHECKING:
    from emobi.simulator.evse import Evse

MEASURANDS = (
    "Energy.Active.Import.Register",
    "Power.Active.Import",
    "Power.Offered",
    "Current.Import",
    "Current.Offered",
    "Voltage",
    "SoC",
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One value; ``location`` is the EV for its state of charge, else the outlet."""

    measurand: str
    value: float
    unit: str
    phase: str | None = None

    @property
    def location(self) -> str:
        return "EV" if self.measurand == "SoC" else "Outlet"


def read_meter(evse: "Evse", measurands: Iterable[str]) -> list[Reading]:
    """Read the measurands that the EVSE can measure now, in the order asked for."""
    draw = evse.draw
    return [reading for measurand in measurands for reading in _read(evse, draw, measurand)]


def _read(evse: "Evse", draw: Draw, measurand: str) -> Iterator[Reading]:
    match measurand:
        case "Energy.Active.Import.Register":
            yield Reading(measurand, round(evse.meter_wh), "Wh")
        case "Power.Active.Import":
            yield Reading(measurand, round(draw.power_w), "W")
        case "Power.Offered":
            yield Reading(measurand, round(evse.offered_w), "W")
        case "Current.Offered":
            yield Reading(measurand, round(evse.offered_a, 1), "A")
        case "Current.Import":
            yield from _by_phase(measurand, round(draw.current_a, 1), "A", draw.phases)
        case "Voltage":
            yield from _by_phase(measurand, round(draw.voltage_v, 1), "V", draw.phases)
        case "SoC" if evse.ev is not None and evse.plan.is_dc:
            # A charger learns it over the digital line of direct current; the pilot of AC doesn't carry it.
            yield Reading(measurand, round(evse.ev.soc_percent), "Percent")


def _by_phase(measurand: str, value: float, unit: str, phases: int) -> Iterator[Reading]:
    if phases == 0:
        yield Reading(measurand, value, unit)
    for number in range(1, phases + 1):
        phase = f"L{number}-N" if measurand == "Voltage" else f"L{number}"
        yield Reading(measurand, value, unit, phase)
