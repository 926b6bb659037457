"""What stations have: accepted, cleared, reported; and what the database allows of it."""

import dataclasses
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from emobi.core import clock, ulid
from emobi.core.models import Event
from sessions import held_profiles
from sessions.models import InstalledProfile, ProfileSource
from sessions.reports import LimitClearedReport, LimitReport, ProfilesReport
from sessions.services import charging_sessions, external_limits, installed_profiles
from stations.commands.charging_profiles import (
    ClearChargingProfile,
    GetChargingProfiles,
    LimitSource,
    RateUnit,
)
from stations.commands.transactions import RemoteStart
from stations.models import Command, CommandState
from stations.services.commanding import command_parts
from tests.sessions.profiles import DEFAULT, EXTERNAL, MAX, TX, charging, install, profile, schedule
from tests.sessions.said import NOON, after, ended, stop_16, tell, told

HOUR = timedelta(hours=1)


def ids(station):
    return sorted(InstalledProfile.objects.filter(station=station).values_list("profile_id", flat=True))


def part(evse_id, *profiles, source=LimitSource.CSO, last=True, request_id=7):
    return ProfilesReport(
        request_id=request_id, limit_source=source, evse_id=evse_id, profiles=profiles, last=last
    )


def ask(station, at=NOON, **params):
    return Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name="get_charging_profiles",
        params={"request_id": 7, **params}, state=CommandState.ACCEPTED, sent_at=at,
        created_at=at, expires_at=at + HOUR,
    )  # fmt: skip


def test_what_a_station_accepts_it_has(bravo):
    install(bravo, 1, DEFAULT, 5, limit=8.1, valid_to=after(60))
    [row] = InstalledProfile.objects.all()
    assert (row.evse_id, row.profile_id, row.source, row.limit_source) == (1, 5, "ours", "CSO")
    assert row.profile == profile(DEFAULT, 5, limit=8.1, valid_to=after(60))


def test_the_same_again_is_one(bravo):
    for _ in range(2):
        install(bravo, 1, DEFAULT, 5)
    assert ids(bravo) == [5]


def test_a_profile_replaces_the_one_with_its_id_wherever_that_was(bravo):
    install(bravo, 1, DEFAULT, 5)
    install(bravo, 0, MAX, 5)
    assert [(row.evse_id, row.purpose) for row in InstalledProfile.objects.all()] == [(0, MAX)]


def test_an_older_station_replaces_by_purpose_and_level(alpha):
    install(alpha, 1, DEFAULT, 5, valid_to=after(60))
    install(alpha, 1, DEFAULT, 6, valid_from=after(90))
    install(alpha, 1, DEFAULT, 7, stack_level=1)
    install(alpha, 2, DEFAULT, 8)
    assert ids(alpha) == [6, 7, 8]


def test_a_newer_one_keeps_both_if_they_are_never_valid_together(bravo):
    install(bravo, 1, DEFAULT, 5, valid_to=after(60))
    install(bravo, 1, DEFAULT, 6, valid_from=after(60))
    assert ids(bravo) == [5, 6]


@pytest.mark.parametrize("purpose", [DEFAULT, MAX])
def test_the_database_refuses_two_of_ours_at_the_same_time(bravo, purpose):
    install(bravo, 0, purpose, 5, valid_to=after(60))
    row = InstalledProfile.objects.get()
    row.pk, row.profile_id, row.valid_from, row.valid_to = None, 6, after(30), None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    row.valid_from = after(60)
    row.save()
    assert ids(bravo) == [5, 6]


@pytest.mark.parametrize(
    "change",
    [
        {"evse_id": 1},
        {"purpose": EXTERNAL},
        {"purpose": TX},
        {"source": "external"},
        {"valid_from": after(90), "valid_to": after(60)},
        {"valid_from": after(-60 * 24 * 365 * 100)},
    ],
)
def test_the_database_refuses_what_can_not_be(bravo, change):
    install(bravo, 0, MAX, 5)
    with pytest.raises(IntegrityError), transaction.atomic():
        InstalledProfile.objects.update(**change)


