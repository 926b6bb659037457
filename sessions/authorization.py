"""How a token was judged, and what its driver is told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuthorizationStatus(StrEnum):
    """AuthorizationStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.3."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    CONCURRENT_TX = "ConcurrentTx"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    NO_CREDIT = "NoCredit"
    NOT_ALLOWED_TYPE_EVSE = "NotAllowedTypeEVSE"
    NOT_AT_THIS_LOCATION = "NotAtThisLocation"
    NOT_AT_THIS_TIME = "NotAtThisTime"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """The verdict on a token; versions put it into their own words, and leave out what they have none for.

    Attributes:
        evse_ids: The only EVSEs of the station where it may charge; (): all of them.
        charging_priority: -9 to 9.
        language1: The driver's; ``language2`` where the station hasn't got it.
        personal_message: What the driver is shown.
        tariff_id: What a session on it costs.
        concurrent: Whether it may have more than one session at a time, where somebody else vouches for it.
    """

    status: AuthorizationStatus
    expires_at: datetime | None = None
    group: str | None = None
    evse_ids: tuple[int, ...] = ()
    charging_priority: int = 0
    language1: str = ""
    language2: str = ""
    personal_message: str = ""
    tariff_id: int | None = None
    concurrent: bool = False
