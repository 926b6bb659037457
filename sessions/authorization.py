"""How a token was judged."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuthorizationStatus(StrEnum):
    """AuthorizationStatusEnumType, the part that we say. Source: OCPP 2.0.1 part 2, section 3.3."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    CONCURRENT_TX = "ConcurrentTx"
    EXPIRED = "Expired"
    INVALID = "Invalid"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, kw_only=True)
class Authorization:
    """The verdict on a token; versions put it into their own words (1.6 has no Unknown: Invalid)."""

    status: AuthorizationStatus
    expires_at: datetime | None = None
    group: str | None = None
