"""What is filled into a profile before it is sent, and what isn't sent at all."""

import dataclasses
from datetime import timedelta

import pytest

from emobi.core.errors import Conflict, Refused
from sessions.models import EvNegotiation, InstalledProfile
from sessions.reports import LimitReport
from sessions.services import charging_sessions, external_limits, installed_profiles
from sessions.services.profile_preparation import for_query, for_setting, for_start
from stations.commands.charging_profiles import GetChargingProfiles, LimitSource, RateUnit, SchedulePeriod
from stations.commands.transactions import RemoteStart
from stations.models import Variable
from tests.sessions.profiles import DEFAULT, MAX, TX, charging, install, profile, schedule, setting
from tests.sessions.said import NOON, after, stop_16, tell


def said(station, variable, value, **more):
    Variable.objects.create(
        station=station,
        component="SmartChargingCtrlr",
        variable=variable,
        value=value,
        reported_at=NOON,
        **more,
    )


def prepared(station, *args, **more):
    return for_setting(station, setting(*args, **more)).charging_profile


def test_a_profile_without_an_id_gets_one_that_is_new(bravo):
    install(bravo, 0, DEFAULT, 5)
    first, second = (prepared(bravo, 0, MAX, None).id for _ in range(2))
    assert len({first, second, 5}) == 3
    assert 0 < first < 2**31


def test_a_profile_in_the_place_of_another_gets_its_id(bravo):
    install(bravo, 0, DEFAULT, 5)
    assert prepared(bravo, 0, DEFAULT, None).id == 5
    assert prepared(bravo, 0, DEFAULT, None, stack_level=1).id != 5


def test_schedules_are_numbered(bravo):
    found = prepared(bravo, 0, DEFAULT, 1, schedules=(schedule(id=None),))
    assert [each.id for each in found.charging_schedule] == [1]


@pytest.mark.parametrize(
    ("evse_id", "args", "more"),
    [
        (0, (DEFAULT, 6), {}),
        (0, (DEFAULT, 6), {"valid_from": after(30), "valid_to": after(90)}),
        (2, (DEFAULT, 6), {}),  # what EVSE 0 has is active on every EVSE
        (2, (DEFAULT, 6), {"valid_from": after(300)}),  # K01.FR.53
    ],
)
def test_another_profile_at_the_same_time_on_the_same_level_is_not_sent(bravo, evse_id, args, more):
    install(bravo, 0, DEFAULT, 5, valid_to=after(60))
    with pytest.raises(Conflict, match="profile 5 of EVSE 0"):
        prepared(bravo, evse_id, *args, **more)


@pytest.mark.parametrize(
    ("args", "more"),
    [
        ((DEFAULT, 5), {}),
        ((DEFAULT, 6), {"stack_level": 1}),
        ((DEFAULT, 6), {"valid_from": after(60)}),
        ((MAX, 6), {}),
    ],
)
def test_at_another_time_or_on_another_level_it_is(bravo, args, more):
    install(bravo, 0, DEFAULT, 5, valid_to=after(60))
    assert prepared(bravo, 0, *args, **more).id == args[1]


def test_an_older_station_replaces_what_has_the_place(alpha):
    install(alpha, 0, DEFAULT, 5)
    assert prepared(alpha, 0, DEFAULT, 6).id == 6
    assert prepared(alpha, 1, DEFAULT, 7).id == 7


def test_the_id_of_an_external_limit_is_never_used(bravo):
    limit = LimitReport(limit_source=LimitSource.EMS, evse_id=0, grid_critical=None, schedules=())
    tell(external_limits.set_limit, bravo, limit)
    InstalledProfile.objects.update(profile_id=-1)
    with pytest.raises(Conflict, match="external"):
        prepared(bravo, 0, DEFAULT, -1)


@pytest.mark.parametrize("version", ["alpha", "bravo"])
def test_a_profile_for_a_transaction_names_the_one_that_runs(request, version):
    station = request.getfixturevalue(version)
    session = charging(station)
    assert prepared(station, 1, TX).transaction_id == session.transaction_id
    assert prepared(station, 1, TX, transaction_id=session.transaction_id).transaction_id


@pytest.mark.parametrize("version", ["alpha", "bravo"])
@pytest.mark.parametrize(
    ("evse_id", "more", "reason"),
    [
        (2, {}, "No transaction runs on EVSE 2"),
        (1, {"transaction_id": "99"}, "doesn't run"),
    ],
)
def test_without_its_transaction_it_is_not_sent(request, version, evse_id, more, reason):
    station = request.getfixturevalue(version)
    charging(station)
    with pytest.raises(Conflict, match=reason):
        prepared(station, evse_id, TX, **more)


def test_a_transaction_is_limited_where_it_runs(alpha):
    session = charging(alpha)
    with pytest.raises(Conflict, match="runs on EVSE 1"):
        prepared(alpha, 2, TX, transaction_id=session.transaction_id)
    tell(charging_sessions.end, alpha, stop_16(session.transaction_id))
    with pytest.raises(Conflict, match="No transaction"):
        prepared(alpha, 1, TX)


