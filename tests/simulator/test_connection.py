"""Connecting, booting, being refused, falling silent and coming back."""

import asyncio
import base64

import pytest

from emobi.simulator import frames
from emobi.simulator.access import Access
from emobi.simulator.dialect import Report
from emobi.simulator.frames import CallError, CallResult
from emobi.simulator.link import ConnectFailed, Disconnected, Refused, Unanswered
from emobi.simulator.moments import Registration
from tests.simulator.central_system import eventually

pytestmark = pytest.mark.asyncio

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


def credentials(central):
    scheme, value = central.handshakes[-1][1]["Authorization"].split()
    assert scheme == "Basic"
    return base64.b64decode(value)


@VERSIONS
async def test_the_identity_is_the_last_segment_percent_encoded(central, make_station, version):
    station = make_station(
        version, identity="Bay 7|ä", access=Access(url=f"ws://127.0.0.1:{central.port}/x/")
    )
    await station.connect()
    assert central.handshakes[0][0] == "/x/Bay%207%7C%C3%A4"


async def test_a_text_password_goes_out_as_utf_8(central, make_station):
    await make_station("2.0.1", access=Access(url=central.url, password="pässwort-1234567")).connect()
    assert credentials(central) == "CP001:pässwort-1234567".encode()


async def test_a_password_of_bytes_goes_out_as_it_is(central, make_station):
    await make_station("1.6", access=Access(url=central.url, password=bytes(range(0xF0, 0x100)))).connect()
    assert credentials(central) == b"CP001:" + bytes(range(0xF0, 0x100))


async def test_without_a_password_no_credentials_are_sent(central, make_station):
    await make_station().connect()
    assert "Authorization" not in central.handshakes[0][1]


async def test_a_refused_handshake_says_why_and_until_when(central, make_station):
    central.refuse_with = (503, {"Retry-After": "7"})
    with pytest.raises(ConnectFailed) as refusal:
        await make_station().connect()
    assert (refusal.value.status, refusal.value.retry_after_s) == (503, 7)


async def test_a_central_system_that_isnt_there_is_a_refusal_without_a_status(make_station):
    station = make_station(access=Access(url="ws://127.0.0.1:9/{identity}"))
    with pytest.raises(ConnectFailed) as refusal:
        await station.connect()
    assert refusal.value.status is None


async def test_a_powered_station_tries_again_until_it_is_let_in(central, make_station):
    central.refuse_with = (401, {})
    station = make_station()
    station.power_on()
    await eventually(lambda: station.lifeline.refusals >= 2)
    central.refuse_with = None
    await station.until_accepted()
    assert station.online


@VERSIONS
async def test_a_pending_station_asks_again_and_says_nothing_else(central, make_station, version):
    answers = iter(["Pending", "Rejected", "Accepted"])
    central.answers["BootNotification"] = lambda _: {
        "status": next(answers),
        "currentTime": "2026-01-15T10:00:00Z",
        "interval": 1,
    }
    station = make_station(version)
    station.power_on()
    await central.heard("BootNotification", count=2)
    assert set(central.actions()) == {"BootNotification"}
    await central.heard("StatusNotification")
    assert len(central.said("BootNotification")) == 3


@VERSIONS
async def test_the_interval_of_the_acceptance_becomes_the_heartbeat_interval(central, booted, version):
    central.answers["BootNotification"] = {
        "status": "Accepted",
        "currentTime": "2026-01-15T10:00:00Z",
        "interval": 77,
    }
    await booted(version)
    if version == "1.6":
        answer = await central.command("GetConfiguration", {"key": ["HeartbeatInterval"]})
        assert answer["configurationKey"][0]["value"] == "77"
    else:
        name = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        answer = await central.command("GetVariables", {"getVariableData": [name]})
        assert answer["getVariableResult"][0]["attributeValue"] == "77"


@VERSIONS
async def test_a_lost_connection_comes_back_without_a_boot(central, make_station, version):
    station = make_station(version)
    station.power_on()
    await station.until_accepted()
    await station.drop()
    await central.heard("Heartbeat")
    assert len(central.said("BootNotification")) == 1
    assert len(central.handshakes) == 2


