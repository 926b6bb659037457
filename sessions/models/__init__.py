from sessions.models.charging_session import ChargingSession, SessionState
from sessions.models.id_token import IdToken, TokenStatus
from sessions.models.meter_value import MeterValue

__all__ = ["ChargingSession", "IdToken", "MeterValue", "SessionState", "TokenStatus"]
