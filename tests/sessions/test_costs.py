from decimal import Decimal

import pytest

from sessions import costs
from sessions.models import Tariff


def prices(per_kwh="0", per_minute="0", start="0"):
    return Tariff(
        currency="EUR",
        price_per_kwh=Decimal(per_kwh),
        price_per_minute=Decimal(per_minute),
        start_fee=Decimal(start),
    )


@pytest.mark.parametrize(
    ("tariff", "energy_wh", "seconds", "total"),
    [
        (prices(), None, None, "0.00"),
        (prices("0.49"), Decimal(10_000), 0, "4.90"),
        (prices("0.49"), Decimal("10.2"), 0, "0.00"),
        (prices("0.5"), Decimal(10), 0, "0.01"),
        (prices(per_minute="0.10"), None, 90, "0.15"),
        (prices("0.49", "0.10", "0.35"), Decimal(20_000), 3600, "16.15"),
        (prices("0.49"), None, 3600, None),
        (prices(per_minute="0.10"), Decimal(1), None, None),
        (prices("0.49"), Decimal(-5), -5, "0.00"),
    ],
)
def test_what_a_session_costs(tariff, energy_wh, seconds, total):
    assert costs.total(tariff, energy_wh, seconds) == (None if total is None else Decimal(total))


@pytest.mark.parametrize(
    ("tariff", "words"),
    [
        (prices(), "free of charge"),
        (prices("0.4900"), "0.49 EUR per kWh"),
        (prices("0.4925", "0.1000", "1.0000"), "1.00 EUR to start, 0.4925 EUR per kWh, 0.10 EUR per minute"),
    ],
)
def test_prices_in_words(tariff, words):
    assert costs.in_words(tariff) == words
