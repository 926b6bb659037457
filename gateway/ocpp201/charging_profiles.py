"""ChargingProfileType and ChargingScheduleType (OCPP 2.0.1 part 2, sections 2.10 to 2.12), both ways."""

from typing import Any

from emobi.core import clock
from gateway import charging_rates, timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import sales_tariffs
from gateway.payloads import given
from stations.commands.charging_profiles import (
    ChargingProfile,
    ChargingSchedule,
    ProfileKind,
    ProfilePurpose,
    RateUnit,
    Recurrency,
    SchedulePeriod,
)


def encode(profile: ChargingProfile) -> Payload:
    """A profile that has all its ids."""
    return given(
        id=profile.id,
        stackLevel=profile.stack_level,
        chargingProfilePurpose=profile.charging_profile_purpose.value,
        chargingProfileKind=profile.charging_profile_kind.value,
        recurrencyKind=profile.recurrency_kind and profile.recurrency_kind.value,
        validFrom=clock.iso(profile.valid_from),
        validTo=clock.iso(profile.valid_to),
        transactionId=profile.transaction_id,
        chargingSchedule=[
            _encode_schedule(number, each) for number, each in enumerate(profile.charging_schedule, 1)
        ],
    )


def _encode_schedule(number: int, schedule: ChargingSchedule) -> Payload:
    least, tariff = schedule.min_charging_rate, schedule.sales_tariff
    return given(
        id=number if schedule.id is None else schedule.id,
        startSchedule=clock.iso(schedule.start_schedule),
        duration=schedule.duration,
        chargingRateUnit=schedule.charging_rate_unit.value,
        minChargingRate=None if least is None else charging_rates.written(least),
        chargingSchedulePeriod=[_encode_period(period) for period in schedule.charging_schedule_period],
        salesTariff=None if tariff is None else sales_tariffs.encode(tariff),
    )


def _encode_period(period: SchedulePeriod) -> Payload:
    return given(
        startPeriod=period.start_period,
        limit=charging_rates.written(period.limit),
        numberPhases=period.number_phases,
        phaseToUse=period.phase_to_use,
    )


def parse(element: Payload) -> ChargingProfile:
    """A profile that a station has, whatever rules it breaks."""
    recurrency = element.get("recurrencyKind")
    return ChargingProfile(
        id=element["id"],
        stack_level=max(element["stackLevel"], 0),
        charging_profile_purpose=ProfilePurpose(element["chargingProfilePurpose"]),
        charging_profile_kind=ProfileKind(element["chargingProfileKind"]),
        recurrency_kind=None if recurrency is None else Recurrency(recurrency),
        valid_from=timestamps.read(element.get("validFrom")),
        valid_to=timestamps.read(element.get("validTo")),
        transaction_id=element.get("transactionId") or None,
        charging_schedule=tuple(parse_schedule(schedule) for schedule in element["chargingSchedule"]),
    )


def parse_schedule(element: Payload) -> ChargingSchedule:
    """A schedule that a station has, or that an EV has made."""
    least, tariff = element.get("minChargingRate"), element.get("salesTariff")
    duration = element.get("duration")
    return ChargingSchedule(
        id=element["id"],
        start_schedule=timestamps.read(element.get("startSchedule")),
        duration=None if duration is None else charging_rates.seconds(duration),
        charging_rate_unit=RateUnit(element["chargingRateUnit"]),
        min_charging_rate=None if least is None else charging_rates.read(least),
        charging_schedule_period=tuple(parse_period(period) for period in element["chargingSchedulePeriod"]),
        sales_tariff=None if tariff is None else sales_tariffs.parse(tariff),
    )


def parse_period(element: Payload) -> SchedulePeriod:
    """A period; a number of phases that nothing has is none."""
    phases: Any = element.get("numberPhases")
    return SchedulePeriod(
        start_period=charging_rates.seconds(element["startPeriod"]),
        limit=charging_rates.read(element["limit"]),
        number_phases=phases if phases in (1, 2, 3) else None,
        phase_to_use=element.get("phaseToUse"),
    )
