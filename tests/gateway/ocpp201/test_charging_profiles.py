"""Charging profiles in 2.0.1: commands said and answered, and what stations tell of their own accord."""

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp201 import (
    ADAPTER,
    charging_profiles,
    notify_charging_limit,
    notify_ev_charging_needs,
    report_charging_profiles,
)
from sessions.models import InstalledProfile
from stations.commands import catalogue
from stations.commands.charging_profiles import (
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    LimitSource,
    ProfilePurpose,
    RateUnit,
)
from stations.models import CommandState, Deviation
from tests.gateway.hearing import NOON, answered, asked, hear, kinds, parsed, told

TARIFF = {
    "id": 1,
    "sales_tariff_description": "night",
    "num_e_price_levels": 2,
    "sales_tariff_entry": [
        {
            "relative_time_interval": {"start": 0, "duration": 3600},
            "e_price_level": 1,
            "consumption_cost": [
                {
                    "start_value": 0.5,
                    "cost": [{"cost_kind": "RelativePricePercentage", "amount": 80, "amount_multiplier": -1}],
                }
            ],
        }
    ],
}
# Every field that there is.
FULL = {
    "evse_id": 1,
    "charging_profile": {
        "id": 7,
        "stack_level": 2,
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Recurring",
        "recurrency_kind": "Weekly",
        "valid_from": "2026-05-04T10:00:00Z",
        "valid_to": "2026-06-04T10:00:00.5+00:00",
        "transaction_id": "tx-1",
        "charging_schedule": [
            {
                "id": 3,
                "start_schedule": "2026-05-04T12:00:00+02:00",
                "duration": 7200,
                "charging_rate_unit": "A",
                "min_charging_rate": 6.1,
                "charging_schedule_period": [
                    {"start_period": 0, "limit": 16, "number_phases": 1, "phase_to_use": 2},
                    {"start_period": 3600, "limit": 8.1, "number_phases": 3},
                ],
                "sales_tariff": TARIFF,
            }
        ],
    },
}
FULL_WIRE = {
    "id": 7,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Weekly",
    "validFrom": "2026-05-04T10:00:00.000Z",
    "validTo": "2026-06-04T10:00:00.500Z",
    "transactionId": "tx-1",
    "chargingSchedule": [
        {
            "id": 3,
            "startSchedule": "2026-05-04T10:00:00.000Z",
            "duration": 7200,
            "chargingRateUnit": "A",
            "minChargingRate": 6.1,
            "chargingSchedulePeriod": [
                {"startPeriod": 0, "limit": 16, "numberPhases": 1, "phaseToUse": 2},
                {"startPeriod": 3600, "limit": 8.1, "numberPhases": 3},
            ],
            "salesTariff": {
                "id": 1,
                "salesTariffDescription": "night",
                "numEPriceLevels": 2,
                "salesTariffEntry": [
                    {
                        "relativeTimeInterval": {"start": 0, "duration": 3600},
                        "ePriceLevel": 1,
                        "consumptionCost": [
                            {
                                "startValue": 0.5,
                                "cost": [
                                    {
                                        "costKind": "RelativePricePercentage",
                                        "amount": 80,
                                        "amountMultiplier": -1,
                                    }
                                ],
                            }
                        ],
                    }
                ],
            },
        }
    ],
}
SCHEDULE = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16}]}


def test_a_profile_is_set_with_all_that_can_be_said_of_it():
    command = catalogue.parse("set_charging_profile", FULL)
    assert asked("2.0.1", "set_charging_profile", command) == (
        "SetChargingProfile",
        {"evseId": 1, "chargingProfile": FULL_WIRE},
    )


def test_what_is_said_is_read_back():
    command = catalogue.parse("set_charging_profile", FULL)
    assert charging_profiles.parse(FULL_WIRE) == command.charging_profile


def test_a_profile_comes_with_a_remote_start():
    profile = {**FULL["charging_profile"], "transaction_id": None}
    command = catalogue.parse("remote_start", {"id_token": "GOOD", "charging_profile": profile})
    _, payload = asked("2.0.1", "remote_start", dataclasses.replace(command, remote_start_id=1))
    wire = {name: value for name, value in FULL_WIRE.items() if name != "transactionId"}
    assert payload["chargingProfile"] == wire


