"""What a station says of charging, in OCPP 2.0.1's terms whatever it speaks. What it didn't say is None.

Times are the station's clock; impossible ones (1970, the year 200000) are None by now. Readings are in base
units (`sessions.measurands`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from emobi.core.events import Sample


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a driver showed. 1.6 knows no types."""

    id_token: str
    type: str | None = None


@dataclass(frozen=True, kw_only=True)
class MeterReading:
    """What a meter showed at one moment (MeterValueType)."""

    at: datetime | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class TransactionStart:
    """A transaction began: TransactionEvent Started, StartTransaction.

    ``transaction_id`` None: we are to give it one (1.6). ``start_key`` tells a start that is sent again
    where the station has no id for it.
    """

    evse_id: int | None
    connector_id: int | None
    token: Token | None
    group_token: Token | None = None
    started_at: datetime | None
    meter_start_wh: Decimal | None
    transaction_id: str | None = None
    start_key: str | None = None
    seq_no: int | None = None
    trigger: str | None = None
    charging_state: str | None = None
    reservation_id: int | None = None
    remote_start_id: int | None = None
    offline: bool = False
    readings: tuple[MeterReading, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TransactionUpdate:
    """A transaction went on: TransactionEvent Updated, MeterValues with a transaction."""

    transaction_id: str
    evse_id: int | None = None
    connector_id: int | None = None
    token: Token | None = None
    at: datetime | None = None
    seq_no: int | None = None
    trigger: str | None = None
    charging_state: str | None = None
    reservation_id: int | None = None
    remote_start_id: int | None = None
    offline: bool = False
    readings: tuple[MeterReading, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TransactionEnd:
    """A transaction ended: TransactionEvent Ended, StopTransaction."""

    transaction_id: str
    evse_id: int | None = None
    connector_id: int | None = None
    token: Token | None = None
    ended_at: datetime | None
    meter_stop_wh: Decimal | None
    reason: str | None = None
    seq_no: int | None = None
    trigger: str | None = None
    charging_state: str | None = None
    remote_start_id: int | None = None
    offline: bool = False
    readings: tuple[MeterReading, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeterReport:
    """MeterValues. ``transaction_id`` None: of whatever runs on the EVSE; EVSE 0 is the main meter."""

    evse_id: int
    transaction_id: str | None
    readings: tuple[MeterReading, ...]
