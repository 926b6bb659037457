"""Chance about drivers and their EVs, always from the station's own randomness."""

from random import Random

from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.plan import EvsePlan

# (battery in Wh, phases and amperes of the on-board charger, best direct current in W, battery in V)
VEHICLES = (
    (36_000.0, 1, 32.0, 50_000.0, 350.0),
    (52_000.0, 3, 32.0, 46_000.0, 400.0),
    (58_000.0, 3, 16.0, 120_000.0, 400.0),
    (77_000.0, 3, 16.0, 175_000.0, 400.0),
    (84_000.0, 3, 16.0, 240_000.0, 700.0),
    (100_000.0, 3, 32.0, 270_000.0, 800.0),
)


def random_ev(random: Random, plan: EvsePlan) -> ElectricVehicle:
    """An EV that comes to such an EVSE: emptier, and wanting less, where it is fast."""
    capacity_wh, phases, current_a, dc_max_w, pack_v = random.choice(VEHICLES)
    soc_percent = random.uniform(8, 40) if plan.is_dc else random.uniform(20, 75)
    return ElectricVehicle(
        capacity_wh=capacity_wh,
        soc_percent=soc_percent,
        target_percent=80.0 if plan.is_dc else random.choice((80.0, 90.0, 100.0)),
        ac_phases=phases,
        ac_current_a=current_a,
        dc_max_w=dc_max_w,
        pack_v=pack_v,
    )