@pytest.mark.parametrize(
    ("command", "params", "payload"),
    [
        ("clear_charging_profile", ClearChargingProfile(charging_profile_id=-3), {"chargingProfileId": -3}),
        (
            "clear_charging_profile",
            ClearChargingProfile(evse_id=0, charging_profile_purpose=ProfilePurpose.TX, stack_level=0),
            {
                "chargingProfileCriteria": {
                    "evseId": 0,
                    "chargingProfilePurpose": "TxProfile",
                    "stackLevel": 0,
                }
            },
        ),
        (
            "get_charging_profiles",
            GetChargingProfiles(request_id=4, evse_id=0, charging_profile_id=(1, 2)),
            {"requestId": 4, "evseId": 0, "chargingProfile": {"chargingProfileId": [1, 2]}},
        ),
        (
            "get_charging_profiles",
            GetChargingProfiles(
                request_id=4,
                stack_level=0,
                charging_profile_purpose=ProfilePurpose.EXTERNAL_CONSTRAINTS,
                charging_limit_source=(LimitSource.EMS, LimitSource.SO),
            ),
            {
                "requestId": 4,
                "chargingProfile": {
                    "stackLevel": 0,
                    "chargingProfilePurpose": "ChargingStationExternalConstraints",
                    "chargingLimitSource": ["EMS", "SO"],
                },
            },
        ),
        (
            "get_composite_schedule",
            GetCompositeSchedule(evse_id=0, duration=60, charging_rate_unit=RateUnit.WATT),
            {"evseId": 0, "duration": 60, "chargingRateUnit": "W"},
        ),
    ],
)
def test_a_command_is_said(command, params, payload):
    assert asked("2.0.1", command, params)[1] == payload


def test_all_profiles_together_cannot_be_cleared():
    with pytest.raises(CommandUnsupported, match="never all"):
        ADAPTER.senders["clear_charging_profile"].encode(ClearChargingProfile())


@pytest.mark.parametrize(
    ("command", "params", "status", "state"),
    [
        ("set_charging_profile", catalogue.parse("set_charging_profile", FULL), "Accepted", "accepted"),
        ("set_charging_profile", catalogue.parse("set_charging_profile", FULL), "Rejected", "rejected"),
        ("clear_charging_profile", ClearChargingProfile(), "Accepted", "accepted"),
        ("clear_charging_profile", ClearChargingProfile(), "Unknown", "rejected"),
        ("get_charging_profiles", GetChargingProfiles(), "Accepted", "accepted"),
        ("get_charging_profiles", GetChargingProfiles(), "NoProfiles", "accepted"),
        ("get_composite_schedule", GetCompositeSchedule(evse_id=1, duration=1), "Rejected", "rejected"),
    ],
)
def test_an_answer_ends_its_command(command, params, status, state):
    outcome = answered("2.0.1", command, params, {"status": status, "statusInfo": {"reasonCode": "X"}})
    assert (outcome.state, outcome.status, outcome.detail) == (state, status, {"reason_code": "X"})


@pytest.mark.parametrize(("said", "told"), [(600, 600), (10**15, 2**31 - 1), (-1, 0)])
def test_the_stations_composite_schedule_is_told(said, told):
    answer = {
        "status": "Accepted",
        "schedule": {
            "evseId": 1,
            "duration": said,
            "scheduleStart": "2026-05-04T12:00:00Z",
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 11000.5, "numberPhases": 3}],
        },
    }
    outcome = answered(
        "2.0.1", "get_composite_schedule", GetCompositeSchedule(evse_id=1, duration=600), answer
    )
    assert outcome.state == CommandState.ACCEPTED
    assert outcome.detail["schedule"] == {
        "evse_id": 1,
        "schedule_start": "2026-05-04T12:00:00.000Z",
        "duration": told,
        "charging_rate_unit": "W",
        "charging_schedule_period": [
            {"start_period": 0, "limit": 11000.5, "number_phases": 3, "phase_to_use": None}
        ],
    }


def test_numbers_that_no_station_means_are_brought_into_range():
    period = charging_profiles.parse_period({"startPeriod": -5, "limit": 1e300, "numberPhases": 9})
    assert (period.start_period, period.limit, period.number_phases) == (0, 10**9, None)


@pytest.mark.parametrize(("said", "last"), [({}, True), ({"tbc": False}, True), ({"tbc": True}, False)])
def test_the_last_part_of_a_report_announces_no_other(said, last):
    payload = {
        "requestId": 5,
        "chargingLimitSource": "SO",
        "evseId": 2,
        "chargingProfile": [FULL_WIRE],
        **said,
    }
    report = parsed("2.0.1", report_charging_profiles, "ReportChargingProfiles", payload)
    assert (report.request_id, report.limit_source, report.evse_id, report.last) == (5, "SO", 2, last)
    assert report.profiles == (catalogue.parse("set_charging_profile", FULL).charging_profile,)