def test_two_profiles_of_a_transaction_have_two_levels(bravo):
    install(bravo, 1, TX, 5, transaction_id="tx-1")
    row = InstalledProfile.objects.get()
    row.pk, row.profile_id = None, 6
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        ({"charging_profile_id": 1}, [2, 3, 4]),
        ({"charging_profile_id": 9}, [1, 2, 3, 4]),
        ({"evse_id": 0}, [2, 4]),
        ({"charging_profile_purpose": DEFAULT}, [3, 4]),
        ({"stack_level": 1}, [1, 3, 4]),
        ({"charging_profile_purpose": DEFAULT, "stack_level": 0, "evse_id": 0}, [2, 3, 4]),
        ({"charging_profile_purpose": MAX, "stack_level": 1}, [1, 2, 3, 4]),
        ({}, [4]),
    ],
)
def test_profiles_are_cleared_by_any_criteria_but_not_those_of_others(bravo, asked, left):
    install(bravo, 0, DEFAULT, 1)
    install(bravo, 1, DEFAULT, 2, stack_level=1)
    install(bravo, 0, MAX, 3)
    tell(installed_profiles.report, bravo, part(1, profile(EXTERNAL, 4), source=LimitSource.EMS))
    installed_profiles.cleared(bravo, ClearChargingProfile(**asked))
    assert ids(bravo) == left


def test_a_profile_of_a_transaction_is_held_until_that_ends(bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 5, transaction_id=session.transaction_id)
    rows = list(held_profiles.rows(bravo))
    assert held_profiles.held(rows, held_profiles.active(bravo)) == rows
    tell(charging_sessions.end, bravo, ended(1))
    assert held_profiles.held(rows, held_profiles.active(bravo)) == []


def test_profiles_of_old_transactions_are_swept(bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 5, transaction_id=session.transaction_id)
    install(bravo, 1, TX, 6, transaction_id="tx-over")
    install(bravo, 0, DEFAULT, 7)
    with clock.at(NOON + HOUR):
        installed_profiles.forget_the_old()
    assert ids(bravo) == [5, 6, 7]
    with clock.at(NOON + 30 * HOUR):
        installed_profiles.forget_the_old()
    assert ids(bravo) == [5, 7]
    tell(charging_sessions.end, bravo, ended(1))
    with clock.at(NOON + 30 * HOUR):
        installed_profiles.forget_the_old()
    assert ids(bravo) == [7]


@pytest.mark.parametrize(
    ("changes", "is_its"),
    [
        ({}, True),
        ({"evse_id": 2}, False),
        ({"token": None}, False),
    ],
)
def test_in_an_older_version_a_remote_starts_profile_is_for_the_next_with_its_token(alpha, changes, is_its):
    asked = RemoteStart(id_token="good", evse_id=1, remote_start_id=9, charging_profile=profile(TX, 5))
    with clock.at(NOON - timedelta(minutes=1)):
        installed_profiles.accepted_start(alpha, asked, None)
    charging(alpha, **changes)
    found = held_profiles.held(held_profiles.rows(alpha), held_profiles.active(alpha))
    assert bool(found) == is_its


def test_a_remote_start_that_led_to_nothing_limits_nothing(alpha):
    asked = RemoteStart(id_token="GOOD", charging_profile=profile(TX, 5))
    with clock.at(NOON - HOUR):
        installed_profiles.accepted_start(alpha, asked, None)
    charging(alpha)
    assert held_profiles.held(held_profiles.rows(alpha), held_profiles.active(alpha)) == []


def test_in_the_newer_version_the_start_names_it(bravo):
    asked = RemoteStart(id_token="OTHER", remote_start_id=9, charging_profile=profile(TX, 5))
    installed_profiles.accepted_start(bravo, asked, None)
    session = charging(bravo, remote_start_id=9)
    [row] = held_profiles.held(held_profiles.rows(bravo), held_profiles.active(bravo))
    assert (row.transaction_id, row.evse_id) == (session.transaction_id, 1)


def test_in_a_transaction_that_runs_already_it_replaces_the_profile_of_its_level(bravo):
    session = charging(bravo)
    install(bravo, 1, TX, 5, transaction_id=session.transaction_id)
    asked = RemoteStart(id_token="GOOD", evse_id=1, remote_start_id=9, charging_profile=profile(TX, 6))
    installed_profiles.accepted_start(bravo, asked, session.transaction_id)
    [row] = held_profiles.held(held_profiles.rows(bravo), held_profiles.active(bravo))
    assert (row.profile_id, row.transaction_id) == (6, session.transaction_id)


