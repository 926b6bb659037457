"""NotifyEVChargingNeeds (OCPP 2.0.1, use cases K15 and K17): what an EV wants, so that it gets a schedule."""

from gateway import timestamps
from gateway.adapter import Payload
from sessions.reports import ChargingNeedsReport
from sessions.services import ev_negotiations
from stations.models import Station

_LARGEST = 2**31 - 1


def parse(payload: Payload) -> ChargingNeedsReport:
    """Translate NotifyEVChargingNeedsRequest; of AC and DC parameters the EV has one (K15.FR.06)."""
    needs = payload["chargingNeeds"]
    ac, dc = needs.get("acChargingParameters", {}), needs.get("dcChargingParameters", {})
    both = {**dc, **ac}
    return ChargingNeedsReport(
        evse_id=payload["evseId"],
        energy_transfer=needs["requestedEnergyTransfer"],
        max_schedule_tuples=_number(payload, "maxScheduleTuples"),
        departure_at=timestamps.read(needs.get("departureTime")),
        energy_wh=_number(both, "energyAmount"),
        min_current_a=_number(ac, "evMinCurrent"),
        max_current_a=_number(both, "evMaxCurrent"),
        max_voltage_v=_number(both, "evMaxVoltage"),
        max_power_w=_number(dc, "evMaxPower"),
        soc_percent=_number(dc, "stateOfCharge"),
        capacity_wh=_number(dc, "evEnergyCapacity"),
        full_soc_percent=_number(dc, "fullSoC"),
        bulk_soc_percent=_number(dc, "bulkSoC"),
    )


def _number(element: Payload, name: str) -> int | None:
    """A number that an EV can mean; None for another."""
    found: int | None = element.get(name)
    return found if found is not None and 0 <= found <= _LARGEST else None


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the needs; have a schedule made and sent, or say that none will come."""
    return {"status": ev_negotiations.take_needs(station, parse(payload)).value}
