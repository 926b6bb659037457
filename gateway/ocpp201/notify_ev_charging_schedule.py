"""NotifyEVChargingSchedule (OCPP 2.0.1, use cases K15 to K17): how an EV means to charge."""

from gateway import timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import charging_profiles
from sessions.reports import EvScheduleReport
from sessions.services import ev_negotiations
from stations.models import Station


def parse(payload: Payload) -> EvScheduleReport:
    """Translate NotifyEVChargingScheduleRequest."""
    return EvScheduleReport(
        evse_id=payload["evseId"],
        time_base=timestamps.read(payload["timeBase"]),
        schedule=charging_profiles.parse_schedule(payload["chargingSchedule"]),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the EV's plan; refuse one that is beyond its limits, and offer it a schedule again."""
    within = ev_negotiations.take_schedule(station, parse(payload))
    return {"status": "Accepted" if within else "Rejected"}