@pytest.mark.parametrize(
    ("evse_id", "query", "left"),
    [
        (1, installed_profiles.cleared, []),
        (2, installed_profiles.cleared, [5]),
        (1, installed_profiles.none_found, []),
        (2, installed_profiles.none_found, [5]),
    ],
)
def test_a_remote_starts_profile_is_cleared_where_its_transaction_is(bravo, evse_id, query, left):
    asked = RemoteStart(id_token="OTHER", remote_start_id=9, charging_profile=profile(TX, 5))
    installed_profiles.accepted_start(bravo, asked, None)
    charging(bravo, remote_start_id=9)
    criteria = ClearChargingProfile if query is installed_profiles.cleared else GetChargingProfiles
    query(bravo, criteria(evse_id=evse_id))
    assert ids(bravo) == left


def test_a_remote_start_without_a_profile_installs_none(bravo):
    installed_profiles.accepted_start(bravo, RemoteStart(id_token="GOOD"), None)
    assert ids(bravo) == []


# ── reports ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_reported_is_there(bravo):
    tell(installed_profiles.report, bravo, part(1, profile(DEFAULT, 5), profile(TX, 6, transaction_id="x")))
    rows = InstalledProfile.objects.order_by("profile_id")
    assert [(row.profile_id, row.source) for row in rows] == [(5, "reported"), (6, "reported")]
    [(kind, data)] = told(bravo)
    assert kind == "charging_profile.reported"
    assert (data["evse_id"], data["request_id"], data["complete"]) == (1, 7, True)
    assert [each["id"] for each in data["charging_profiles"]] == [5, 6]


def test_ours_stays_ours_if_the_station_tells_the_same(bravo):
    install(bravo, 0, MAX, 5)
    tell(installed_profiles.report, bravo, part(0, profile(MAX, 5)), received=NOON + HOUR)
    row = InstalledProfile.objects.get()
    assert (row.source, row.reported_at) == ("ours", NOON + HOUR)
    tell(installed_profiles.report, bravo, part(0, profile(MAX, 5, limit=9)))
    row.refresh_from_db()
    assert (row.source, row.profile) == ("ours", profile(MAX, 5, limit=9))
    tell(installed_profiles.report, bravo, part(0, profile(MAX, 5, stack_level=2)))
    row.refresh_from_db()
    assert (row.source, row.stack_level) == ("reported", 2)


def test_a_report_is_kept_whatever_rules_it_breaks(bravo):
    nonsense = (
        profile(DEFAULT, 5),
        profile(DEFAULT, 6),
        profile(MAX, 7, valid_from=after(60), valid_to=after(0)),
        profile(TX, 8, transaction_id="t" * 36),
    )
    tell(installed_profiles.report, bravo, part(1, *nonsense))
    tell(installed_profiles.report, bravo, part(0, *nonsense))
    assert ids(bravo) == [5, 6, 7, 8]
    assert held_profiles.composite(bravo, evse_id=1, since=NOON, duration_s=60, unit=RateUnit.AMPERE).periods


def test_the_parts_belong_to_the_command_that_asked(bravo):
    command = ask(bravo, at=clock.wall(), stack_level=0)
    tell(installed_profiles.report, bravo, part(0, profile(MAX, 5), last=False))
    tell(installed_profiles.report, bravo, part(1, profile(DEFAULT, 6)))
    command.refresh_from_db()
    report = command_parts.report(command)
    assert report["complete"]
    assert [(item["evse_id"], item["charging_profile"]["id"]) for item in report["items"]] == [(0, 5), (1, 6)]


def test_what_was_asked_for_and_is_not_there_is_forgotten(bravo):
    install(bravo, 0, MAX, 5, at=NOON - HOUR)
    install(bravo, 0, DEFAULT, 6, at=NOON - HOUR)
    install(bravo, 1, DEFAULT, 8, stack_level=1, at=NOON - HOUR)
    now = clock.wall()
    ask(bravo, at=now, charging_profile_purpose="TxDefaultProfile")
    with clock.at(now):
        install(bravo, 2, DEFAULT, 9, stack_level=2, at=now + HOUR)  # set since
        tell(
            installed_profiles.report,
            bravo,
            part(1, profile(DEFAULT, 8, stack_level=1), last=False),
            received=now,
        )
        assert ids(bravo) == [5, 6, 8, 9]
        tell(installed_profiles.report, bravo, part(1, profile(DEFAULT, 8, stack_level=1)), received=now)
    assert ids(bravo) == [5, 8, 9]


