import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.frames import (
    Call,
    CallError,
    CallResult,
    MalformedFrame,
    UnknownMessageType,
    UnreadableText,
    decode,
    encode,
)

NUMBERS = st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=5)
IDS = st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=36)
FRAMES = st.one_of(
    st.builds(Call, IDS, st.text(st.characters(categories=["L"]), max_size=40), OBJECTS),
    st.builds(CallResult, IDS, OBJECTS),
    st.builds(CallError, IDS, TEXTS, TEXTS, OBJECTS),
)


def rules(frame):
    return {deviation.rule for deviation in frame.deviations}


@given(FRAMES)
def test_what_is_encoded_is_decoded_as_it_was(frame):
    assert decode(encode(frame)) == frame


def read(text):
    """The frame, or the error that may be raised; whatever else is raised is a fault of ours."""
    try:
        return decode(text)
    except MalformedFrame as fault:
        return fault


@given(st.text(st.characters() | st.sampled_from('[]{},:"\\0123456789eE+-.'), max_size=200))
def test_any_text_is_a_frame_or_malformed(text):
    assert isinstance(read(text), Call | CallResult | CallError | MalformedFrame)


@given(st.lists(st.sampled_from([2, 3, 4, 5, "2", True]) | JSON, max_size=6) | JSON)
def test_any_json_is_a_frame_or_malformed_and_has_an_id_that_can_be_sent(value):
    taken = read(json.dumps(value))
    if taken.message_id is not None:
        assert encode(CallError(taken.message_id, "GenericError", str(taken), {})).encode()


@given(
    FRAMES,
    st.integers(0, 200),
    st.sampled_from([*'[]{},:"\\', "\ud800", "\\ud800", "\0", "NaN", "9" * 30]),
)
def test_what_is_read_of_a_damaged_frame_can_be_stored(frame, place, damage):
    text = encode(frame)
    place = min(place, len(text))
    taken = read(text[:place] + damage + text[place:])
    if not isinstance(taken, MalformedFrame):
        stored = encode(taken)
        assert stored.encode()
        assert "\\u0000" not in stored.replace("\\\\", "")


def test_a_call_is_read():
    assert decode('[2,"19","Authorize",{"idTag":"GOOD"}]') == Call("19", "Authorize", {"idTag": "GOOD"})


def test_a_call_error_is_read_with_the_code_as_it_is_spelt():
    assert decode('[4,"19","FormationViolation","no",{}]') == CallError("19", "FormationViolation", "no", {})


@pytest.mark.parametrize("text", ['[2,"19","Heartbeat",null]', '[2,"19","Heartbeat",{}]'])
def test_null_is_an_empty_payload(text):
    assert decode(text) == Call("19", "Heartbeat", {})


def test_a_number_as_message_id_is_kept_as_a_number_and_flagged():
    call = decode('[2,42,"Heartbeat",{}]')
    assert call.message_id == 42
    assert rules(call) == {"message-id"}
    assert encode(CallResult(call.message_id, {})) == "[3,42,{}]"


def test_a_message_id_longer_than_allowed_is_read_and_flagged():
    call = decode(json.dumps([2, "x" * 37, "Heartbeat", {}]))
    assert call.message_id == "x" * 37
    assert rules(call) == {"message-id"}


@pytest.mark.parametrize(
    ("text", "message_id", "code"),
    [
        ('[2,"a","Heartbeat"]', "a", "FormatViolation"),
        ('[2,"a","Heartbeat",{},{}]', "a", "FormatViolation"),
        ('[2,"a",null,{}]', "a", "FormatViolation"),
        ('[2,"a","Heartbeat",[]]', "a", "FormatViolation"),
        ('[2,7,"Heartbeat",[]]', 7, "FormatViolation"),
        ('[2,null,"Heartbeat",{}]', "-1", "RpcFrameworkError"),
        ('[2,true,"Heartbeat",{}]', "-1", "RpcFrameworkError"),
        ("[2]", "-1", "RpcFrameworkError"),
    ],
)
def test_a_malformed_call_is_answered_to_its_id_if_that_can_be_read(text, message_id, code):
    with pytest.raises(MalformedFrame) as malformed:
        decode(text)
    assert (malformed.value.message_id, malformed.value.code) == (message_id, code)


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[]", "hello", '[2,"a","Heartbeat",{}', '[2,"a","A",{}][2,"b","A",{}]']
)
def test_text_that_is_no_array_is_unreadable(text):
    with pytest.raises(UnreadableText) as unreadable:
        decode(text)
    assert unreadable.value.message_id == "-1"


def test_an_unknown_message_type_says_whose_it_is():
    with pytest.raises(UnknownMessageType) as unknown:
        decode('[6,"a","NotifyPeriodicEventStream",{}]')
    assert (unknown.value.message_id, unknown.value.code) == ("a", "MessageTypeNotSupported")


