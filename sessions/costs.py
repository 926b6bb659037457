"""What a session costs: start fee, energy, time.

No clock and no database. Amounts are in the tariff's currency, with its taxes.
"""

from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

CENT = Decimal("0.01")
_MOST = Decimal("999999999.99")


class Prices(Protocol):
    """What a tariff asks for."""

    @property
    def currency(self) -> str: ...
    @property
    def price_per_kwh(self) -> Decimal: ...
    @property
    def price_per_minute(self) -> Decimal: ...
    @property
    def start_fee(self) -> Decimal: ...


def total(prices: Prices, energy_wh: Decimal | None, seconds: float | None) -> Decimal | None:
    """The cost of so much energy in so much time, to the cent; None if it depends on what isn't known."""
    energy = _part(prices.price_per_kwh, None if energy_wh is None else energy_wh / 1000)
    time = _part(prices.price_per_minute, None if seconds is None else Decimal(str(seconds)) / 60)
    if energy is None or time is None:
        return None
    return min((prices.start_fee + energy + time).quantize(CENT, ROUND_HALF_UP), _MOST)


def _part(price: Decimal, amount: Decimal | None) -> Decimal | None:
    if not price:
        return Decimal(0)
    return None if amount is None else price * max(amount, Decimal(0))


def in_words(prices: Prices) -> str:
    """The prices as a driver reads them."""
    parts = [
        (prices.start_fee, "to start"),
        (prices.price_per_kwh, "per kWh"),
        (prices.price_per_minute, "per minute"),
    ]
    said = [f"{_price(price)} {prices.currency} {what}" for price, what in parts if price]
    return ", ".join(said) or "free of charge"


def _price(price: Decimal) -> str:
    """With two decimals, and more only if they say something."""
    short = price.quantize(CENT)
    return f"{short if short == price else price.normalize():f}"
