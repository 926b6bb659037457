"""SalesTariffType (OCPP 2.0.1 part 2, section 2.40), both ways."""

from typing import Any

from gateway import charging_rates
from gateway.adapter import Payload
from gateway.payloads import given
from stations.commands.sales_tariffs import (
    ConsumptionCost,
    Cost,
    CostKind,
    RelativeTimeInterval,
    SalesTariff,
    SalesTariffEntry,
)


def encode(tariff: SalesTariff) -> Payload:
    return given(
        id=tariff.id,
        salesTariffDescription=tariff.sales_tariff_description,
        numEPriceLevels=tariff.num_e_price_levels,
        salesTariffEntry=[_encode_entry(entry) for entry in tariff.sales_tariff_entry],
    )


def parse(element: Payload) -> SalesTariff:
    return SalesTariff(
        id=element["id"],
        sales_tariff_description=element.get("salesTariffDescription"),
        num_e_price_levels=element.get("numEPriceLevels"),
        sales_tariff_entry=tuple(_parse_entry(entry) for entry in element["salesTariffEntry"]),
    )


def _encode_entry(entry: SalesTariffEntry) -> Payload:
    interval = entry.relative_time_interval
    said: dict[str, Any] = given(
        relativeTimeInterval=given(start=interval.start, duration=interval.duration),
        ePriceLevel=entry.e_price_level,
    )
    if entry.consumption_cost:
        said["consumptionCost"] = [_encode_block(block) for block in entry.consumption_cost]
    return said


def _encode_block(block: ConsumptionCost) -> Payload:
    return {"startValue": float(block.start_value), "cost": [_encode_cost(cost) for cost in block.cost]}


def _encode_cost(cost: Cost) -> Payload:
    return given(costKind=cost.cost_kind.value, amount=cost.amount, amountMultiplier=cost.amount_multiplier)


def _parse_entry(element: Payload) -> SalesTariffEntry:
    interval = element["relativeTimeInterval"]
    return SalesTariffEntry(
        relative_time_interval=RelativeTimeInterval(
            start=interval["start"], duration=interval.get("duration")
        ),
        e_price_level=element.get("ePriceLevel"),
        consumption_cost=tuple(_parse_block(block) for block in element.get("consumptionCost", ())),
    )


def _parse_block(element: Payload) -> ConsumptionCost:
    return ConsumptionCost(
        start_value=charging_rates.read(element["startValue"]),
        cost=tuple(
            Cost(
                cost_kind=CostKind(cost["costKind"]),
                amount=cost["amount"],
                amount_multiplier=cost.get("amountMultiplier"),
            )
            for cost in element["cost"]
        ),
    )
