"""An electric vehicle at a plug: its battery, and what it draws at which state of charge.

Pure: no clock, no randomness. The curves are simplified from published charging sessions: direct
current is best between a tenth and a half and tapers towards full, an on-board charger holds its
power until the last tenth. Limits and the six amperes below which an EV stops: IEC 61851-1.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

MINIMUM_CURRENT_A = 6.0
AC_VOLTAGE_V = 230.0
DC_MINIMUM_W = 1_000.0

# Of the energy at the meter this much reaches the battery.
AC_EFFICIENCY = 0.90
DC_EFFICIENCY = 0.95

# (state of charge in percent, share of the best power), linear in between.
DC_TAPER = ((0.0, 0.70), (10.0, 1.0), (50.0, 1.0), (65.0, 0.72), (80.0, 0.42), (92.0, 0.15), (100.0, 0.03))
AC_TAPER = ((0.0, 1.0), (90.0, 1.0), (100.0, 0.30))

# Steps of the integration: the curves bend slowly against ten seconds.
STEP_S = 10.0


@dataclass(frozen=True, slots=True)
class Draw:
    """What flows at one moment.

    Attributes:
        current_a: Of each phase used; of the pair of conductors with direct current.
        voltage_v: Phase to neutral; of the battery with direct current.
        phases: 0 with direct current.
    """

    power_w: float
    current_a: float
    voltage_v: float
    phases: int


@dataclass(kw_only=True, slots=True)
class ElectricVehicle:
    """One EV.

    Attributes:
        target_percent: Where its owner has told it to stop.
        ac_phases: Phases of the on-board charger, 1 or 3.
        ac_current_a: What the on-board charger takes of each phase.
        pack_v: Voltage of the battery at half charge.
        wants_charge: False while the EV itself pauses, for a timer or to cool down.
    """

    capacity_wh: float = 60_000.0
    soc_percent: float = 30.0
    target_percent: float = 100.0
    ac_phases: int = 3
    ac_current_a: float = 16.0
    dc_max_w: float = 120_000.0
    pack_v: float = 380.0
    wants_charge: bool = True

    @property
    def full(self) -> bool:
        return self.soc_percent >= self.target_percent - 1e-6

    def draw(self, *, limit_w: float, phases: int) -> Draw:
        """What it takes now of a supply that offers ``limit_w`` in ``phases`` (0: direct current)."""
        if phases == 0:
            return self._draw_dc(limit_w)
        used = min(phases, self.ac_phases)
        offered_a = limit_w / (AC_VOLTAGE_V * phases)
        if not self._takes_energy or offered_a < MINIMUM_CURRENT_A:
            return Draw(0.0, 0.0, AC_VOLTAGE_V, used)
        wanted_a = max(self.ac_current_a * _interpolate(AC_TAPER, self.soc_percent), MINIMUM_CURRENT_A)
        current_a = min(wanted_a, offered_a)
        return Draw(current_a * AC_VOLTAGE_V * used, current_a, AC_VOLTAGE_V, used)

    def charge(self, *, limit_w: float, phases: int, seconds: float) -> float:
        """Charge for ``seconds`` and return the energy that the meter saw, in Wh."""
        efficiency = DC_EFFICIENCY if phases == 0 else AC_EFFICIENCY
        metered_wh = 0.0
        while seconds > 0 and self._takes_energy:
            step_s = min(seconds, STEP_S)
            missing_wh = (self.target_percent - self.soc_percent) / 100 * self.capacity_wh / efficiency
            power_w = self.draw(limit_w=limit_w, phases=phases).power_w
            step_wh = min(power_w * step_s / 3600, missing_wh)
            metered_wh += step_wh
            self.soc_percent += step_wh * efficiency / self.capacity_wh * 100
            seconds -= step_s
        return metered_wh

    @property
    def _takes_energy(self) -> bool:
        return self.wants_charge and not self.full

    def _draw_dc(self, limit_w: float) -> Draw:
        # A lithium pack's voltage climbs by about a fifth from empty to full.
        voltage_v = self.pack_v * (0.9 + 0.2 * self.soc_percent / 100)
        if not self._takes_energy or limit_w < DC_MINIMUM_W:
            return Draw(0.0, 0.0, voltage_v, 0)
        power_w = min(limit_w, self.dc_max_w * _interpolate(DC_TAPER, self.soc_percent))
        return Draw(power_w, power_w / voltage_v, voltage_v, 0)


def _interpolate(curve: tuple[tuple[float, float], ...], at: float) -> float:
    if at >= curve[-1][0]:
        return curve[-1][1]
    segment = max(bisect_right(curve, (at, float("inf"))) - 1, 0)
    (left, low), (right, high) = list(pairwise(curve))[segment]
    return low + (high - low) * (at - left) / (right - left)
