import base64
import json

import pytest

from gateway.connection import (
    OCPP16,
    OCPP201,
    Conversation,
    Dialect,
    Handle,
    Ignore,
    Reason,
    Send,
    Settle,
)
from gateway.errors import CallStillOpen
from gateway.frames import Call, CallError, CallResult

STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
EVENT = {
    "eventType": "Started",
    "timestamp": "2026-01-15T10:00:00Z",
    "triggerReason": "Authorized",
    "seqNo": 0,
    "transactionInfo": {"transactionId": "T1"},
}


@pytest.fixture
def alpha():
    """The conversation with a 1.6 station."""
    return Conversation(OCPP16)


@pytest.fixture
def bravo():
    """The conversation with a 2.0.1 station."""
    return Conversation(OCPP201)


def call(action, payload, message_id="1"):
    return json.dumps([2, message_id, action, payload])


def handled(conversation, text):
    """The CALL that the conversation wants handled."""
    action = conversation.receive(text)
    assert isinstance(action, Handle)
    return action.call


def reset(message_id="ours"):
    return Call(message_id, "Reset", {"type": "Soft"})


class TestCalls:
    def test_a_valid_call_is_handled(self, alpha):
        action = alpha.receive(call("StatusNotification", STATUS))
        assert action == Handle(Call("1", "StatusNotification", STATUS), ())

    def test_its_answer_goes_out_under_its_message_id(self, alpha):
        asked = handled(alpha, call("StatusNotification", STATUS, "m-7"))
        answer = CallResult(asked.message_id, {})
        assert alpha.answered(asked, answer) == Send('[3,"m-7",{}]', answer, call=asked)

    def test_an_answer_that_is_encoded_already_goes_out_as_it_is(self, alpha):
        asked = handled(alpha, call("StatusNotification", STATUS))
        assert alpha.answered(asked, CallResult("1", {}), '[3, "1", {}]').text == '[3, "1", {}]'

    def test_a_call_with_a_number_as_id_is_answered_with_a_number(self, alpha):
        asked = handled(alpha, call("StatusNotification", STATUS, 7))
        assert alpha.answered(asked, CallResult(asked.message_id, {})).text == "[3,7,{}]"

    def test_a_deviating_call_is_handled_mended(self, alpha):
        action = alpha.receive(call("StatusNotification", STATUS | {"connectorId": "1", "info": None}, 7))
        assert action.call.payload == STATUS
        assert [(one.path, one.rule) for one in action.deviations] == [
            ("", "message-id"),
            ("connectorId", "type"),
            ("info", "null"),
        ]

    def test_a_call_that_cannot_be_mended_is_refused_with_the_field_and_without_the_value(self, alpha):
        action = alpha.receive(call("StatusNotification", STATUS | {"connectorId": "secret"}))
        text = "connectorId must be integer"
        error = CallError("1", "TypeConstraintViolation", text, {})
        refused = Call("1", "StatusNotification", STATUS | {"connectorId": "secret"})
        assert action == Send(f'[4,"1","TypeConstraintViolation","{text}",{{}}]', error, text, refused)

    @pytest.mark.parametrize(
        ("fixture", "code"),
        [("alpha", "OccurenceConstraintViolation"), ("bravo", "OccurrenceConstraintViolation")],
    )
    def test_a_refusal_is_spelt_as_the_version_spells_it(self, request, fixture, code):
        action = request.getfixturevalue(fixture).receive(call("BootNotification", {}))
        assert action.frame.code == code

    @pytest.mark.parametrize(
        ("action", "code"),
        [("SelfDestruct", "NotImplemented"), ("heartbeat", "NotImplemented"), ("Reset", "NotSupported")],
    )
    def test_an_action_that_a_station_may_not_ask_is_refused(self, alpha, action, code):
        assert alpha.receive(call(action, {})).frame.code == code

    def test_a_failure_is_spelt_as_the_version_spells_it(self, alpha):
        asked = handled(alpha, call("StatusNotification", STATUS))
        assert alpha.failed(asked, "FormatViolation", "why").text == '[4,"1","FormationViolation","why",{}]'

    def test_damaged_json_that_yields_no_valid_call_is_ill_formed(self, alpha):
        text = '[2,"1","StartTransaction",{"connectorId":1,"idTag":"GOOD","meterStart":,"timestamp":"T"}]'
        assert alpha.receive(text).frame.code == "FormationViolation"

    def test_damaged_json_that_yields_a_valid_call_is_handled_and_flagged(self, alpha):
        text = '[2,"1","StopTransaction",{"transactionId":,"meterStop":1,"timestamp":"2026-01-15T10:00:00Z"}]'
        action = alpha.receive(text)
        assert action.call.payload["transactionId"] == -1
        assert action.deviations[0].rule == "json"


