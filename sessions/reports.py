"""What a station says of charging, in OCPP 2.0.1's terms whatever it speaks. What it didn't say is None.

Times are the station's clock; impossible ones (1970, 2000, the year 200000) are None by now. Readings are in
base units (`sessions.measurands`).
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from emobi.core.events import Sample
from sessions.authorization import Authorization
from stations.commands.charging_profiles import ChargingProfile, ChargingSchedule, LimitSource
from stations.x509_text import CertificateHash


@dataclass(frozen=True, kw_only=True)
class Token:
    """What a driver showed. 1.6 knows no types.

    ``elsewhere`` is how somebody else has judged it; it counts where our own table doesn't know the token.
    """

    id_token: str
    type: str | None = None
    elsewhere: Authorization | None = None


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
    reservation_id: int | None = None
    remote_start_id: int | None = None
    offline: bool = False
    readings: tuple[MeterReading, ...] = ()


@dataclass(frozen=True, kw_only=True)
class MeterReport:
    """MeterValues. ``transaction_id`` None: of whatever runs on the EVSE; EVSE 0 is the main meter."""

    evse_id: int
    transaction_id: str | None
    readings: tuple[MeterReading, ...]


@dataclass(frozen=True, kw_only=True)
class ProfilesReport:
    """A part of ReportChargingProfiles; EVSE 0 is the whole station. ``last`` when no more is to come."""

    request_id: int
    limit_source: LimitSource
    evse_id: int
    profiles: tuple[ChargingProfile, ...]
    last: bool


@dataclass(frozen=True, kw_only=True)
class LimitReport:
    """NotifyChargingLimit: somebody else's limit; no schedules: it isn't told what it is."""

    limit_source: LimitSource
    evse_id: int
    grid_critical: bool | None
    schedules: tuple[ChargingSchedule, ...]


@dataclass(frozen=True, kw_only=True)
class LimitClearedReport:
    """ClearedChargingLimit; ``evse_id`` None: wherever that source had set one."""

    limit_source: LimitSource
    evse_id: int | None


@dataclass(frozen=True, kw_only=True)
class ChargingNeedsReport:
    """NotifyEVChargingNeeds: what an EV wants. Currents are of each phase, or of the direct current."""

    evse_id: int
    energy_transfer: str
    max_schedule_tuples: int | None = None
    departure_at: datetime | None = None
    energy_wh: int | None = None
    min_current_a: int | None = None
    max_current_a: int | None = None
    max_voltage_v: int | None = None
    max_power_w: int | None = None
    soc_percent: int | None = None
    capacity_wh: int | None = None
    full_soc_percent: int | None = None
    bulk_soc_percent: int | None = None


@dataclass(frozen=True, kw_only=True)
class EvScheduleReport:
    """NotifyEVChargingSchedule: how an EV means to charge, from ``time_base`` on."""

    evse_id: int
    time_base: datetime | None
    schedule: ChargingSchedule


class CertificateStatus(StrEnum):
    """AuthorizeCertificateStatusEnumType, as far as we say it. Source: OCPP 2.0.1 part 2, section 3.4."""

    ACCEPTED = "Accepted"
    EXPIRED = "CertificateExpired"
    REVOKED = "CertificateRevoked"
    CHAIN_ERROR = "CertChainError"
    CONTRACT_CANCELLED = "ContractCancelled"


@dataclass(frozen=True, kw_only=True)
class ContractReport:
    """What Authorize says of a contract certificate.

    Attributes:
        emaid: The contract: the token that is shown.
        chain: PEM, the contract certificate first; "" where the station verified the chain itself.
        hashes: Which certificates are to be asked about, and whom (the responder's URL).
    """

    emaid: str
    chain: str = ""
    hashes: tuple[tuple[CertificateHash, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContractVerdict:
    """What came of verifying a contract certificate."""

    status: CertificateStatus
