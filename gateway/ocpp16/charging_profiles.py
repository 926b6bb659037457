"""ChargingProfile (OCPP 1.6, section 7.8): what of a profile 1.6 has words for."""

from decimal import Decimal

from emobi.core import clock
from gateway import charging_rates
from gateway.adapter import Payload
from gateway.errors import CommandUnsupported
from gateway.payloads import given
from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfilePurpose,
    SchedulePeriod,
)

_PURPOSES = {
    ProfilePurpose.STATION_MAX: "ChargePointMaxProfile",
    ProfilePurpose.TX_DEFAULT: "TxDefaultProfile",
    ProfilePurpose.TX: "TxProfile",
}


def encode(profile: ChargingProfile) -> Payload:
    """A profile that has its id.

    Raises:
        CommandUnsupported: If 1.6 can't say all of it.
    """
    if len(profile.charging_schedule) != 1:
        raise CommandUnsupported("OCPP 1.6 knows one schedule a profile")
    return given(
        chargingProfileId=profile.id,
        transactionId=_number(profile.transaction_id),
        stackLevel=profile.stack_level,
        chargingProfilePurpose=purpose(profile.charging_profile_purpose),
        chargingProfileKind=profile.charging_profile_kind.value,
        recurrencyKind=profile.recurrency_kind and profile.recurrency_kind.value,
        validFrom=clock.iso(profile.valid_from),
        validTo=clock.iso(profile.valid_to),
        chargingSchedule=_schedule(profile.charging_schedule[0]),
    )


def purpose(purpose: ProfilePurpose) -> str:
    """ChargingProfilePurposeType (section 7.10).

    Raises:
        CommandUnsupported: If 1.6 has no word for it.
    """
    if purpose not in _PURPOSES:
        raise CommandUnsupported("OCPP 1.6 knows no external constraints")
    return _PURPOSES[purpose]


def _number(transaction_id: str | None) -> int | None:
    if transaction_id is None:
        return None
    try:
        return int(transaction_id)
    except ValueError:
        raise CommandUnsupported("OCPP 1.6 knows transactions by their numbers") from None


def _schedule(schedule: ChargingSchedule) -> Payload:
    if schedule.sales_tariff is not None:
        raise CommandUnsupported("OCPP 1.6 has no sales tariffs")
    least: Decimal | None = schedule.min_charging_rate
    return given(
        duration=schedule.duration,
        startSchedule=clock.iso(schedule.start_schedule),
        chargingRateUnit=schedule.charging_rate_unit.value,
        chargingSchedulePeriod=[_period(period) for period in schedule.charging_schedule_period],
        minChargingRate=None if least is None else charging_rates.written(least),
    )


def _period(period: SchedulePeriod) -> Payload:
    if period.phase_to_use is not None:
        raise CommandUnsupported("OCPP 1.6 can't choose a phase")
    return given(
        startPeriod=period.start_period,
        limit=charging_rates.written(period.limit),
        numberPhases=period.number_phases,
    )