class TestRepetitions:
    def test_a_repeated_call_gets_the_first_answer(self, alpha):
        text = call("Authorize", {"idTag": "GOOD"})
        asked = handled(alpha, text)
        first = alpha.answered(asked, CallResult("1", {"idTagInfo": {"status": "Accepted"}}))
        again = alpha.receive(text)
        assert (again.text, again.frame, again.call) == (first.text, first.frame, asked)

    def test_a_call_repeated_while_it_is_handled_is_not_handled_twice(self, alpha):
        text = call("StatusNotification", STATUS)
        asked = handled(alpha, text)
        assert alpha.receive(text) == Ignore(Reason.IN_PROGRESS, asked)

    def test_the_same_id_with_other_content_is_another_call(self, alpha):
        first = handled(alpha, call("StatusNotification", STATUS))
        alpha.answered(first, CallResult("1", {}))
        assert handled(alpha, call("StatusNotification", STATUS | {"status": "Charging"}))
        assert handled(alpha, call("Authorize", {"idTag": "GOOD"}))

    def test_a_station_that_counts_from_one_again_is_not_answered_from_memory(self, alpha):
        for status in ("Available", "Charging", "Available"):
            asked = handled(alpha, call("StatusNotification", STATUS | {"status": status}))
            alpha.answered(asked, CallResult("1", {}))

    def test_two_calls_of_one_id_in_progress_keep_their_own_answers(self, alpha):
        authorize, status = call("Authorize", {"idTag": "GOOD"}), call("StatusNotification", STATUS)
        first, second = handled(alpha, authorize), handled(alpha, status)
        alpha.answered(first, CallResult("1", {"idTagInfo": {"status": "Accepted"}}))
        alpha.answered(second, CallResult("1", {}))
        assert alpha.receive(status).text == '[3,"1",{}]'
        assert handled(alpha, authorize)

    @pytest.mark.parametrize(
        ("action", "payload"),
        [("Heartbeat", {}), ("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})],
    )
    def test_what_tells_the_time_is_answered_anew(self, alpha, action, payload):
        asked = handled(alpha, call(action, payload))
        alpha.answered(asked, CallResult("1", {"currentTime": "2026-01-15T10:00:00Z"}))
        assert handled(alpha, call(action, payload))

    def test_what_failed_is_tried_again(self, alpha):
        text = call("StatusNotification", STATUS)
        alpha.failed(handled(alpha, text), "InternalError")
        assert handled(alpha, text)

    def test_what_was_left_unanswered_is_handled_again(self, alpha):
        text = call("StatusNotification", STATUS)
        alpha.forget(handled(alpha, text))
        assert handled(alpha, text)

    def test_only_the_latest_answers_are_kept(self, alpha):
        texts = [call("StatusNotification", STATUS, str(number)) for number in range(9)]
        for text in texts:
            asked = handled(alpha, text)
            alpha.answered(asked, CallResult(asked.message_id, {}))
        assert isinstance(alpha.receive(texts[8]), Send)
        assert isinstance(alpha.receive(texts[1]), Send)
        assert isinstance(alpha.receive(texts[0]), Handle)

    def test_a_long_answer_is_not_kept(self, alpha):
        text = call("DataTransfer", {"vendorId": "V"})
        alpha.answered(handled(alpha, text), CallResult("1", {"status": "Accepted", "data": "x" * 2000}))
        assert handled(alpha, text)

    def test_a_repeated_refusal_is_a_refusal(self, alpha):
        text = call("SelfDestruct", {})
        assert alpha.receive(text) == alpha.receive(text)


class TestOurCalls:
    def test_a_call_of_ours_goes_out(self, alpha):
        assert alpha.call(reset()) == Send('[2,"ours","Reset",{"type":"Soft"}]', reset())
        assert alpha.open_call == "ours"

    def test_only_one_may_be_open(self, alpha):
        alpha.call(reset())
        with pytest.raises(CallStillOpen):
            alpha.call(reset("second"))

    def test_its_result_settles_it_and_the_next_may_go(self, alpha):
        alpha.call(reset())
        action = alpha.receive('[3,"ours",{"status":"Accepted"}]')
        assert action == Settle("ours", CallResult("ours", {"status": "Accepted"}))
        assert alpha.open_call is None
        assert alpha.call(reset("second"))

    def test_its_error_settles_it(self, alpha):
        alpha.call(reset())
        assert alpha.receive('[4,"ours","NotSupported","no",{}]') == Settle(
            "ours", CallError("ours", "NotSupported", "no", {})
        )

    def test_an_error_to_an_id_that_could_not_be_read_is_for_the_open_call(self, bravo):
        bravo.call(reset())
        action = bravo.receive('[4,"-1","RpcFrameworkError","",{}]')
        assert isinstance(action, Settle)
        assert action.message_id == "ours"

    def test_digits_that_come_back_as_a_number_are_the_same_id(self, alpha):
        alpha.call(reset("12"))
        assert alpha.receive("[3,12,{}]").message_id == "12"

    @pytest.mark.parametrize("text", ['[3,"ours",[]]', '[3,"ours","Accepted"]'])
    def test_a_damaged_answer_settles_it_as_an_error(self, alpha, text):
        alpha.call(reset())
        action = alpha.receive(text)
        assert isinstance(action, Settle)
        assert isinstance(action.answer, CallError)
        assert alpha.open_call is None

    def test_a_call_of_the_station_is_handled_meanwhile(self, alpha):
        alpha.call(reset())
        assert handled(alpha, call("Heartbeat", {}))
        assert alpha.open_call == "ours"

    def test_a_call_of_the_station_with_the_same_id_is_another_call(self, alpha):
        alpha.call(reset())
        assert handled(alpha, call("Heartbeat", {}, "ours"))
        assert alpha.receive('[3,"ours",{}]').message_id == "ours"

    def test_an_answer_after_its_time_out_is_late(self, alpha):
        alpha.call(reset())
        alpha.expire("ours")
        assert alpha.open_call is None
        assert alpha.receive('[3,"ours",{}]') == Ignore(Reason.LATE, CallResult("ours", {}))

    def test_a_late_answer_does_not_settle_the_next_call(self, alpha):
        alpha.call(reset())
        alpha.expire("ours")
        alpha.call(reset("second"))
        assert isinstance(alpha.receive('[3,"ours",{}]'), Ignore)
        assert alpha.open_call == "second"

    def test_a_second_answer_is_ignored(self, alpha):
        alpha.call(reset())
        alpha.receive('[3,"ours",{}]')
        assert alpha.receive('[3,"ours",{}]').reason is Reason.SECOND

    def test_a_time_out_after_the_answer_changes_nothing(self, alpha):
        alpha.call(reset())
        alpha.receive('[3,"ours",{}]')
        alpha.call(reset("second"))
        alpha.expire("ours")
        assert alpha.open_call == "second"

    @pytest.mark.parametrize(
        "text", ['[3,"theirs",{}]', '[4,"theirs","InternalError","",{}]', '[4,"-1","X","",{}]']
    )
    def test_an_answer_to_nothing_of_ours_is_an_orphan(self, alpha, text):
        assert alpha.receive(text).reason is Reason.ORPHAN

    def test_an_answer_with_a_foreign_id_is_a_deviation_while_a_call_waits(self, alpha):
        alpha.call(reset())
        ignored = alpha.receive('[3,"theirs",{}]')
        assert ignored.reason is Reason.ORPHAN
        assert [deviation.rule for deviation in ignored.frame.deviations] == ["message id"]
        assert alpha.open_call == "ours"

    def test_by_its_flag_a_lone_answer_is_taken_for_that_to_the_open_call(self):
        lenient = Conversation(OCPP16, match_lone_answer=True)
        lenient.call(reset())
        assert lenient.receive('[3,"theirs",{"status":"Accepted"}]').message_id == "ours"
        assert lenient.receive('[3,"theirs",{"status":"Accepted"}]').reason is Reason.ORPHAN


class TestDamage:
    def test_unreadable_text_is_ignored_by_16(self, alpha):
        assert alpha.receive("hello") == Ignore(Reason.UNREADABLE)

    def test_unreadable_text_is_answered_by_201(self, bravo):
        assert bravo.receive("hello").text == '[4,"-1","RpcFrameworkError","",{}]'

    def test_whether_unreadable_text_is_answered_is_the_dialects_choice(self):
        chatty = Dialect(version="1.6", answer_unreadable=True, answer_unknown_type=False, signed=False)
        assert Conversation(chatty).receive("hello").text == '[4,"-1","FormationViolation","",{}]'

    def test_an_unknown_message_type_is_ignored_by_16(self, alpha):
        assert alpha.receive('[1,"a","Heartbeat",{}]') == Ignore(Reason.UNKNOWN_TYPE)

    def test_an_unknown_message_type_is_answered_by_201(self, bravo):
        assert bravo.receive('[5,"a","InternalError","",{}]').frame.code == "MessageTypeNotSupported"

    @pytest.mark.parametrize("fixture", ["alpha", "bravo"])
    @pytest.mark.parametrize("text", ["[3]", '[3,"a",[]]', "[4,null]"])
    def test_a_damaged_answer_is_never_answered(self, request, fixture, text):
        assert request.getfixturevalue(fixture).receive(text) == Ignore(Reason.DAMAGED_ANSWER)

    def test_malformed_texts_are_counted_until_a_frame_comes(self, alpha):
        for text in ("hello", "[3]", '[2,"1"]', "[]"):
            alpha.receive(text)
        assert alpha.malformed_in_a_row == 4
        alpha.receive(call("SelfDestruct", {}))
        assert alpha.malformed_in_a_row == 0


def signed(inside, action="TransactionEvent"):
    encoded = base64.urlsafe_b64encode(inside.encode()).decode().rstrip("=")
    return call(f"{action}-Signed", {"payload": encoded, "protected": "e30", "signature": "x"})


class TestSignedCalls:
    def test_what_is_inside_is_handled(self, bravo):
        action = bravo.receive(signed(json.dumps(EVENT)))
        assert action == Handle(Call("1", "TransactionEvent", EVENT), ())

    def test_what_is_inside_is_checked_like_any_other_payload(self, bravo):
        inside = json.dumps(EVENT | {"seqNo": "0", "offline": None})
        action = bravo.receive(signed(inside))
        assert action.call.payload == EVENT
        assert len(action.deviations) == 2
        assert bravo.receive(signed("{}")).frame.code == "OccurrenceConstraintViolation"

    def test_what_is_inside_may_be_unknown(self, bravo):
        assert bravo.receive(signed("{}", action="SelfDestruct")).frame.code == "NotImplemented"

    @pytest.mark.parametrize("inside", ["", "[]", "{},1", '{}],[2,"2","Reset",{}', "not json"])
    def test_what_holds_no_payload_is_not_supported(self, bravo, inside):
        assert bravo.receive(signed(inside)).frame.code == "NotSupported"

    @pytest.mark.parametrize("encoded", [12, None, [], {}, "!", "é", "e30]", "_w"])
    def test_what_cannot_be_decoded_is_not_supported(self, bravo, encoded):
        assert bravo.receive(call("Heartbeat-Signed", {"payload": encoded})).frame.code == "NotSupported"

    def test_a_signed_call_without_its_payload_is_not_supported(self, bravo):
        assert bravo.receive(call("Heartbeat-Signed", {})).frame.code == "NotSupported"

    def test_16_knows_no_signed_calls(self, alpha):
        assert alpha.receive(signed("{}", action="Heartbeat")).frame.code == "NotImplemented"