async def test_only_changed_statuses_are_told_after_a_short_absence(central, make_station):
    station = make_station()
    station.power_on()
    await station.until_accepted()
    await station.cut()
    await station.plug_in(2)
    central.calls.clear()
    station.mend()
    await central.heard("Heartbeat")
    assert [payload["connectorId"] for payload in central.said("StatusNotification")] == [2]


async def test_all_statuses_are_told_after_a_long_absence(central, make_station):
    station = make_station("2.0.1", settings={"OCPPCommCtrlr.OfflineThreshold": "0"})
    station.power_on()
    await station.until_accepted()
    await station.cut()
    central.calls.clear()
    station.mend()
    await central.heard("Heartbeat")
    assert len(central.said("StatusNotification")) == 2


async def test_a_close_by_the_central_system_brings_the_station_back(central, make_station):
    station = make_station()
    station.power_on()
    await station.until_accepted()
    link = station.link
    await central.sockets["CP001"].close(1012, "restart")
    await central.heard("Heartbeat")
    assert link.closed_with == (1012, "restart")


async def test_a_silent_station_keeps_its_socket_and_answers_nothing(central, booted):
    station = await booted()
    socket = central.sockets["CP001"]
    await (await socket.ping())
    station.go_silent()
    pong = await socket.ping()
    command = asyncio.create_task(central.command("ClearCache"))
    await station.pause(0.2)
    assert not pong.done()
    assert not command.done()
    assert central.sockets["CP001"] is socket
    station.speak_again()
    await pong
    assert (await command)["status"] == "Accepted"


async def test_a_silent_station_says_nothing_of_its_own(central, booted):
    station = await booted(call_timeout_s=0.1)
    station.go_silent()
    central.calls.clear()
    assert not await station.tell(Report("Heartbeat", {}))
    assert central.calls == []


async def test_a_dropped_connection_ends_without_a_close_frame(central, booted):
    station = await booted()
    socket = central.sockets["CP001"]
    await station.drop()
    await socket.wait_closed()
    assert socket.close_code == 1006
    with pytest.raises(Disconnected):
        await station.call(Report("Heartbeat", {}))


async def test_a_call_fails_by_its_kind(central, booted):
    station = await booted(call_timeout_s=0.1)
    central.answers["Heartbeat"] = CallError("", "InternalError")
    with pytest.raises(Refused, match="InternalError"):
        await station.call(Report("Heartbeat", {}))
    central.answers["Heartbeat"] = None
    with pytest.raises(Unanswered):
        await station.call(Report("Heartbeat", {}))


async def test_a_central_system_that_never_answers_loses_the_socket(central, make_station):
    station = make_station(call_timeout_s=0.05)
    station.power_on()
    await station.until_accepted()
    central.answers["Heartbeat"] = None
    for _ in range(3):
        await station.heartbeat()
    await central.until(lambda: len(central.handshakes) == 2)


async def test_only_one_call_is_open_at_a_time(central, booted):
    station = await booted()
    open_calls = []

    def answer(_):
        open_calls.append(len([text for text in station.sent if text.startswith("[2")]))
        return {"currentTime": "2026-01-15T10:00:00Z"}

    central.answers["Heartbeat"] = answer
    before = len([text for text in station.sent if text.startswith("[2")])
    tasks = [asyncio.create_task(station.heartbeat()) for _ in range(4)]
    for task in tasks:
        await task
    assert open_calls == [before + 1, before + 2, before + 3, before + 4]


@VERSIONS
async def test_a_rejected_station_answers_as_its_version_asks(central, make_station, version):
    central.answers["BootNotification"] = {
        "status": "Rejected",
        "currentTime": "2026-01-15T10:00:00Z",
        "interval": 600,
    }
    station = make_station(version)
    station.power_on()
    await central.heard("BootNotification")
    await eventually(lambda: station.registration is Registration.REJECTED)
    if version == "2.0.1":
        assert (await central.command("ClearCache")).code == "SecurityError"
    else:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await central.command("ClearCache")


