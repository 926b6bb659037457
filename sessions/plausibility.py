"""Whether a meter's figures fit each other: energy against power and time, a register against its last. Pure.

What doesn't fit is kept as it is, and noted as a deviation of the station (`stations.suggested_quirks`).
"""

from datetime import datetime
from decimal import Decimal

# Rules of deviations.
ENERGY_SCALE, POWER_SCALE, REGISTER_FELL = "energy scale", "power scale", "register fell"

# Below it rounding of the register hides what flowed.
_LEAST_WH = Decimal(100)
# Wh for kWh, W for kW; with some room, for power changes between readings.
_THOUSANDTH = (Decimal("0.0005"), Decimal("0.002"))
# More than any EV takes: then it's the power that is wrong.
_MOST_W = Decimal(2_000_000)


def scale(elapsed_s: float, delivered_wh: Decimal, power_w: Decimal | None) -> str | None:
    """Which figure is off by a thousand; None if neither, or if there is no telling.

    Args:
        elapsed_s: Between two readings.
        delivered_wh: What the register rose by.
        power_w: That flowed at the second reading.
    """
    if power_w is None or elapsed_s <= 0 or delivered_wh <= 0:
        return None
    expected_wh = power_w * Decimal(elapsed_s) / 3600
    if expected_wh < _LEAST_WH or not _THOUSANDTH[0] <= delivered_wh / expected_wh <= _THOUSANDTH[1]:
        return None
    return POWER_SCALE if power_w > _MOST_W else ENERGY_SCALE


def fell(last_wh: Decimal, energy_wh: Decimal) -> str | None:
    """Whether a register started over; one that loses some Wh is only inexact."""
    return REGISTER_FELL if last_wh >= _LEAST_WH and energy_wh < last_wh / 10 else None


def of(
    last_at: datetime | None,
    last_wh: Decimal | None,
    at: datetime,
    energy_wh: Decimal | None,
    power_w: Decimal | None,
) -> str | None:
    """The rule that a reading breaks after the session's last one; None if it breaks none."""
    if last_at is None or last_wh is None or energy_wh is None or at <= last_at:
        return None
    if energy_wh < last_wh:
        return fell(last_wh, energy_wh)
    return scale((at - last_at).total_seconds(), energy_wh - last_wh, power_w)
