"""Commands that one message can't hold: said in several, each of them once."""

from typing import Any

import pytest

from emobi.core import clock
from sessions.models import LocalList
from stations.models import CommandState, Frame, Kind, Variable
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, state_of

# Longer than a busy machine may stand still in the middle of a test.
TIMEOUT_S = 3

ACCEPTED = CommandState.ACCEPTED
KEYS = ("HeartbeatInterval", "ConnectionTimeOut", "ResetRetries")
SETTINGS = {"variables": [{"key": key, "value": "7"} for key in KEYS]}


@pytest.fixture(scope="module")
def gateway(make_gateway):
    process = make_gateway(EMOBI_CALL_TIMEOUT_S=str(TIMEOUT_S))
    yield process
    assert "Traceback" not in process.log


def pairs(command):
    """The CALLs of a command in the log, by message id, and whether each has its answer beside it."""
    said = Frame.objects.filter(station=command.station_id, message_id__startswith=command.pk)
    answers = {frame.pk: frame.pair_id for frame in said.filter(kind=Kind.RESULT)}
    calls = said.filter(kind=Kind.CALL).order_by("id")
    return [(call.message_id, answers.get(call.pair_id) == call.pk) for call in calls]


def test_keys_of_1_6_are_set_one_after_the_other(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_config", SETTINGS)
        other = ask(alpha.station, "clear_cache")
        ids = []
        for key, status in zip(KEYS, ("Accepted", "NotSupported", "RebootRequired"), strict=True):
            _, message_id, action, payload = charger.next_call()
            assert (action, payload) == ("ChangeConfiguration", {"key": key, "value": "7"})
            ids.append(message_id)
            charger.send([3, message_id, {"status": status}])
        assert ids == [command.pk, f"{command.pk}-2", f"{command.pk}-3"]
        assert end_of(command) == CommandState.REJECTED
        assert charger.next_call()[1] == other.pk
    told = [(each["key"], each["status"]) for each in command.outcome["detail"]["variables"]]
    assert told == list(zip(KEYS, ("Accepted", "UnknownVariable", "RebootRequired"), strict=True))
    assert [raw["status"] for raw in command.outcome["raw"]] == ["Accepted", "NotSupported", "RebootRequired"]
    assert pairs(command) == [(message_id, True) for message_id in ids]
    kept = Variable.objects.filter(station=alpha.station).values_list("key", "value", "reboot_required")
    assert set(kept) == {("HeartbeatInterval", "7", False), ("ResetRetries", "7", True)}


def result(variable: dict[str, Any]) -> dict[str, Any]:
    names = {"component": variable["component"], "variable": variable["variable"]}
    return names | {"attributeStatus": "Accepted", "attributeValue": "1"}


def test_variables_of_2_0_1_are_read_as_many_at_a_time_as_the_station_takes(gateway, alpha):
    with alpha.connect(gateway, "2.0.1") as charger:
        limit = {"component": {"name": "DeviceDataCtrlr"}}
        limit["variable"] = {"name": "ItemsPerMessage", "instance": "GetVariables"}
        limit |= {"variableAttribute": [{"value": "2"}]}
        report = {"requestId": 1, "generatedAt": "2026-05-04T11:00:00Z", "seqNo": 0, "reportData": [limit]}
        charger.boot()
        charger.call("NotifyReport", report)
        names = [{"component": "C", "variable": f"v{number}"} for number in range(5)]
        command = ask(alpha.station, "get_config", {"variables": names})
        counts = []
        for _ in range(3):
            _, message_id, _, payload = charger.next_call()
            counts.append(len(payload["getVariableData"]))
            results = [result(variable) for variable in payload["getVariableData"]]
            charger.send([3, message_id, {"getVariableResult": results}])
        assert end_of(command) == ACCEPTED
    assert counts == [2, 2, 1]
    assert [each["variable"] for each in command.outcome["detail"]["variables"]] == [
        f"v{number}" for number in range(5)
    ]


def test_what_a_vendor_adds_is_said_where_it_has_its_place(gateway, alpha):
    said = {"vendorId": "acme", "depot": 7}
    with alpha.connect(gateway, "2.0.1") as charger:
        charger.boot()
        nowhere = ask(alpha.station, "clear_cache", {"custom_data": {"evse": said}})
        assert end_of(nowhere) == CommandState.UNSUPPORTED
        assert (
            nowhere.outcome["reason"] == "there is no object evse in this ClearCache to put customData into"
        )
        closed = {"operational_status": "Inoperative", "evse_id": 1, "custom_data": {"": said, "evse": said}}
        command = ask(alpha.station, "set_availability", closed)
        _, message_id, action, payload = charger.next_call()
        assert (action, payload) == (
            "ChangeAvailability",
            {"operationalStatus": "Inoperative", "evse": {"id": 1, "customData": said}, "customData": said},
        )
        charger.send([3, message_id, {"status": "Accepted"}])
        assert end_of(command) == ACCEPTED


def test_what_a_vendor_adds_may_be_too_much_for_the_station(gateway, alpha):
    said = {"": {"vendorId": "acme", "much": "x" * 200}}
    with alpha.connect(gateway, "2.0.1") as charger:
        limit = {"component": {"name": "DeviceDataCtrlr"}}
        limit["variable"] = {"name": "BytesPerMessage", "instance": "GetVariables"}
        limit |= {"variableAttribute": [{"value": "300"}]}
        report = {"requestId": 1, "generatedAt": "2026-05-04T11:00:00Z", "seqNo": 0, "reportData": [limit]}
        charger.boot()
        charger.call("NotifyReport", report)
        asked = {"variables": [{"component": "C", "variable": "v"}]}
        command = ask(alpha.station, "get_config", asked | {"custom_data": said})
        assert end_of(command) == CommandState.UNSUPPORTED
        assert "the station takes 300" in command.outcome["reason"]


def test_a_message_that_is_not_answered_is_the_last(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_config", SETTINGS)
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        assert charger.next_call()[1] == f"{command.pk}-2"
        assert end_of(command) == CommandState.UNKNOWN
        assert command.outcome["reason"] == f"no answer within {TIMEOUT_S} s; 1 of 3 messages answered"
        charger.send([3, f"{command.pk}-2", {"status": "Accepted"}])
        assert charger.hears_nothing(0.3)
    assert [each["key"] for each in command.outcome["detail"]["variables"]] == [KEYS[0]]


def test_a_gateway_that_dies_between_two_messages_repeats_none(make_gateway, alpha):
    gateway = make_gateway(EMOBI_LEASE_S="5")
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_config", SETTINGS)
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        assert charger.next_call()[1] == f"{command.pk}-2"
        gateway.kill()
    with alpha.connect(make_gateway(port=gateway.port)) as charger:
        assert end_of(command) == CommandState.UNKNOWN
        assert charger.hears_nothing(0.3)
    assert "1 of 3 messages answered" in command.outcome["reason"]
    assert [each["status"] for each in command.outcome["detail"]["variables"]] == ["Accepted"]


def test_a_list_of_which_a_part_was_refused_is_sent_again_from_its_start(gateway, alpha):
    Variable.objects.create(
        station=alpha.station, component="LocalAuthListCtrlr", variable="ItemsPerMessage", value="1",
        reported_at=clock.wall(),
    )  # fmt: skip
    entries = [{"id_token": name, "status": "Accepted"} for name in ("ONE", "TWO")]
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "send_local_list", {"entries": entries})
        said = []
        for status in ("Accepted", "Failed", "Accepted", "Accepted"):
            _, message_id, _, payload = charger.next_call()
            said.append((payload["updateType"], payload["listVersion"]))
            charger.send([3, message_id, {"status": status}])
        assert end_of(command) == CommandState.REJECTED
        until(lambda: LocalList.objects.filter(station=alpha.station, in_step=True).exists())
    assert said == [("Full", 1), ("Differential", 2), ("Full", 2), ("Differential", 3)]
    copy = LocalList.objects.get(station=alpha.station)
    assert (copy.version, copy.unfinished, len(copy.entries)) == (3, None, 2)


def test_who_has_no_local_list_is_asked_once(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "send_local_list", {"entries": []})
        charger.send([4, charger.next_call()[1], "NotImplemented", "", {}])
        assert end_of(command) == CommandState.FAILED
        again = ask(alpha.station, "send_local_list", {"entries": []})
        assert end_of(again) == CommandState.UNSUPPORTED
        assert "keeps no lists" in again.outcome["reason"]
        insisted = ask(alpha.station, "send_local_list", {"entries": [], "even_if_unsupported": True})
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        assert end_of(insisted) == ACCEPTED


def test_how_far_it_has_come_can_be_read_meanwhile(gateway, alpha):
    with alpha.connect(gateway) as charger:
        command = ask(alpha.station, "set_config", SETTINGS)
        charger.send([3, charger.next_call()[1], {"status": "Accepted"}])
        charger.next_call()
        assert state_of(command) == CommandState.SENT
        assert command.outcome["reason"] == "1 of 3 messages answered"
    until(lambda: not state_of(command).open)
