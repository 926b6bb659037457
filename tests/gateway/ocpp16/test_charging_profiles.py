"""Charging profiles in 1.6: what of them it can say, and what it answers."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER
from stations.commands import catalogue
from stations.commands.charging_profiles import (
    ClearChargingProfile,
    GetCompositeSchedule,
    ProfilePurpose,
    RateUnit,
)
from tests.gateway.hearing import answered, asked

SCHEDULE = {
    "start_schedule": "2026-05-04T12:00:00+02:00",
    "duration": 7200,
    "charging_rate_unit": "A",
    "min_charging_rate": 6.1,
    "charging_schedule_period": [
        {"start_period": 0, "limit": 16, "number_phases": 1},
        {"start_period": 3600, "limit": 8.1},
    ],
}
PROFILE = {
    "id": 7,
    "stack_level": 2,
    "charging_profile_purpose": "TxProfile",
    "charging_profile_kind": "Recurring",
    "recurrency_kind": "Daily",
    "valid_from": "2026-05-04T10:00:00Z",
    "valid_to": "2026-06-04T10:00:00Z",
    "transaction_id": "17",
    "charging_schedule": [SCHEDULE],
}
WIRE = {
    "chargingProfileId": 7,
    "transactionId": 17,
    "stackLevel": 2,
    "chargingProfilePurpose": "TxProfile",
    "chargingProfileKind": "Recurring",
    "recurrencyKind": "Daily",
    "validFrom": "2026-05-04T10:00:00.000Z",
    "validTo": "2026-06-04T10:00:00.000Z",
    "chargingSchedule": {
        "duration": 7200,
        "startSchedule": "2026-05-04T10:00:00.000Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 16, "numberPhases": 1},
            {"startPeriod": 3600, "limit": 8.1},
        ],
        "minChargingRate": 6.1,
    },
}


def set_profile(**changes):
    return catalogue.parse("set_charging_profile", {"evse_id": 1, "charging_profile": PROFILE | changes})


def test_a_profile_is_set_with_all_that_can_be_said_of_it():
    assert asked("1.6", "set_charging_profile", set_profile()) == (
        "SetChargingProfile",
        {"connectorId": 1, "csChargingProfiles": WIRE},
    )


def test_a_profile_comes_with_a_remote_start():
    profile = {name: value for name, value in PROFILE.items() if name != "transaction_id"}
    command = catalogue.parse("remote_start", {"id_token": "GOOD", "evse_id": 2, "charging_profile": profile})
    wire = {name: value for name, value in WIRE.items() if name != "transactionId"}
    assert asked("1.6", "remote_start", command)[1] == {
        "idTag": "GOOD",
        "connectorId": 2,
        "chargingProfile": wire,
    }


@pytest.mark.parametrize(
    ("purpose", "word"),
    [("ChargingStationMaxProfile", "ChargePointMaxProfile"), ("TxDefaultProfile", "TxDefaultProfile")],
)
def test_purposes_have_names_of_their_own(purpose, word):
    params = {
        "evse_id": 0,
        "charging_profile": PROFILE | {"transaction_id": None, "charging_profile_purpose": purpose},
    }
    _, payload = asked("1.6", "set_charging_profile", catalogue.parse("set_charging_profile", params))
    assert payload["csChargingProfiles"]["chargingProfilePurpose"] == word


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"charging_schedule": [SCHEDULE, SCHEDULE]}, "one schedule"),
        ({"transaction_id": "tx-1"}, "numbers"),
        (
            {"charging_schedule": [SCHEDULE | {"charging_schedule_period": [
                {"start_period": 0, "limit": 6, "number_phases": 1, "phase_to_use": 2}]}]},
            "choose a phase",
        ),
        (
            {"charging_schedule": [SCHEDULE | {"sales_tariff": {
                "id": 1, "sales_tariff_entry": [{"relative_time_interval": {"start": 0}}]}}]},
            "tariffs",
        ),
    ],
)  # fmt: skip
def test_what_this_version_can_not_say_is_refused_with_the_reason(changes, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders["set_charging_profile"].encode(set_profile(**changes))


@pytest.mark.parametrize(
    ("command", "params", "payload"),
    [
        ("clear_charging_profile", ClearChargingProfile(), {}),
        ("clear_charging_profile", ClearChargingProfile(charging_profile_id=3), {"id": 3}),
        (
            "clear_charging_profile",
            ClearChargingProfile(
                evse_id=0, charging_profile_purpose=ProfilePurpose.STATION_MAX, stack_level=0
            ),
            {"connectorId": 0, "chargingProfilePurpose": "ChargePointMaxProfile", "stackLevel": 0},
        ),
        (
            "get_composite_schedule",
            GetCompositeSchedule(evse_id=0, duration=60),
            {"connectorId": 0, "duration": 60},
        ),
        (
            "get_composite_schedule",
            GetCompositeSchedule(evse_id=1, duration=60, charging_rate_unit=RateUnit.AMPERE),
            {"connectorId": 1, "duration": 60, "chargingRateUnit": "A"},
        ),
    ],
)
def test_a_command_is_said(command, params, payload):
    assert asked("1.6", command, params)[1] == payload


@pytest.mark.parametrize(
    ("command", "params", "status", "state"),
    [
        ("set_charging_profile", set_profile(), "Accepted", "accepted"),
        ("set_charging_profile", set_profile(), "Rejected", "rejected"),
        ("set_charging_profile", set_profile(), "NotSupported", "rejected"),
        ("clear_charging_profile", ClearChargingProfile(), "Accepted", "accepted"),
        ("clear_charging_profile", ClearChargingProfile(), "Unknown", "rejected"),
        ("get_composite_schedule", GetCompositeSchedule(evse_id=1, duration=1), "Rejected", "rejected"),
    ],
)
def test_an_answer_ends_its_command(command, params, status, state):
    outcome = answered("1.6", command, params, {"status": status})
    assert (outcome.state, outcome.status, outcome.detail) == (state, status, {})


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"connectorId": 1, "scheduleStart": "2026-05-04T12:00:00Z"},
            {"evse_id": 1, "schedule_start": "2026-05-04T12:00:00.000Z"},
        ),
        ({}, {"evse_id": None, "schedule_start": None}),
        ({"duration": 10**15}, {"evse_id": None, "schedule_start": None, "duration": 2**31 - 1}),
        ({"duration": -1}, {"evse_id": None, "schedule_start": None, "duration": 0}),
    ],
)
def test_the_stations_composite_schedule_is_told_as_far_as_it_goes(said, told):
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.1}]}
    schedule |= {name: said[name] for name in ("duration",) if name in said}
    where = {name: value for name, value in said.items() if name not in schedule}
    answer = {"status": "Accepted", "chargingSchedule": schedule, **where}
    outcome = answered("1.6", "get_composite_schedule", GetCompositeSchedule(evse_id=1, duration=600), answer)
    assert outcome.detail["schedule"] == {
        "duration": None,
        **told,
        "charging_rate_unit": "A",
        "charging_schedule_period": [
            {"start_period": 0, "limit": 8.1, "number_phases": None, "phase_to_use": None}
        ],
    }
