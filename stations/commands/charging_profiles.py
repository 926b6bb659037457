"""Commands about charging profiles, and what a profile is made of.

Limits of different purposes hold together, and within a purpose the highest stack level has its way
(`sessions.composite_schedules`). What is refused here holds for every station; what only a station or its
version can't do is found out when the command is said.

Source: OCPP 2.0.1 part 2, section K.3 and use cases K01, K08, K09, K10; OCPP 1.6, section 3.13.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import Field, WithJsonSchema

from emobi.core.errors import Invalid
from stations.commands.entry import Entry
from stations.commands.fields import Moment, Number, TransactionId
from stations.commands.sales_tariffs import SalesTariff

# EVSE 0: the station as a whole.
Place = Annotated[int, Field(ge=0, le=9999)]
Seconds = Annotated[int, Field(ge=0, le=2**31 - 1)]
StackLevel = Annotated[int, Field(ge=0, le=2**31 - 1)]
ProfileId = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
Phase = Annotated[int, Field(ge=1, le=3)]
# In A of each phase or in W, with at most one digit after the point.
Rate = Annotated[
    Decimal,
    Field(ge=0, le=10**9, decimal_places=1, allow_inf_nan=False),
    WithJsonSchema(
        {
            "type": "number",
            "minimum": 0,
            "maximum": 10**9,
            "description": "At most one digit after the point.",
        }
    ),
]

LONGEST_COMPOSITE_S = 7 * 86400


class ProfilePurpose(StrEnum):
    """ChargingProfilePurposeEnumType. Source: OCPP 2.0.1 part 2, section 3.13."""

    EXTERNAL_CONSTRAINTS = "ChargingStationExternalConstraints"
    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"


class ProfileKind(StrEnum):
    """ChargingProfileKindEnumType. Source: OCPP 2.0.1 part 2, section 3.12."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrency(StrEnum):
    """RecurrencyKindEnumType: every 24 hours, or every 7 days (OCPP 1.6 errata 3.79)."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


class RateUnit(StrEnum):
    """ChargingRateUnitEnumType: W in all, or A of each phase."""

    WATT = "W"
    AMPERE = "A"


class LimitSource(StrEnum):
    """ChargingLimitSourceEnumType: whose limit it is; CSO is us. Source: 2.0.1 part 2, section 3.11."""

    EMS = "EMS"
    OTHER = "Other"
    SO = "SO"
    CSO = "CSO"


@dataclass(frozen=True, kw_only=True)
class SchedulePeriod:
    """From ``start_period`` seconds after the schedule's start until the next one begins."""

    start_period: Seconds
    limit: Rate
    number_phases: Phase | None = None
    phase_to_use: Phase | None = None


@dataclass(frozen=True, kw_only=True)
class ChargingSchedule:
    """Limits over time; without a ``duration`` the last one goes on."""

    charging_rate_unit: RateUnit
    charging_schedule_period: Annotated[tuple[SchedulePeriod, ...], Field(min_length=1, max_length=1024)]
    id: ProfileId | None = None
    start_schedule: Moment | None = None
    duration: Seconds | None = None
    min_charging_rate: Rate | None = None
    sales_tariff: SalesTariff | None = None


@dataclass(frozen=True, kw_only=True)
class ChargingProfile:
    """ChargingProfileType. What a station has may have no schedule: a limit that it won't tell."""

    charging_profile_purpose: ProfilePurpose
    charging_profile_kind: ProfileKind
    charging_schedule: Annotated[tuple[ChargingSchedule, ...], Field(min_length=1, max_length=3)]
    id: ProfileId | None = None
    stack_level: StackLevel = 0
    recurrency_kind: Recurrency | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    transaction_id: TransactionId | None = None


@dataclass(frozen=True, kw_only=True)
class SetChargingProfile:
    """Give a station a charging profile, in place of the one with its id."""

    evse_id: Place
    charging_profile: ChargingProfile


@dataclass(frozen=True, kw_only=True)
class ClearChargingProfile:
    """Have a station forget the profile with that id, or all that fit the criteria together."""

    charging_profile_id: ProfileId | None = None
    evse_id: Place | None = None
    charging_profile_purpose: ProfilePurpose | None = None
    stack_level: StackLevel | None = None


@dataclass(frozen=True, kw_only=True)
class GetChargingProfiles:
    """Have a station report the profiles with these ids, or all that fit the criteria together."""

    evse_id: Place | None = None
    charging_profile_id: tuple[ProfileId, ...] = ()
    charging_profile_purpose: ProfilePurpose | None = None
    stack_level: StackLevel | None = None
    charging_limit_source: Annotated[tuple[LimitSource, ...], Field(max_length=4)] = ()
    request_id: Number | None = None


@dataclass(frozen=True, kw_only=True)
class GetCompositeSchedule:
    """Ask what all profiles together allow from now on, for ``duration`` seconds."""

    evse_id: Place
    duration: Annotated[int, Field(ge=1, le=LONGEST_COMPOSITE_S)]
    charging_rate_unit: RateUnit | None = None


