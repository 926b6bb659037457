"""What is said, answered and kept."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, metric_snapshots
from sessions.models import ChargingSession
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
        charger.call("MeterValues", meter_values(-200, -100))
        assert skew_s(alpha.station) == pytest.approx(-100, abs=5)
        charger.call("StatusNotification", STATUS | {"timestamp": shifted(-3000)})
        assert skew_s(alpha.station) == pytest.approx(-100, abs=5)
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