def test_no_profiles_means_none(bravo):
    install(bravo, 0, DEFAULT, 5)
    install(bravo, 0, MAX, 6)
    installed_profiles.none_found(bravo, GetChargingProfiles(charging_profile_id=(6, 7)))
    assert ids(bravo) == [5]
    installed_profiles.none_found(
        bravo, GetChargingProfiles(charging_limit_source=(LimitSource.EMS,), stack_level=0)
    )
    assert ids(bravo) == [5]


def test_a_station_cannot_fill_the_database(bravo, monkeypatch):
    monkeypatch.setattr(installed_profiles, "MOST_PROFILES", 2)
    many = [profile(DEFAULT, number) for number in range(4)]
    tell(installed_profiles.report, bravo, part(1, *many))
    assert ids(bravo) == [0, 1]


# ── limits of others ────────────────────────────────────────────────────────────────────────────────────


def limit(source=LimitSource.EMS, evse_id=0, **more):
    return LimitReport(
        limit_source=source, evse_id=evse_id, grid_critical=more.pop("grid_critical", None),
        schedules=more.pop("schedules", (schedule(10),)),
    )  # fmt: skip


def limited(station, evse_id=1):
    found = held_profiles.composite(station, evse_id=evse_id, since=NOON, duration_s=60, unit=RateUnit.AMPERE)
    return found.periods[0].limit, found.untold


def test_a_limit_holds_until_it_is_cleared(bravo):
    tell(external_limits.set_limit, bravo, limit(grid_critical=True))
    assert limited(bravo) == (10, ())
    tell(external_limits.clear_limit, bravo, LimitClearedReport(limit_source=LimitSource.EMS, evse_id=None))
    assert limited(bravo) == (None, ())
    assert [(kind, data["limit_source"]) for kind, data in told(bravo)] == [
        ("limit.set", "EMS"),
        ("limit.cleared", "EMS"),
    ]
    assert told(bravo)[0][1]["grid_critical"] is True


def test_a_limit_replaces_that_of_its_source_at_its_place(bravo):
    tell(external_limits.set_limit, bravo, limit())
    tell(external_limits.set_limit, bravo, limit(schedules=(schedule(20),)))
    tell(external_limits.set_limit, bravo, limit(evse_id=1, schedules=(schedule(30),)))
    tell(external_limits.set_limit, bravo, limit(LimitSource.SO, schedules=(schedule(25),)))
    assert limited(bravo) == (20, ())
    tell(external_limits.clear_limit, bravo, LimitClearedReport(limit_source=LimitSource.EMS, evse_id=0))
    assert limited(bravo) == (25, ())
    tell(external_limits.clear_limit, bravo, LimitClearedReport(limit_source=LimitSource.SO, evse_id=0))
    assert limited(bravo) == (30, ())


def test_a_limit_that_is_not_told_is_named(bravo):
    tell(external_limits.set_limit, bravo, limit(schedules=()))
    assert limited(bravo) == (None, ("EMS",))


def test_a_reported_constraint_is_the_limit_that_was_notified_of(bravo):
    tell(external_limits.set_limit, bravo, limit())
    tell(installed_profiles.report, bravo, part(0, profile(EXTERNAL, -1, limit=9), source=LimitSource.EMS))
    assert limited(bravo) == (9, ())
    assert InstalledProfile.objects.get().source == ProfileSource.EXTERNAL
    tell(external_limits.set_limit, bravo, limit(schedules=(schedule(12),)))
    assert limited(bravo) == (12, ())


def test_a_cleared_limit_that_we_never_knew_is_told(bravo):
    tell(external_limits.clear_limit, bravo, LimitClearedReport(limit_source=LimitSource.SO, evse_id=1))
    assert Event.objects.get().data["evse_id"] == 1


def test_ids_of_others_may_be_ours(bravo):
    install(bravo, 0, MAX, 5)
    tell(installed_profiles.report, bravo, part(0, profile(EXTERNAL, 5), source=LimitSource.EMS))
    assert ids(bravo) == [5, 5]


def test_the_session_of_a_stop_takes_no_profile_with_it_elsewhere(alpha, bravo):
    session = charging(alpha)
    install(bravo, 1, TX, 5, transaction_id=session.transaction_id)
    tell(charging_sessions.end, alpha, stop_16(session.transaction_id))
    assert ids(bravo) == [5]


def test_a_profile_without_content_changes_is_read_back(bravo):
    whole = dataclasses.replace(
        profile(TX, 5, transaction_id="tx-1", valid_from=NOON, valid_to=after(60)), stack_level=3
    )
    tell(installed_profiles.report, bravo, part(1, whole))
    assert InstalledProfile.objects.get().profile == whole
