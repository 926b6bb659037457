"""What is said, answered and kept."""

import contextlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import F

from emobi.core import clock, metric_snapshots
from emobi.core.models import Event
from sessions.models import ChargingSession, IdToken
from stations.models import Direction, Frame, Kind, Station
from stations.services.registry import registration
from tests.gateway.listener_process import until

RECEIVED, SENT = Direction.RECEIVED, Direction.SENT
START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 0, "timestamp": "2026-01-15T10:00:00Z"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}


def log(known, count):
    """The frames of a station, oldest first, once there are ``count``."""
    found = Frame.objects.filter(station=known.station).order_by("id")
    until(lambda: found.count() >= count)
    assert found.count() == count
    return list(found)


def test_both_directions_are_kept_in_pairs_with_their_round_trip(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.call("Heartbeat", {}, "h-1")
        asked, answered = log(alpha, 2)
    assert (asked.direction, asked.kind, asked.message_id) == (RECEIVED, Kind.CALL, "h-1")
    assert (answered.direction, answered.kind, answered.message_id) == (SENT, Kind.RESULT, "h-1")
    assert (asked.action, answered.action) == ("Heartbeat", "Heartbeat")
    assert (asked.pair_id, answered.pair_id) == (answered.id, asked.id)
    assert asked.round_trip_ms is None
    assert answered.round_trip_ms >= 0
    assert asked.text == '[2, "h-1", "Heartbeat", {}]'
    assert json.loads(answered.text)[:2] == [3, "h-1"]
    assert asked.network_id == alpha.station.network_id


def test_an_error_is_kept_with_its_code(gateway, alpha):
    with alpha.connect(gateway) as charger:
        assert charger.error("SelfDestruct", {}) == "NotImplemented"
        asked, answered = log(alpha, 2)
    assert (asked.action, asked.note) == ("SelfDestruct", "no such action")
    assert (answered.kind, answered.error_code, answered.action) == (
        Kind.ERROR,
        "NotImplemented",
        "SelfDestruct",
    )


def test_what_is_no_frame_is_kept_as_it_came(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.send("hello \0 \ud7ff")
        charger.heartbeat()
        damaged = log(alpha, 3)[0]
    assert (damaged.kind, damaged.text) == (Kind.DAMAGED, "hello \ufffd \ud7ff")
    assert damaged.note == "not an OCPP-J frame"


def test_a_repeated_call_gets_the_first_answer(gateway, alpha):
    with alpha.connect(gateway) as charger:
        first = charger.call("StartTransaction", START, "s-1")
        assert charger.call("StartTransaction", START, "s-1") == first
        assert charger.call("StartTransaction", START, "s-2") == first
    with alpha.connect(gateway) as charger:
        assert charger.call("StartTransaction", START, "s-1") == first
    assert ChargingSession.objects.filter(station=alpha.station).count() == 1


VENDORS = {"vendorId": "org.example", "data": "42"}


def received(known):
    """How often a vendor's data was told."""
    told = Event.objects.filter(network=known.station.network_id, station=known.station.identity)
    return told.filter(type="vendor.data_received").count()


@pytest.mark.parametrize("lost", [False, True], ids=["closed", "taken over"])
def test_a_call_that_is_repeated_on_the_next_socket_is_answered_as_it_was_and_kept_once(gateway, alpha, lost):
    with contextlib.ExitStack() as sockets:
        before = sockets.enter_context(alpha.connect(gateway))
        before.call("StatusNotification", STATUS, "c-1")
        first = before.call("DataTransfer", VENDORS, "c-2")
        if not lost:
            sockets.close()
        for _ in range(2):
            with alpha.connect(gateway) as charger:
                assert charger.call("DataTransfer", VENDORS, "c-2") == first
    assert received(alpha) == 1
    frames = [(each.kind, each.note) for each in log(alpha, 8)[4:]]
    again = "said on the socket before: the first answer again"
    assert frames == [(Kind.CALL, again), (Kind.RESULT, "")] * 2


@pytest.mark.parametrize(
    "after",
    [
        {"payload": VENDORS | {"data": "43"}},
        {"message_id": "2"},
        {"first": ("BootNotification", {"chargePointVendor": "Wallworks", "chargePointModel": "W1"})},
        {"first": ("StatusNotification", STATUS)},
    ],
    ids=["other content", "other id", "after a boot", "after another"],
)
def test_what_isnt_the_first_call_of_the_next_socket_to_the_letter_is_another_one(gateway, alpha, after):
    with alpha.connect(gateway) as charger:
        charger.call("DataTransfer", VENDORS, "1")
    with alpha.connect(gateway) as charger:
        if first := after.get("first"):
            charger.call(*first, "0")
        charger.call("DataTransfer", after.get("payload", VENDORS), after.get("message_id", "1"))
    assert received(alpha) == 2


def test_what_was_said_before_the_last_call_is_said_anew(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.call("DataTransfer", VENDORS, "1")
        charger.call("StatusNotification", STATUS, "2")
    with alpha.connect(gateway) as charger:
        charger.call("DataTransfer", VENDORS, "1")
    assert received(alpha) == 2


def test_what_holds_a_secret_or_was_said_long_ago_is_handled_anew(gateway, alpha):
    secret = VENDORS | {"data": '{"password": "42"}'}
    for count in (1, 2):
        with alpha.connect(gateway) as charger:
            charger.call("DataTransfer", secret, "1")
        assert received(alpha) == count
    with alpha.connect(gateway) as charger:
        charger.call("DataTransfer", VENDORS, "1")
    long = int(timedelta(minutes=5, seconds=1) / timedelta(milliseconds=1)) << 22
    Frame.objects.filter(station=alpha.station).update(id=F("id") - long, pair_id=F("pair_id") - long)
    with alpha.connect(gateway) as charger:
        charger.call("DataTransfer", VENDORS, "1")
    assert received(alpha) == 4


@pytest.mark.parametrize("status", ["accepted", "blocked"])
def test_a_token_is_judged_anew_on_the_next_socket(gateway, alpha, status):
    token = IdToken.objects.create(network=alpha.station.network, id_token="GOOD", status="accepted")
    with alpha.connect(gateway) as charger:
        charger.call("Authorize", {"idTag": "GOOD"}, "1")
    IdToken.objects.filter(pk=token.pk).update(status=status)
    with alpha.connect(gateway) as charger:
        told = charger.call("Authorize", {"idTag": "GOOD"}, "1")
    assert told["idTagInfo"]["status"].lower() == status


def test_a_heartbeat_of_the_same_id_is_answered_anew(gateway, alpha):
    with alpha.connect(gateway) as charger:
        first = charger.call("Heartbeat", {}, "h")
        until(lambda: charger.call("Heartbeat", {}, "h") != first)


def test_answers_come_in_the_order_of_the_calls(gateway, alpha):
    with alpha.connect(gateway) as charger:
        ids = [charger.say("Heartbeat", {}) for _ in range(100)]
        assert [charger.receive()[1] for _ in ids] == ids


def test_compression_is_spoken_where_it_is_offered(gateway, alpha):
    with alpha.connect(gateway, compression="deflate") as charger:
        assert charger.boot()["status"] == "Accepted"


def test_who_sends_no_frames_is_let_go(gateway, alpha):
    with alpha.connect(gateway) as charger:
        for _ in range(19):
            charger.send("no frame")
        charger.heartbeat()
        for _ in range(20):
            charger.send("no frame")
        assert charger.closed_with() == (1008, "no OCPP frames")


def test_binary_messages_are_refused(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.send(b'[2,"1","Heartbeat",{}]')
        assert charger.closed_with()[0] == 1003
    assert not Frame.objects.filter(station=alpha.station).exists()


def test_a_message_over_the_limit_is_refused(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.send("x" * ((1 << 20) + 1))
        assert charger.closed_with()[0] == 1009


def test_a_large_message_is_taken(gateway, alpha):
    reading = {"timestamp": "2026-01-15T10:00:00Z", "sampledValue": [{"value": "1"}]}
    with alpha.connect(gateway) as charger:
        assert charger.call("MeterValues", {"connectorId": 1, "meterValue": [reading] * 5000}) == {}


# ── the station's clock ─────────────────────────────────────────────────────────────────────────────────


def skew_s(station):
    return Station.objects.get(pk=station.pk).clock_skew_s


def shifted(seconds):
    return clock.iso(clock.wall() + timedelta(seconds=seconds))


def meter_values(*shifts):
    readings = [{"timestamp": shifted(each), "sampledValue": [{"value": "1"}]} for each in shifts]
    return {"connectorId": 1, "meterValue": readings}


def test_live_messages_tell_how_far_a_stations_clock_is_off(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.heartbeat()
        assert skew_s(alpha.station) is None
        charger.call("MeterValues", meter_values(50, 100))
        assert skew_s(alpha.station) == pytest.approx(100, abs=5)
        charger.call("MeterValues", meter_values(-7200, -3600))
        charger.call("StatusNotification", STATUS | {"timestamp": shifted(-3000)})
        assert skew_s(alpha.station) == pytest.approx(100, abs=5)
        charger.call("StatusNotification", STATUS | {"timestamp": shifted(3000)})
        assert skew_s(alpha.station) == pytest.approx(3000, abs=5)
        no_clock = {"timestamp": "1970-01-01T00:00:00Z", "sampledValue": [{"value": "1"}]}
        charger.call("MeterValues", {"connectorId": 1, "meterValue": [no_clock]})
        assert skew_s(alpha.station) == pytest.approx(3000, abs=5)


def test_what_waited_while_the_station_was_offline_tells_nothing_of_its_clock(gateway, alpha):
    event = {
        "eventType": "Started",
        "triggerReason": "CablePluggedIn",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "t-1"},
    }
    with alpha.connect(gateway, "2.0.1") as charger:
        charger.call("TransactionEvent", event | {"timestamp": shifted(-9000), "offline": True})
        assert skew_s(alpha.station) is None
        charger.call(
            "TransactionEvent", event | {"timestamp": shifted(-90), "seqNo": 1, "eventType": "Updated"}
        )
        assert skew_s(alpha.station) == pytest.approx(-90, abs=5)


def test_what_a_station_says_is_put_right_by_its_quirks_from_the_next_message_on(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.boot()
        flags = {"local_time_zone": "+02:00", "energy_factor": 1000}
        registration.change(alpha.station, {"quirks": flags}, by="user:test")
        charger.call("StartTransaction", START | {"meterStart": 12}, "start")
        said = log(alpha, 4)[2].text
    session = ChargingSession.objects.get(station=alpha.station)
    assert session.started_at == datetime(2026, 1, 15, 8, tzinfo=UTC)
    assert session.meter_start_wh == 12_000
    assert json.loads(said)[3] == START | {"meterStart": 12}


def test_what_a_process_does_shows_in_its_figures(gateway, alpha):
    def figures():
        for process, found in metric_snapshots.of_all().items():
            if process.endswith(f"-{gateway.process.pid}"):
                return {figure["name"]: figure for figure in found}
        return {}

    with alpha.connect(gateway) as charger:
        charger.heartbeat()
        until(lambda: (shown := figures()) and shown["emobi_connected_stations"]["value"] >= 1)
        shown = figures()
    assert ["Heartbeat", "received"] in [labels for labels, _ in shown["emobi_ocpp_calls"]["samples"]]
    assert sum(shown["emobi_ocpp_handling_seconds"]["counts"])
    assert sum(shown["emobi_batch_size"]["counts"])
    # A figure of a moment: something may wait in the one in which it is taken.
    with alpha.connect(gateway):
        until(lambda: (shown := figures()) and shown["emobi_waiting_work"]["value"] == 0)
