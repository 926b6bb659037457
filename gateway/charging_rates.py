"""Numbers of charging schedules: ours as the strictest station takes them, stations' as we can keep them."""

from decimal import ROUND_FLOOR, Decimal

# No rate of electric vehicles, in A or W; and no number of seconds that OCPP's 32 bits hold.
LARGEST_RATE = 10**9
LARGEST_SECONDS = 2**31 - 1


def written(rate: Decimal) -> int | float:
    """With one digit after the point, or none: what JSON's decimals say exactly (quirk 81)."""
    tenth = rate.quantize(Decimal("0.1"), ROUND_FLOOR)
    return int(tenth) if tenth == tenth.to_integral_value() else float(tenth)


def read(value: float) -> Decimal:
    """A rate that a station says, brought into range."""
    return min(max(Decimal(str(value)), Decimal(0)), Decimal(LARGEST_RATE))


def seconds(value: int) -> int:
    """A number of seconds that a station says, brought into range."""
    return min(max(value, 0), LARGEST_SECONDS)