def test_two_profiles_of_a_transaction_need_two_levels(bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 5, transaction_id=session.transaction_id)
    assert prepared(bravo, 1, TX, None).id == 5
    assert prepared(bravo, 1, TX, 6, stack_level=1).id == 6
    with pytest.raises(Conflict, match="profile 5"):
        prepared(bravo, 1, TX, 6)


def test_a_choice_is_for_evs_that_told_their_needs(bravo):
    session = charging(bravo)
    choice = (schedule(16), schedule(8, id=2))
    with pytest.raises(Conflict, match="told its needs"):
        prepared(bravo, 1, TX, schedules=choice)
    EvNegotiation.objects.create(
        station=bravo, evse_id=1, transaction_id=session.transaction_id, needs={}, needs_at=NOON
    )
    assert len(prepared(bravo, 1, TX, schedules=choice).charging_schedule) == 2


@pytest.mark.parametrize(
    ("variable", "value", "more", "reason"),
    [
        ("ProfileStackLevel", "2", {"stack_level": 3}, "up to 2"),
        ("RateUnit", "W", {}, "in W only"),
        ("RateUnit", "Power", {}, "in W only"),
        ("PeriodsPerSchedule", "1", {"schedules": "two periods"}, "1 periods"),
    ],
)
def test_what_the_station_says_it_cannot_take_is_not_sent(bravo, variable, value, more, reason):
    if "schedules" in more:
        two = tuple(SchedulePeriod(start_period=start, limit=16) for start in (0, 60))
        more = {"schedules": (dataclasses.replace(schedule(), charging_schedule_period=two),)}
    assert prepared(bravo, 0, **more)
    said(bravo, variable, value)
    with pytest.raises(Refused, match=reason):
        prepared(bravo, 0, **more)


@pytest.mark.parametrize("value", ["A,W", "Current,Power", " current , power "])
def test_units_are_understood_in_every_spelling(alpha, value):
    said(alpha, "RateUnit", value)
    for unit in RateUnit:
        assert prepared(alpha, 0, schedules=(schedule(unit=unit),))


def test_nonsense_about_its_abilities_is_no_ability(alpha):
    for variable in ("ProfileStackLevel", "PeriodsPerSchedule", "RateUnit"):
        said(alpha, variable, "many")
    assert prepared(alpha, 0, stack_level=99)


def test_a_phase_is_chosen_only_where_that_is_known_to_work(bravo):
    one_phase = (schedule(number_phases=1, phase_to_use=2),)
    with pytest.raises(Refused, match="switch phases"):
        prepared(bravo, 1, DEFAULT, schedules=one_phase)
    said(bravo, "ACPhaseSwitchingSupported", "true", evse_id=1)
    assert prepared(bravo, 1, DEFAULT, schedules=one_phase)
    with pytest.raises(Refused, match="switch phases"):
        prepared(bravo, 2, DEFAULT, schedules=one_phase)


def test_two_phases_at_once_are_not_asked_for(bravo):
    said(bravo, "ACPhaseSwitchingSupported", "true")
    first, second = ((schedule(number_phases=1, phase_to_use=phase),) for phase in (1, 2))
    install(bravo, 0, MAX, 5, schedules=first)
    assert prepared(bravo, 1, DEFAULT, schedules=first)
    with pytest.raises(Conflict, match="another phase"):
        prepared(bravo, 1, DEFAULT, schedules=second)


def test_no_more_ids_are_asked_for_than_the_station_holds_profiles(bravo):
    asked = GetChargingProfiles(charging_profile_id=(1, 2, 3))
    assert for_query(bravo, asked) == asked
    said(bravo, "Entries", "0", variable_instance="ChargingProfiles", characteristics={"maxLimit": 2})
    with pytest.raises(Refused, match="holds 2"):
        for_query(bravo, asked)
    assert for_query(bravo, GetChargingProfiles(stack_level=0))


def test_a_profile_with_a_remote_start_gets_its_ids(bravo):
    asked = RemoteStart(id_token="GOOD", charging_profile=profile(TX, None, schedules=(schedule(id=None),)))
    found = for_start(bravo, asked).charging_profile
    assert found.id > 0
    assert (found.transaction_id, found.charging_schedule[0].id) == (None, 1)
    assert for_start(bravo, RemoteStart(id_token="GOOD")).charging_profile is None


def test_a_profile_of_a_remote_start_has_its_level_in_the_transaction(bravo):
    asked = RemoteStart(id_token="GOOD", evse_id=1, remote_start_id=9, charging_profile=profile(TX, 5))
    installed_profiles.accepted_start(bravo, asked, None)
    charging(bravo, remote_start_id=9, minutes=1)
    assert prepared(bravo, 1, TX, None).id == 5
    with pytest.raises(Conflict, match="profile 5"):
        prepared(bravo, 1, TX, 6)


def test_times_that_meet_do_not_overlap(bravo):
    install(bravo, 0, MAX, 1, valid_from=NOON, valid_to=NOON + timedelta(days=1))
    assert prepared(bravo, 0, MAX, 2, valid_from=NOON + timedelta(days=1))
