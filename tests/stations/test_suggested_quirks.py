from datetime import timedelta

import pytest

from emobi.core import clock, ulid
from stations import capabilities, suggested_quirks
from stations.models import Command, CommandState, Deviation, RefusedHandshake
from tests.stations.telling import NOON


def suggested(station):
    return {
        suggestion.quirk: suggestion.value
        for suggestion in suggested_quirks.of(station, capabilities.of(station))
    }


@pytest.mark.parametrize(
    ("rule", "flags"),
    [
        ("message id", {"match_lone_answer": True}),
        ("energy scale", {"energy_factor": 1000}),
        ("power scale", {"power_factor": 0.001}),
        ("register fell", {"session_energy_meter": True}),
        ("no token", {"free_vend_token": "FREE"}),
        ("spelling", {}),
    ],
)
def test_what_a_station_does_often_suggests_a_flag(alpha, rule, flags):
    row = Deviation.objects.create(
        station=alpha, action="", path="p", rule=rule, count=2, first_at=NOON, last_at=NOON
    )
    assert suggested(alpha) == {}
    row.count = 3
    row.save()
    assert suggested(alpha) == flags
    alpha.model_quirks = dict.fromkeys(flags)
    assert suggested(alpha) == {}


@pytest.mark.parametrize(
    ("skew_s", "flags"),
    [
        (7200, {"local_time_zone": "+02:00"}),
        (-3541, {"local_time_zone": "-01:00"}),
        (19_860, {"local_time_zone": "+05:30"}),
        (30, {}),
        (600, {}),
        (-1_800_000_000, {}),
        (None, {}),
    ],
)
def test_a_clock_that_is_off_by_a_zone_suggests_it(alpha, skew_s, flags):
    alpha.clock_skew_s = skew_s
    assert suggested(alpha) == flags


def failed_trigger(station, reason, hours_ago):
    Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name="trigger_message",
        state=CommandState.FAILED, outcome={"reason": reason}, requested_by="user:x",
        expires_at=NOON, ended_at=clock.now() - timedelta(hours=hours_ago),
    )  # fmt: skip


def test_a_station_that_never_took_a_trigger_is_asked_for_none(alpha):
    failed_trigger(alpha, "InternalError", 2)
    assert suggested(alpha) == {}
    failed_trigger(alpha, "NotImplemented: no such action", 1)
    assert suggested(alpha) == {"no_trigger": True}


def test_a_station_that_names_no_subprotocol_is_taken_to_speak_one(alpha, network):
    RefusedHandshake.objects.create(
        network=network, network_slug=network.slug, identity="alpha", remote_address="10.0.0.1",
        reason="no subprotocol", status=400, first_at=NOON, last_at=NOON,
    )  # fmt: skip
    assert suggested(alpha) == {"assume_subprotocol": "ocpp1.6"}