def check_profile(profile: ChargingProfile, path: str) -> None:
    """The rules that a profile keeps by itself; ``path`` leads to it.

    Raises:
        Invalid: If it breaks one.
    """
    purpose, kind = profile.charging_profile_purpose, profile.charging_profile_kind
    if purpose == ProfilePurpose.EXTERNAL_CONSTRAINTS:
        raise Invalid("Only an external system sets these (K01.FR.22).", f"{path}.charging_profile_purpose")
    if purpose == ProfilePurpose.STATION_MAX and kind == ProfileKind.RELATIVE:
        raise Invalid("A station's limit begins with no transaction.", f"{path}.charging_profile_kind")
    if (kind == ProfileKind.RECURRING) != (profile.recurrency_kind is not None):
        raise Invalid("What is recurring says how often, and nothing else does.", f"{path}.recurrency_kind")
    if profile.transaction_id is not None and purpose != ProfilePurpose.TX:
        raise Invalid("Only a TxProfile is for one transaction.", f"{path}.transaction_id")
    if profile.valid_from and profile.valid_to and profile.valid_from >= profile.valid_to:
        raise Invalid("It would end before it begins.", f"{path}.valid_to")
    if len(profile.charging_schedule) > 1 and purpose != ProfilePurpose.TX:
        raise Invalid("Only a TxProfile may offer a choice (K01.FR.34).", f"{path}.charging_schedule")
    for index, schedule in enumerate(profile.charging_schedule):
        _check_schedule(schedule, kind, f"{path}.charging_schedule.{index}")


def _check_schedule(schedule: ChargingSchedule, kind: ProfileKind, path: str) -> None:
    if (kind == ProfileKind.RELATIVE) != (schedule.start_schedule is None):
        raise Invalid(
            "Absolute and Recurring have a start, and Relative has none (K01.FR.40, .41).",
            f"{path}.start_schedule",
        )
    periods, path = schedule.charging_schedule_period, f"{path}.charging_schedule_period"
    if periods[0].start_period != 0:
        raise Invalid("The first period starts at 0 (K01.FR.31).", f"{path}.0.start_period")
    for index, period in enumerate(periods):
        if index and period.start_period <= periods[index - 1].start_period:
            raise Invalid("Periods come in their order (K01.FR.35).", f"{path}.{index}.start_period")
        if period.phase_to_use is not None and period.number_phases != 1:
            raise Invalid(
                "A phase is chosen only for one-phase charging (K01.FR.19).", f"{path}.{index}.phase_to_use"
            )


def check_for_start(profile: ChargingProfile, path: str) -> None:
    """The same for a profile that comes with a remote start (F01.FR.09, .11; OCPP 1.6 section 5.16.2).

    Raises:
        Invalid: If it breaks one.
    """
    if profile.charging_profile_purpose != ProfilePurpose.TX:
        raise Invalid("With a start comes a TxProfile.", f"{path}.charging_profile_purpose")
    if profile.transaction_id is not None:
        raise Invalid("The transaction has no id yet.", f"{path}.transaction_id")
    check_profile(profile, path)


def _check_set(asked: SetChargingProfile) -> None:
    profile = asked.charging_profile
    check_profile(profile, "params.charging_profile")
    if profile.charging_profile_purpose == ProfilePurpose.STATION_MAX and asked.evse_id != 0:
        raise Invalid("A station's limit is set at EVSE 0 (K04.FR.03).", "params.evse_id")
    if profile.charging_profile_purpose == ProfilePurpose.TX and asked.evse_id == 0:
        raise Invalid("A transaction runs on an EVSE from 1 on (K01.FR.16).", "params.evse_id")


def _check_clear(asked: ClearChargingProfile) -> None:
    if asked.charging_profile_purpose == ProfilePurpose.EXTERNAL_CONSTRAINTS:
        raise Invalid("External limits aren't ours to clear (K10.FR.06).", "params.charging_profile_purpose")
    criteria: Sequence[object] = (asked.evse_id, asked.charging_profile_purpose, asked.stack_level)
    if asked.charging_profile_id is not None and criteria != (None, None, None):
        raise Invalid("Name either an id or criteria (K10.FR.02).", "params.charging_profile_id")


def _check_get(asked: GetChargingProfiles) -> None:
    criteria = (asked.charging_profile_purpose, asked.stack_level, asked.charging_limit_source)
    if bool(asked.charging_profile_id) == (criteria != (None, None, ())):
        raise Invalid(
            "Name either ids, or a purpose, a stack level or sources (K09.FR.03).",
            "params.charging_profile_id",
        )


_EXAMPLE = {
    "evse_id": 0,
    "charging_profile": {
        "charging_profile_purpose": "TxDefaultProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": [
            {"charging_rate_unit": "A", "charging_schedule_period": [{"start_period": 0, "limit": 16}]}
        ],
    },
}

ENTRIES = (
    Entry(
        command="set_charging_profile",
        kind=SetChargingProfile,
        description="Limit charging over time: at the station, by default at an EVSE, or of one transaction.",
        example=_EXAMPLE,
        effect="Sessions that run may charge slower or faster at once.",
        check=_check_set,
    ),
    Entry(
        command="clear_charging_profile",
        kind=ClearChargingProfile,
        description="Forget a charging profile by its id, or all that fit some criteria.",
        example={"charging_profile_purpose": "TxDefaultProfile", "stack_level": 0},
        effect="Sessions that run may charge faster at once.",
        check=_check_clear,
    ),
    Entry(
        command="get_charging_profiles",
        kind=GetChargingProfiles,
        description="Report the charging profiles that are installed; they come in parts.",
        versions=("2.0.1",),
        example={"charging_profile_purpose": "TxDefaultProfile"},
        check=_check_get,
    ),
    Entry(
        command="get_composite_schedule",
        kind=GetCompositeSchedule,
        description="Ask what all charging profiles together allow from now on; ours is told beside it.",
        example={"evse_id": 1, "duration": 3600},
    ),
)