def test_a_report_is_an_event(bravo):
    payload = {"requestId": 5, "chargingLimitSource": "CSO", "evseId": 0, "chargingProfile": [FULL_WIRE]}
    assert hear(bravo, "ReportChargingProfiles", payload) == {}
    [event] = told(bravo)
    assert event.type == "charging_profile.reported"
    assert event.data["charging_profiles"][0]["charging_schedule"][0]["sales_tariff"]["id"] == 1


@pytest.mark.parametrize(
    ("where", "odd"),
    [
        ({"evseId": 2**31 - 1}, {}),
        ({}, {"id": -(2**63)}),
        ({}, {"stackLevel": 2**63 - 1}),
    ],
)
def test_a_profile_that_there_cannot_be_is_told_but_not_kept(bravo, where, odd):
    payload = {"requestId": 5, "chargingLimitSource": "CSO", "evseId": 0, **where}
    assert hear(bravo, "ReportChargingProfiles", payload | {"chargingProfile": [FULL_WIRE | odd]}) == {}
    assert not InstalledProfile.objects.exists()
    assert (kinds(bravo), Deviation.objects.get().rule) == (["charging_profile.reported"], "range")


def test_a_limit_without_a_start_begins_with_its_message():
    payload = {
        "chargingLimit": {"chargingLimitSource": "EMS", "isGridCritical": True},
        "chargingSchedule": [SCHEDULE, {**SCHEDULE, "startSchedule": "2026-05-04T13:00:00Z"}],
    }
    report = parsed("2.0.1", notify_charging_limit, "NotifyChargingLimit", payload)
    assert (report.limit_source, report.evse_id, report.grid_critical) == ("EMS", 0, True)
    starts = [schedule.start_schedule for schedule in report.schedules]
    assert starts == [NOON, datetime(2026, 5, 4, 13, tzinfo=UTC)]
    assert report.schedules[0].charging_schedule_period[0].limit == Decimal(16)


def test_a_limit_where_there_cannot_be_an_evse_is_told_but_not_kept(bravo):
    said = {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 10_000}
    assert hear(bravo, "NotifyChargingLimit", said) == {}
    assert not InstalledProfile.objects.exists()
    assert (kinds(bravo), Deviation.objects.get().path) == (["limit.set"], "evseId")


def test_limits_come_and_go(bravo):
    limit = {"chargingLimitSource": "EMS"}
    assert hear(bravo, "NotifyChargingLimit", {"chargingLimit": limit, "evseId": 1}) == {}
    assert hear(bravo, "ClearedChargingLimit", limit) == {}
    assert kinds(bravo) == ["limit.set", "limit.cleared"]
    assert [event.data["evse_id"] for event in told(bravo)] == [1, None]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (
            {
                "acChargingParameters": {
                    "energyAmount": 40000, "evMinCurrent": 6, "evMaxCurrent": 16, "evMaxVoltage": 400
                }
            },
            {"energy_wh": 40000, "min_current_a": 6, "max_current_a": 16, "max_voltage_v": 400},
        ),
        (
            {
                "dcChargingParameters": {
                    "evMaxCurrent": 300, "evMaxVoltage": 800, "energyAmount": 1, "evMaxPower": 150000,
                    "stateOfCharge": 20, "evEnergyCapacity": 77000, "fullSoC": 100, "bulkSoC": 80,
                },
                "departureTime": "2026-05-04T18:00:00Z",
            },
            {
                "max_current_a": 300, "max_voltage_v": 800, "energy_wh": 1, "max_power_w": 150000,
                "soc_percent": 20, "capacity_wh": 77000, "full_soc_percent": 100, "bulk_soc_percent": 80,
                "departure_at": datetime(2026, 5, 4, 18, tzinfo=UTC),
            },
        ),
        ({}, {}),
    ],
)  # fmt: skip
def test_needs_are_read_from_what_the_ev_has(parameters, expected):
    payload = {
        "evseId": 1,
        "maxScheduleTuples": -1,
        "chargingNeeds": {"requestedEnergyTransfer": "DC", **parameters},
    }
    report = parsed("2.0.1", notify_ev_charging_needs, "NotifyEVChargingNeeds", payload)
    said = {name: value for name, value in dataclasses.asdict(report).items() if value is not None}
    assert said == {"evse_id": 1, "energy_transfer": "DC", **expected}


def test_an_ev_without_a_transaction_gets_no_schedule(bravo):
    needs = {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "DC"}}
    assert hear(bravo, "NotifyEVChargingNeeds", needs) == {"status": "Rejected"}
    plan = {"timeBase": "2026-05-04T12:00:00Z", "evseId": 1, "chargingSchedule": SCHEDULE}
    assert hear(bravo, "NotifyEVChargingSchedule", plan) == {"status": "Accepted"}
    assert kinds(bravo) == ["ev.charging_needs", "ev.charging_schedule"]