@VERSIONS
async def test_unknown_actions_and_damaged_calls_get_an_error(central, booted, version):
    station = await booted(version)
    assert (await central.command("MakeCoffee")).code == "NotImplemented"
    assert (await central.command("Reset")).code == "ProtocolError"
    socket = central.sockets["CP001"]
    await socket.send('[2,"7","Reset"]')
    await socket.send("not json")
    await central.command("ClearCache")
    violation = "FormationViolation" if version == "1.6" else "FormatViolation"
    assert any(violation in text for text in station.sent)


async def test_tests_can_script_answers(central, booted):
    station = await booted()
    station.answers["Reset"] = {"status": "Rejected"}
    assert await central.command("Reset", {"type": "Hard"}) == {"status": "Rejected"}
    station.answers["Reset"] = CallError("", "NotSupported")
    assert (await central.command("Reset", {"type": "Hard"})).code == "NotSupported"
    station.answers["Reset"] = lambda payload: {"status": "Rejected"} if payload["type"] == "Hard" else None
    assert await central.command("Reset", {"type": "Hard"}) == {"status": "Rejected"}
    assert len(central.said("BootNotification")) == 1


async def test_raw_text_goes_out_as_it_is(booted):
    station = await booted()
    await station.send_text('[3,"nobody asked",{}]')
    assert station.sent[-1] == '[3,"nobody asked",{}]'


async def test_offered_compression_is_used_if_the_central_system_agrees(make_station, central):
    await central.stop()
    await central.start()
    station = make_station(compression=True, access=Access(url=central.url))
    await station.connect()
    assert "permessage-deflate" in central.handshakes[-1][1]["Sec-WebSocket-Extensions"]


async def test_a_call_whose_caller_is_gone_still_keeps_its_turn(central, booted):
    station = await booted()
    central.answers["Heartbeat"] = None
    impatient = asyncio.create_task(station.call(Report("Heartbeat", {})))
    await central.heard("Heartbeat")
    impatient.cancel()
    waiting = asyncio.create_task(station.authorize("GOOD"))
    await station.pause(0.05)
    assert central.said("Authorize") == []
    message_id = frames.decode(station.sent[-1]).message_id
    await central.sockets["CP001"].send(
        frames.encode(CallResult(message_id, {"currentTime": "2026-01-15T10:00:00Z"}))
    )
    assert await waiting == "Accepted"


async def test_a_station_that_pings_gives_up_a_dead_socket(central, make_station, monkeypatch):
    monkeypatch.setattr("emobi.simulator.timers.PONG_TIMEOUT_S", 0.1)
    station = make_station(settings={"WebSocketPingInterval": "1"})
    station.power_on()
    await station.until_accepted()
    central.sockets["CP001"].transport.pause_reading()
    await central.until(lambda: len(central.handshakes) == 2)


async def test_answers_that_can_t_be_read_don_t_end_a_life(central, make_station):
    station = make_station(settings={"TransactionMessageAttempts": "1"})
    central.answers["StartTransaction"] = None
    station.power_on()
    await station.until_accepted()
    await station.plug_in()
    starting = asyncio.create_task(station.start("GOOD"))
    await central.heard("StartTransaction")
    message_id = frames.decode(station.sent[-1]).message_id
    await central.sockets["CP001"].send(frames.encode(CallResult(message_id, {"idTagInfo": {}})))
    await starting
    await station.stop()
    assert central.said("StopTransaction")[0]["transactionId"] == -1


@VERSIONS
async def test_a_value_that_no_command_may_have_gets_an_error(central, booted, version):
    await booted(version)
    action, payload = {
        "1.6": ("UpdateFirmware", {"location": "ftp://x/", "retrieveDate": "tomorrow"}),
        "2.0.1": (
            "UpdateFirmware",
            {"requestId": 1, "firmware": {"location": "ftp://x/", "retrieveDateTime": "tomorrow"}},
        ),
    }[version]
    assert (await central.command(action, payload)).code == "PropertyConstraintViolation"
