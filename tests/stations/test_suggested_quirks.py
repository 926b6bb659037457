from datetime import timedelta

import pytest

from emobi.core import clock, events, ulid, unit_of_work
from stations import capabilities, suggested_quirks
from stations.connection_signs import SILENT
from stations.models import Command, CommandState, Deviation, RefusedHandshake
from tests.stations.telling import NOON, after

CANNOT_INFLATE = "received WebSocket message cannot be decompressed: Error -3"


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
    at = clock.now() - timedelta(hours=hours_ago)
    Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name="trigger_message",
        state=CommandState.FAILED, outcome={"reason": reason}, requested_by="user:x",
        expires_at=NOON, sent_at=at, ended_at=at,
    )  # fmt: skip


def test_a_station_that_never_took_a_trigger_is_asked_for_none(alpha):
    failed_trigger(alpha, "InternalError", 2)
    assert suggested(alpha) == {}
    failed_trigger(alpha, "NotImplemented: no such action", 1)
    assert suggested(alpha) == {"no_trigger": True}


# ── how it bears pings, compression and CALLs ───────────────────────────────────────────────────────────


def end_sockets(station, *connected_s, code=1006, reason=""):
    """Sockets that ended so long after they were opened."""
    for seconds in connected_s:
        with unit_of_work.begin():
            ended = events.StationDisconnected(code=code, reason=reason, connected_s=seconds)
            events.record(station.subject, ended)


@pytest.mark.parametrize(
    ("connected_s", "told", "flags"),
    [
        ([40.1, 40.2, 41.0], {"reason": SILENT}, {"ping_interval_s": 0}),
        ([40.1, 40.2], {"reason": SILENT}, {}),
        ([400.0, 900.0, 3600.0], {"reason": SILENT}, {}),
        ([20.1, 20.4, 21.0], {}, {"ping_interval_s": 0}),
        ([20.1, 3.0, 80.0], {}, {}),
        ([1.0, 1.0, 1.0], {"code": 1007, "reason": CANNOT_INFLATE}, {"no_compression": True}),
        ([1.0, 1.0, 1.0], {"code": 1002, "reason": "RSV = 4 and no extension negotiated"}, {}),
        ([1.0, 1.0, 1.0], {"code": 1000, "reason": "compressor off"}, {}),
    ],
)
def test_how_its_sockets_end_suggests_a_flag(alpha, settings, connected_s, told, flags):
    settings.EMOBI_PING_INTERVAL_S = 20
    end_sockets(alpha, *connected_s, **told)
    assert suggested(alpha) == flags


def test_whom_we_never_ping_does_not_leave_because_of_it(alpha, settings):
    settings.EMOBI_PING_INTERVAL_S = 0
    end_sockets(alpha, 0.0, 0.1, 2.0)
    assert suggested(alpha) == {}


def called(station, second, state, took_s=30.0):
    """A command that was sent at a second, and how it ended."""
    Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name="get_config", state=state,
        outcome={"reason": ""}, requested_by="user:x", expires_at=NOON, sent_at=after(second),
        ended_at=after(second + took_s),
    )  # fmt: skip


def boot_at(station, second):
    with unit_of_work.begin(), clock.at(after(second)):
        told = dict.fromkeys(("serial_number", "firmware_version", "reason", "iccid", "imsi"))
        booted = events.StationBooted(vendor="V", model="M", received_at=after(second), **told)
        events.record(station.subject, booted)


def test_calls_lost_soon_after_a_boot_suggest_to_wait(alpha):
    for number in range(3):
        boot_at(alpha, 1000 * number)
        called(alpha, 1000 * number + 10, "unknown")
        called(alpha, 1000 * number + 500, "accepted", 1)
    assert suggested(alpha) == {"boot_wait_s": 30}
    for number in range(3):
        called(alpha, 1000 * number + 20, "rejected", 1)
    assert suggested(alpha) == {}


def test_calls_lost_on_the_heels_of_an_answer_suggest_a_pause(alpha):
    for number in range(3):
        called(alpha, 100 * number, "accepted", 1)
        called(alpha, 100 * number + 1.2, "unknown")
        # Lost as well, but not for haste.
        called(alpha, 100 * number + 60, "unknown", 20)
        called(alpha, 100 * number + 80.5, "unknown", 5)
    assert suggested(alpha) == {"call_pause_s": 5}
    for number in range(3):
        called(alpha, 5000 + 10 * number, "accepted", 1)
        called(alpha, 5001.5 + 10 * number, "accepted", 1)
    assert suggested(alpha) == {}


def test_a_station_that_names_no_subprotocol_is_taken_to_speak_one(alpha, network):
    RefusedHandshake.objects.create(
        network=network, network_slug=network.slug, identity="alpha", remote_address="10.0.0.1",
        reason="no subprotocol", status=400, first_at=NOON, last_at=NOON,
    )  # fmt: skip
    assert suggested(alpha) == {"assume_subprotocol": "ocpp1.6"}
