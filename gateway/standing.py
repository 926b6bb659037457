"""How a certificate stands with its authority."""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """What its authority says; `GOOD` too where there is nobody to ask."""

    GOOD = "good"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Standing:
    """A status, and what is to be said of it."""

    status: Status
    why: str = ""


GOOD = Standing(Status.GOOD)
