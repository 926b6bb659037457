"""What every event is: a fact about a subject, with its type."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom an event is about: a network, and usually one of its stations."""

    network_id: int
    station: str | None = None
    ocpp_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact we vouch for."""

    type: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Received(Event):
    """A fact that a station reported."""

    station_time: datetime | None = None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class AtEvse(Received):
    """A fact about an EVSE; ``connector_id`` counts from 1 within it. Both None: the whole station."""

    evse_id: int | None = None
    connector_id: int | None = None
