"""Limits, charging profiles, and what vehicles need."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emobi.core.events.model import AtEvse


@dataclass(frozen=True, kw_only=True)
class LimitSet(AtEvse):
    """Somebody else limits charging; without ``charging_schedules`` the station doesn't tell to what."""

    type = "limit.set"
    limit_source: str
    grid_critical: bool | None
    charging_schedules: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class LimitCleared(AtEvse):
    """Somebody else's limit is gone; without ``evse_id`` wherever it was."""

    type = "limit.cleared"
    limit_source: str


@dataclass(frozen=True, kw_only=True)
class EvChargingNeeds(AtEvse):
    """What an EV wants (ISO 15118); ``answer`` is whether it gets a schedule for it."""

    type = "ev.charging_needs"
    session_id: str | None
    transaction_id: str | None
    energy_transfer: str
    departure_at: datetime | None
    max_schedule_tuples: int | None
    energy_wh: int | None
    min_current_a: int | None
    max_current_a: int | None
    max_voltage_v: int | None
    max_power_w: int | None
    soc_percent: int | None
    capacity_wh: int | None
    full_soc_percent: int | None
    bulk_soc_percent: int | None
    answer: str


@dataclass(frozen=True, kw_only=True)
class EvChargingSchedule(AtEvse):
    """How an EV means to charge; Accepted if that is within what it may."""

    type = "ev.charging_schedule"
    session_id: str | None
    transaction_id: str | None
    time_base: datetime | None
    charging_schedule: Mapping[str, Any]
    answer: str


@dataclass(frozen=True, kw_only=True)
class ChargingProfileReported(AtEvse):
    """The station told which profiles it has at one place, or a part; ``complete`` with the last part."""

    type = "charging_profile.reported"
    request_id: int | None
    limit_source: str
    charging_profiles: tuple[Mapping[str, Any], ...]
    complete: bool
