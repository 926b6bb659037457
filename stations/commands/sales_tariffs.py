"""The prices that may come with a charging schedule, for the EV to choose by.

Source: OCPP 2.0.1 part 2, sections 2.19, 2.20, 2.37, 2.39 and 2.40, after ISO 15118-2.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema

_Whole = Annotated[int, Field(ge=0, le=2**31 - 1)]
_Number = Annotated[
    Decimal, Field(allow_inf_nan=False, ge=0, le=10**12), WithJsonSchema({"type": "number", "minimum": 0})
]


class CostKind(StrEnum):
    """CostKindEnumType."""

    CARBON_DIOXIDE_EMISSION = "CarbonDioxideEmission"
    RELATIVE_PRICE_PERCENTAGE = "RelativePricePercentage"
    RENEWABLE_GENERATION_PERCENTAGE = "RenewableGenerationPercentage"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """``amount`` times ten to the power of ``amount_multiplier``, for each kWh."""

    cost_kind: CostKind
    amount: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
    amount_multiplier: Annotated[int, Field(ge=-3, le=3)] | None = None


@dataclass(frozen=True, kw_only=True)
class ConsumptionCost:
    """What it costs from ``start_value`` on."""

    start_value: _Number
    cost: Annotated[tuple[Cost, ...], Field(min_length=1, max_length=3)]


@dataclass(frozen=True, kw_only=True)
class RelativeTimeInterval:
    """In seconds from now."""

    start: _Whole
    duration: _Whole | None = None


@dataclass(frozen=True, kw_only=True)
class SalesTariffEntry:
    """The price of one interval; the smaller its level the cheaper."""

    relative_time_interval: RelativeTimeInterval
    e_price_level: _Whole | None = None
    consumption_cost: Annotated[tuple[ConsumptionCost, ...], Field(max_length=3)] = ()


@dataclass(frozen=True, kw_only=True)
class SalesTariff:
    """Prices of a schedule, interval by interval."""

    id: _Whole
    sales_tariff_entry: Annotated[tuple[SalesTariffEntry, ...], Field(min_length=1, max_length=1024)]
    sales_tariff_description: Annotated[str, Field(max_length=32)] | None = None
    num_e_price_levels: _Whole | None = None
