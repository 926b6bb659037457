"""Stations of both versions and we come to the same schedule from the same charging profiles."""

from datetime import timedelta

import pytest

from emobi.core import clock
from sessions.models import InstalledProfile
from stations import capabilities
from stations.models import CommandState
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of

HOUR = 3600


def profile(purpose, unit, *limits, **more):
    start = clock.iso(clock.wall().replace(microsecond=0) - timedelta(minutes=30))
    schedule = {
        "start_schedule": start,
        "charging_rate_unit": unit,
        "charging_schedule_period": [{"start_period": at, "limit": limit} for at, limit in limits],
    }
    if "duration" in more:
        schedule["duration"] = more.pop("duration")
    said = {"charging_profile_kind": "Absolute", "charging_schedule": [schedule], **more}
    return {"charging_profile_purpose": purpose, **said}


def accepted(simulated, command, **params):
    sent = ask(simulated.known.station, command, params)
    assert end_of(sent) == CommandState.ACCEPTED, sent.outcome
    return sent.outcome["detail"]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
@pytest.mark.parametrize("unit", ["W", "A"])
def test_the_stations_composite_schedule_and_ours_are_one(gateway, simulate, version, unit):
    simulated = simulate(gateway, version)
    everyday = profile(
        "TxDefaultProfile",
        "A",
        (0, 16),
        (2 * HOUR, 10.5),
        charging_profile_kind="Recurring",
        recurrency_kind="Daily",
    )
    exception = profile("TxDefaultProfile", "W", (0, 4600), stack_level=1, duration=3 * HOUR // 2)
    accepted(simulated, "set_charging_profile", evse_id=1, charging_profile=everyday)
    accepted(simulated, "set_charging_profile", evse_id=1, charging_profile=exception)
    whole = profile("ChargingStationMaxProfile", "W", (0, 9000))
    accepted(simulated, "set_charging_profile", evse_id=0, charging_profile=whole)
    told = accepted(
        simulated, "get_composite_schedule", evse_id=1, duration=4 * HOUR, charging_rate_unit=unit
    )
    theirs, ours = told["schedule"], told["computed"]
    assert len(ours["charging_schedule_period"]) == 3
    for mine, its in zip(ours["charging_schedule_period"], theirs["charging_schedule_period"], strict=True):
        # Its clock is amid a second when it looks.
        assert mine["start_period"] == pytest.approx(its["start_period"], abs=1)
        assert mine["limit"] == pytest.approx(its["limit"], abs=0.11)  # they round, and we round down
    accepted(simulated, "clear_charging_profile", charging_profile_purpose="TxDefaultProfile")
    assert [row.purpose for row in InstalledProfile.objects.filter(station=simulated.known.station)] == [
        "ChargingStationMaxProfile"
    ]


def test_a_station_that_reports_its_profiles_is_believed(gateway, simulate):
    simulated = simulate(gateway, "2.0.1")
    whole = profile("ChargingStationMaxProfile", "W", (0, 9000), id=5)
    accepted(simulated, "set_charging_profile", evse_id=0, charging_profile=whole)
    accepted(
        simulated,
        "set_charging_profile",
        evse_id=1,
        charging_profile=profile("TxDefaultProfile", "A", (0, 16), id=6),
    )
    InstalledProfile.objects.filter(station=simulated.known.station).delete()
    accepted(simulated, "get_charging_profiles", charging_limit_source=["CSO"])
    rows = InstalledProfile.objects.filter(station=simulated.known.station).order_by("profile_id")
    until(lambda: rows.count() == 2)
    assert [(row.profile_id, row.evse_id, row.source) for row in rows] == [
        (5, 0, "reported"),
        (6, 1, "reported"),
    ]


LIMIT = profile("TxDefaultProfile", "A", (0, 6))


def test_a_valid_profile_that_is_refused_is_told_and_nothing_else_is_tried(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_charging_profile", {"evse_id": 1, "charging_profile": LIMIT})
        _, message_id, _, payload = charger.next_call()
        assert payload["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"
        charger.send([3, message_id, {"status": "Rejected"}])
        assert end_of(command) == CommandState.REJECTED
        assert charger.hears_nothing(0.3)
    assert (command.outcome["status"], command.outcome["raw"]) == ("Rejected", {"status": "Rejected"})
    assert not InstalledProfile.objects.filter(station=alpha.station).exists()
    refused = capabilities.of(alpha.station)["set_charging_profile"]
    assert (refused.worked_at, refused.failure) == (None, "Rejected")


def test_a_profile_that_is_taken_and_ignored_shows_beside_what_it_should_make(gateway, alpha):
    full = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 32}]}
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_charging_profile", {"evse_id": 1, "charging_profile": LIMIT})
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        assert end_of(command) == CommandState.ACCEPTED
        asked = {"evse_id": 1, "duration": 600, "charging_rate_unit": "A"}
        looked = ask(alpha.station, "get_composite_schedule", asked)
        answer = {"status": "Accepted", "connectorId": 1, "chargingSchedule": full}
        charger.send([3, charger.next_call()[1], answer])
        assert end_of(looked) == CommandState.ACCEPTED
    limits = {
        name: [period["limit"] for period in looked.outcome["detail"][name]["charging_schedule_period"]]
        for name in ("schedule", "computed")
    }
    assert limits == {"schedule": [32], "computed": [6]}
