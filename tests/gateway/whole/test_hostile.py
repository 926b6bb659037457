"""Frames and messages that are meant to break a central system: the process lives, and others are served.

The frames are those of `tests/gateway/hostile_frames.json`. ``hostile_messages.json`` holds messages that fit
their schemas, or nearly, and make no sense: ``answer`` is "result", or "any" where an error will do too.
"""

import json
from contextlib import ExitStack
from pathlib import Path

import pytest

from emobi.core.models import Network
from sessions.models import ChargingSession
from stations.models import Connector
from stations.services.registry import registration
from tests.gateway.test_hostile_frames import CASES as FRAMES
from tests.gateway.test_hostile_frames import expanded
from tests.gateway.whole.known import Known

MESSAGES = json.loads(Path(__file__).with_name("hostile_messages.json").read_text())


def by_id(cases):
    return pytest.mark.parametrize("case", cases, ids=[case["id"] for case in cases])


@pytest.fixture(scope="module")
def speak(gateway):
    """The station that speaks a version: the same one, on the same socket, whatever it has said before."""
    network = Network.objects.create(slug="hostile", name="Hostile", reads_device_model=False)
    known = {v: Known(*registration.register(network, f"speaks-{v}")) for v in ("1.6", "2.0.1")}
    with ExitStack() as sockets:
        chargers = {
            version: sockets.enter_context(station.connect(gateway, version))
            for version, station in known.items()
        }
        yield chargers.__getitem__


@pytest.fixture(scope="module")
def neighbour(gateway):
    """A station of another network."""
    network = Network.objects.create(slug="peaceful", name="Peaceful", reads_device_model=False)
    with Known(*registration.register(network, "neighbour")).connect(gateway) as charger:
        yield charger


def heard_until_next(charger, raw):
    """What the gateway says to ``raw`` before it answers the heartbeat that follows."""
    charger.send(raw)
    following = charger.say("Heartbeat", {}, "next")
    heard = []
    while (frame := charger.receive())[1] != following:
        heard.append(frame)
    assert frame[0] == 3
    return heard


@by_id(FRAMES)
def test_a_hostile_frame_gets_its_listed_answer(speak, neighbour, case):
    heard = heard_until_next(speak(case["version"]), expanded(case["raw"]))
    neighbour.heartbeat()
    match case["expect"]["action"]:
        case "ignore":
            assert heard == []
        case "send":
            ((kind, message_id, code, _, _),) = heard
            assert (kind, message_id, code) == (4, case["expect"]["message_id"], case["expect"]["code"])
        case "handle":
            (answer,) = heard
            assert answer[0] in (3, 4)
            assert answer[2] != "InternalError"


@by_id(MESSAGES)
def test_a_message_without_sense_is_answered(speak, neighbour, case):
    (answer,) = heard_until_next(speak(case["version"]), expanded(case["raw"]))
    neighbour.heartbeat()
    assert answer[1] == json.loads(expanded(case["raw"]))[1]
    if case["answer"] == "result":
        assert answer[0] == 3, answer
    else:
        assert answer[0] == 3 or answer[2] != "InternalError", answer


def test_a_station_cannot_make_up_connectors_without_end(gateway, register):
    known = register()
    with known.connect(gateway) as charger:
        ids = [
            charger.say(
                "StatusNotification",
                {"connectorId": number, "errorCode": "NoError", "status": "Available"},
            )
            for number in range(270)
        ]
        assert [charger.answer_to(message_id)[0] for message_id in ids] == [3] * 270
    assert Connector.objects.filter(station=known.station).count() <= 256


def test_a_station_cannot_touch_the_session_of_another(gateway, register):
    alpha, bravo = register("alpha"), register("bravo")
    start = {"connectorId": 1, "idTag": "GOOD", "meterStart": 100, "timestamp": "2026-01-15T10:00:00Z"}
    with alpha.connect(gateway) as owner, bravo.connect(gateway) as thief:
        number = owner.call("StartTransaction", start)["transactionId"]
        reading = {"timestamp": "2026-01-15T10:05:00Z", "sampledValue": [{"value": "900"}]}
        thief.call("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [reading]})
        thief.call(
            "StopTransaction",
            {"transactionId": number, "meterStop": 900, "timestamp": "2026-01-15T10:10:00Z"},
        )
    session = ChargingSession.objects.get(station=alpha.station)
    assert (session.ended_at, session.meter_stop_wh) == (None, None)


def test_an_id_that_comes_again_with_another_message_is_another_call(gateway, alpha):
    with alpha.connect(gateway) as charger:
        charger.call("Heartbeat", {}, "d2")
        status = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
        assert charger.call("StatusNotification", status, "d2") == {}


def test_answers_to_nothing_are_ignored(gateway, alpha):
    with alpha.connect(gateway) as charger:
        for answer in ([3, "nothing", {"status": "Accepted"}], [4, "nothing", "GenericError", "", {}]):
            assert heard_until_next(charger, answer) == []


def test_boot_after_boot_is_answered_alike(gateway, alpha):
    with alpha.connect(gateway) as charger:
        assert {charger.boot()["status"] for _ in range(30)} == {"Accepted"}


def test_who_says_everything_at_once_is_read_at_a_pace_and_answered(gateway, alpha, neighbour):
    with alpha.connect(gateway) as charger:
        ids = [charger.say("Heartbeat", {}) for _ in range(260)]
        neighbour.heartbeat()
        assert [charger.receive()[1] for _ in ids] == ids
