"""ClearedChargingLimit (OCPP 2.0.1, use case K13): an external limit is gone."""

from gateway.adapter import Payload
from sessions.reports import LimitClearedReport
from sessions.services import external_limits
from stations.commands.charging_profiles import LimitSource
from stations.models import Station


def parse(payload: Payload) -> LimitClearedReport:
    """Translate ClearedChargingLimitRequest."""
    return LimitClearedReport(
        limit_source=LimitSource(payload["chargingLimitSource"]), evse_id=payload.get("evseId")
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Drop the limit of that source."""
    external_limits.clear_limit(station, parse(payload))
    return {}
