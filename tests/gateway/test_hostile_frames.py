"""Frames that are meant to break a central system, and what the conversation makes of each.

``hostile_frames.json`` is a list of ``{id, version, raw, expect, why}``. In ``raw``, ``${rep(text,n)}`` is
n times the text.
"""

import json
import re
from pathlib import Path

import pytest

from gateway.connection import OCPP16, OCPP201, Conversation, Handle, Ignore, Send

CASES = json.loads(Path(__file__).with_name("hostile_frames.json").read_text())
DIALECTS = {dialect.version: dialect for dialect in (OCPP16, OCPP201)}
REPEAT = re.compile(r"\$\{rep\((.+?),(\d+)\)\}")


def expanded(raw):
    return REPEAT.sub(lambda macro: macro[1] * int(macro[2]), raw)


def outcome(action):
    match action:
        case Handle():
            return {"action": "handle"}
        case Ignore(reason):
            return {"action": "ignore", "reason": reason}
        case Send(text):
            message_type, message_id, code, description, details = json.loads(text)
            assert message_type == 4
            assert len(description) <= 255
            assert details == {}
            return {"action": "send", "code": code, "message_id": message_id}
    raise AssertionError(action)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_hostile_frame_gets_its_listed_answer(case):
    conversation = Conversation(DIALECTS[case["version"]])
    assert outcome(conversation.receive(expanded(case["raw"]))) == case["expect"], case["why"]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_the_conversation_goes_on_after_a_hostile_frame(case):
    conversation = Conversation(DIALECTS[case["version"]])
    conversation.receive(expanded(case["raw"]))
    assert isinstance(conversation.receive('[2,"next","Heartbeat",{}]'), Handle)


def handed_over(case_id):
    (case,) = (case for case in CASES if case["id"] == case_id)
    return Conversation(DIALECTS[case["version"]]).receive(expanded(case["raw"]))


@pytest.mark.parametrize("case_id", ["json-nul", "json-lone-surrogate"])
def test_what_cannot_be_stored_is_replaced_and_flagged(case_id):
    handle = handed_over(case_id)
    assert "\ufffd" in handle.call.payload["info"]
    assert any(deviation.rule == "character" for deviation in handle.deviations)


def test_a_number_beyond_a_double_is_left_out_and_flagged():
    handle = handed_over("json-raw-1e130000")
    assert handle.call.payload == {"vendorId": "v", "data": "x"}
    assert {deviation.rule for deviation in handle.deviations} == {"json", "additionalProperties"}