@pytest.mark.parametrize(
    ("text", "answers"), [('[3,"a",[]]', "a"), ('[3,"a","x"]', "a"), ("[3]", None), ("[4,{}]", None)]
)
def test_a_damaged_answer_gets_no_answer_but_says_whose_it_was(text, answers):
    with pytest.raises(MalformedFrame) as malformed:
        decode(text)
    assert malformed.value.message_id is None
    assert malformed.value.answers == answers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[4,"a"]', CallError("a", "GenericError", "", {})),
        ('[4,"a","NotImplemented"]', CallError("a", "NotImplemented", "", {})),
        ('[4,"a","NotImplemented",null,null]', CallError("a", "NotImplemented", "", {})),
        ('[4,"a",12,"why",{"x":1},3]', CallError("a", "GenericError", "why", {"x": 1})),
    ],
)
def test_an_incomplete_call_error_is_an_error_all_the_same(text, expected):
    error = decode(text)
    assert (error.code, error.description, error.details) == (
        expected.code,
        expected.description,
        expected.details,
    )
    assert rules(error) == {"elements"}


def test_a_call_result_with_no_payload_is_empty():
    assert decode('[3,"a"]').payload == {}


@pytest.mark.parametrize(
    ("text", "payload"),
    [
        ('[2,"a","M",{"sampledValue":[,{"value":"1"}]}]', {"sampledValue": [{"value": "1"}]}),
        ('[2,"a","M",{"transactionId":,"meterStop":1}]', {"transactionId": None, "meterStop": 1}),
        ('[2,"a","M",{"transactionId": }]', {"transactionId": None}),
        ('[2,"a","M",{,"info":"[,:,\\"{,"}]', {"info": '[,:,"{,'}),
        ('\ufeff[2,"a","M",{}]', {}),
        ('[2,"a","M",{"info":"a\tb\nc"}]', {"info": "a\tb\nc"}),
        ('[2,"a","M",{"value":NaN}]', {"value": None}),
        ('[2,"a","M",{"value":-Infinity}]', {"value": None}),
        ('[2,"a","M",{"value":1e999,"n":-12,"f":1.5}]', {"value": None, "n": -12, "f": 1.5}),
    ],
)
def test_known_damage_is_repaired_and_flagged(text, payload):
    call = decode(text)
    assert call.payload == payload
    assert rules(call) == {"json"}


@pytest.mark.parametrize(
    "text", ['[2,"a","M",{"a":1,}]', '[2,"a","M",{a:1}]', '[2,"a","M",{/**/}]', "[2,'a','M',{}]"]
)
def test_what_could_be_read_in_two_ways_is_not_repaired(text):
    with pytest.raises(UnreadableText):
        decode(text)


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud800"])
def test_a_character_that_cannot_be_stored_is_replaced_wherever_it_is(escape):
    call = decode(f'[2,"a","M",{{"k{escape}":["x{escape}y"]}}]')
    assert call.payload == {"k\ufffd": ["x\ufffdy"]}
    assert "character" in rules(call)


def test_a_backslash_before_u0000_is_no_nul():
    call = decode('[2,"a","M",{"info":"\\\\u0000"}]')
    assert call.payload == {"info": "\\u0000"}
    assert call.deviations == ()


def test_a_surrogate_pair_is_a_character():
    assert decode('[2,"a","M",{"info":"\\ud83d\\ude00"}]').payload == {"info": "😀"}


def test_an_integer_beyond_64_bits_is_a_float_whichever_parser_read_it():
    beyond = "99999999999999999999"
    for text in (f'[2,"a","M",{{"n":{beyond}}}]', f'[2,"a","M",{{"n":{beyond},"x":NaN}}]'):
        number = decode(text).payload["n"]
        assert isinstance(number, float)
        assert math.isclose(number, 1e20)


def nested(levels):
    """A CALL whose arrays and objects are nested ``levels`` deep."""
    return f'[2,"a","M",{{"x":{"[" * (levels - 2)}{"]" * (levels - 2)}}}]'


def test_nesting_is_bounded():
    assert decode(nested(32)).message_id == "a"
    with pytest.raises(MalformedFrame) as malformed:
        decode(nested(33))
    assert malformed.value.message_id == "a"


def test_many_brackets_side_by_side_are_not_nested():
    assert len(decode(f'[2,"a","M",{{"x":[{"[]," * 99}[]]}}]').payload["x"]) == 100


def test_of_two_equal_keys_the_last_wins_and_is_flagged_where_the_payload_is_flat():
    call = decode('[2,"a","StopTransaction",{"meterStop":1,"meterStop":2}]')
    assert call.payload == {"meterStop": 2}
    assert [(deviation.path, deviation.rule) for deviation in call.deviations] == [("meterStop", "duplicate")]


def test_a_quote_and_a_colon_in_a_text_are_no_key():
    assert decode('[2,"a","M",{"info":"say \\":x\\":"}]').deviations == ()


def test_a_description_is_cut_to_what_ocpp_allows():
    description = json.loads(encode(CallError("a", "GenericError", "x" * 300, {})))[3]
    assert len(description) == 255
