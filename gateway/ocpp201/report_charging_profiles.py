"""ReportChargingProfiles (OCPP 2.0.1, use case K09): a part of a report on a station's charging profiles."""

from gateway.adapter import Payload
from gateway.ocpp201 import charging_profiles
from sessions.reports import ProfilesReport
from sessions.services import installed_profiles
from stations.commands.charging_profiles import LimitSource
from stations.models import Station


def parse(payload: Payload) -> ProfilesReport:
    """Translate ReportChargingProfilesRequest; without ``tbc`` it is the last part."""
    return ProfilesReport(
        request_id=payload["requestId"],
        limit_source=LimitSource(payload["chargingLimitSource"]),
        evse_id=payload["evseId"],
        last=not payload.get("tbc", False),
        profiles=tuple(charging_profiles.parse(profile) for profile in payload["chargingProfile"]),
    )


def handle(station: Station, payload: Payload) -> Payload:
    """Take over which profiles the station has; its part belongs to the command that asked."""
    installed_profiles.report(station, parse(payload))
    return {}
