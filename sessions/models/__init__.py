from sessions.models.authorization_endpoint import AuthorizationEndpoint
from sessions.models.charging_session import ChargingSession, SessionState
from sessions.models.ev_negotiation import EvNegotiation
from sessions.models.id_token import IdToken, TokenStatus
from sessions.models.installed_profile import InstalledProfile, ProfileSource
from sessions.models.local_list import LocalList
from sessions.models.meter_value import MeterValue
from sessions.models.report_subscription import Every, ReportSubscription
from sessions.models.tariff import Tariff

__all__ = [
    "AuthorizationEndpoint",
    "ChargingSession",
    "EvNegotiation",
    "Every",
    "IdToken",
    "InstalledProfile",
    "LocalList",
    "MeterValue",
    "ProfileSource",
    "ReportSubscription",
    "SessionState",
    "Tariff",
    "TokenStatus",
]
