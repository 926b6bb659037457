"""Who charges where: reservations, sessions, meter values."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from emobi.core.events.model import AtEvse


@dataclass(frozen=True, kw_only=True)
class ReservationCreated(AtEvse):
    """A station keeps an EVSE for a token or its group; without ``evse_id`` any of its EVSEs."""

    type = "reservation.created"
    reservation_id: int
    id_token: str
    id_token_type: str | None
    group_id_token: str | None
    connector_type: str | None
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class ReservationEnded(AtEvse):
    """A reservation is over: Used, Expired, Cancelled, Replaced or Removed; ``session_id`` used it."""

    type = "reservation.ended"
    reservation_id: int
    id_token: str
    reason: str
    session_id: str | None


@dataclass(frozen=True, kw_only=True)
class SessionAuthorized(AtEvse):
    """A token was presented and judged; ``authorization`` says how (Accepted, Blocked, Expired, …)."""

    type = "session.authorized"
    id_token: str
    id_token_type: str | None
    authorization: str


@dataclass(frozen=True, kw_only=True)
class SessionStarted(AtEvse):
    """A transaction began."""

    type = "session.started"
    session_id: str
    transaction_id: str
    id_token: str | None
    id_token_type: str | None
    authorization: str | None
    meter_start_wh: Decimal | None
    reservation_id: int | None
    remote_start_id: int | None
    offline: bool


@dataclass(frozen=True, kw_only=True)
class SessionUpdated(AtEvse):
    """A transaction went on: its state, or how far it has come."""

    type = "session.updated"
    session_id: str
    transaction_id: str
    charging_state: str | None
    trigger: str | None
    energy_wh: Decimal | None
    power_w: Decimal | None
    soc_percent: Decimal | None
    offline: bool


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One reading in base units (Wh, W, A, V, varh, Percent, …)."""

    measurand: str
    phase: str | None
    context: str | None
    location: str | None
    value: Decimal | None
    unit: str | None
    at: datetime
    signed: str | None


@dataclass(frozen=True, kw_only=True)
class MeterValues(AtEvse):
    """Readings outside a session; the session's fields are None."""

    type = "meter.values"
    session_id: str | None
    transaction_id: str | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class SessionMeterValues(MeterValues):
    """Readings of a session."""

    type = "session.meter_values"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(AtEvse):
    """A transaction ended. ``suspect`` sessions need a look before they are billed."""

    type = "session.ended"
    session_id: str
    transaction_id: str
    id_token: str | None
    meter_start_wh: Decimal | None
    meter_stop_wh: Decimal | None
    energy_wh: Decimal | None
    duration_s: int | None
    reason: str | None
    suspect: bool
    offline: bool
