import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import schemas
from gateway.frames import Deviation
from gateway.tolerance import is_tolerable, mend

AT = "2026-01-15T10:00:00Z"
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 1200, "timestamp": AT}
STOP = {"transactionId": 7, "meterStop": 2400, "timestamp": AT}
SAMPLE = {"value": "21.5", "context": "Sample.Periodic", "measurand": "Voltage", "unit": "V", "phase": "L1"}
METER_VALUES = {
    "connectorId": 1,
    "transactionId": 7,
    "meterValue": [{"timestamp": AT, "sampledValue": [SAMPLE, SAMPLE]}],
}
EVENT = {
    "eventType": "Updated",
    "timestamp": AT,
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 3,
    "transactionInfo": {"transactionId": "T1", "chargingState": "Charging"},
    "evse": {"id": 1, "connectorId": 1},
    "idToken": {"idToken": "GOOD", "type": "ISO14443"},
    "meterValue": [
        {
            "timestamp": AT,
            "sampledValue": [{"value": 21.5, "measurand": "Voltage", "unitOfMeasure": {"unit": "V"}}],
        }
    ],
}
BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
BOOT_201 = {
    "reason": "PowerUp",
    "chargingStation": {"vendorName": "V", "model": "M", "modem": {"iccid": "89"}},
}


def mended(action, payload, version="1.6", kind="call"):
    """The payload made of it, and (path, rule) of each deviation."""
    result = mend(version, action, payload, kind)
    assert result is not None
    return result[0], [(deviation.path, deviation.rule) for deviation in result[1]]


def sample(**changes):
    return METER_VALUES | {"meterValue": [{"timestamp": AT, "sampledValue": [SAMPLE | changes]}]}


def test_nulls_are_left_out():
    payload, found = mended("StatusNotification", STATUS | {"info": None, "timestamp": None})
    assert payload == STATUS
    assert found == [("info", "null"), ("timestamp", "null")]


def test_nulls_in_lists_are_left_out():
    payload, found = mended("MeterValues", METER_VALUES | {"meterValue": [None, *METER_VALUES["meterValue"]]})
    assert payload == METER_VALUES
    assert found == [("meterValue[]", "null")]


def test_unknown_names_are_left_out():
    payload, found = mended("Heartbeat", {"x": 1})
    assert payload == {}
    assert found == [("x", "additionalProperties")]


def test_a_name_in_another_case_is_the_known_one():
    payload, found = mended("StopTransaction", STOP | {"Reason": "Local"})
    assert payload == STOP | {"reason": "Local"}
    assert found == [("reason", "spelling")]


def test_a_name_in_another_case_gives_way_to_the_right_one():
    payload, found = mended("StopTransaction", STOP | {"Reason": "Reboot", "reason": "Local"})
    assert payload["reason"] == "Local"
    assert found == [("Reason", "additionalProperties")]


@pytest.mark.parametrize(
    ("written", "read"),
    [("42", 42), (" 42 ", 42), ("+42", 42), ("-1", -1), ("42.0", 42), (42.0, 42), ("42,0", 42)],
)
def test_an_integer_in_another_type_is_read(written, read):
    payload, found = mended("StopTransaction", STOP | {"transactionId": written})
    assert payload == STOP | {"transactionId": read}
    assert type(payload["transactionId"]) is int
    assert found == [("transactionId", "type")]


@pytest.mark.parametrize(
    ("written", "read"),
    [(1200.4, 1200), (1200.6, 1201), ("1200", 1200), ("1200.6", 1201), ("1200,4", 1200)],
)
def test_a_register_with_a_fraction_is_rounded_to_whole_wh(written, read):
    payload, found = mended("StartTransaction", START | {"meterStart": written})
    assert payload["meterStart"] == read
    assert found == [("meterStart", "type")]
    assert mended("StopTransaction", STOP | {"meterStop": written})[0]["meterStop"] == read


@pytest.mark.parametrize(("written", "read"), [(21.5, "21.5"), (21, "21"), (1e20, "1e+20")])
def test_a_meter_value_as_a_number_becomes_a_text(written, read):
    payload, found = mended("MeterValues", sample(value=written))
    assert payload == sample(value=read)
    assert found == [("meterValue[].sampledValue[].value", "type")]


@pytest.mark.parametrize(("written", "read"), [("21.5", 21.5), ("21,5", 21.5), ("-21", -21)])
def test_a_meter_value_as_a_text_becomes_a_number(written, read):
    event = copy.deepcopy(EVENT)
    event["meterValue"][0]["sampledValue"][0]["value"] = written
    payload, found = mended("TransactionEvent", event, "2.0.1")
    assert payload["meterValue"][0]["sampledValue"][0]["value"] == read
    assert found == [("meterValue[].sampledValue[].value", "type")]


@pytest.mark.parametrize("written", ["1.234,5", "1,2,3", "12 V", "", "NaN", "٣", "9" * 40])
def test_what_is_no_number_is_left_out_with_its_sample(written):
    event = copy.deepcopy(EVENT)
    samples = event["meterValue"][0]["sampledValue"]
    samples.append({"value": written})
    payload, found = mended("TransactionEvent", event, "2.0.1")
    assert payload == EVENT
    assert found == [("meterValue[].sampledValue[]", "type")]


@pytest.mark.parametrize(("written", "read"), [("true", True), ("False", False), (1, True), (0, False)])
def test_a_truth_value_in_another_type_is_read(written, read):
    payload, _ = mended("TransactionEvent", EVENT | {"offline": written}, "2.0.1")
    assert payload["offline"] is read


def test_one_object_is_a_list_of_one():
    payload, found = mended("MeterValues", METER_VALUES | {"meterValue": METER_VALUES["meterValue"][0]})
    assert payload == METER_VALUES
    assert found == [("meterValue", "type")]


def test_a_text_beyond_its_limit_is_kept_and_flagged():
    payload, found = mended("BootNotification", BOOT | {"chargePointSerialNumber": "x" * 33})
    assert payload["chargePointSerialNumber"] == "x" * 33
    assert found == [("chargePointSerialNumber", "maxLength")]


def test_padding_beyond_the_limit_is_taken_off():
    payload, found = mended("StopTransaction", STOP | {"idTag": "x" * 20 + "\ufffd\r"})
    assert payload["idTag"] == "x" * 20
    assert found == [("idTag", "maxLength")]


def test_an_endless_text_that_can_be_spared_is_cut():
    payload, _ = mended("BootNotification", BOOT | {"iccid": "x" * 4096})
    assert len(payload["iccid"]) == 255


def test_an_endless_text_that_cannot_be_spared_is_cut_in_a_transaction_alone():
    assert mend("1.6", "BootNotification", BOOT | {"chargePointVendor": "x" * 4096}) is None
    payload, _ = mended("StartTransaction", START | {"idTag": "x" * 4096})
    assert len(payload["idTag"]) == 255


@pytest.mark.parametrize(
    ("field", "word"),
    [
        ("measurand", "Request.Energy"),
        ("unit", "Hz"),
        ("context", "Vendor"),
        ("phase", "L4"),
        ("location", "Roof"),
    ],
)
def test_an_unknown_word_of_metering_is_kept_and_flagged(field, word):
    payload, found = mended("MeterValues", sample(**{field: word}))
    assert payload == sample(**{field: word})
    assert found == [(f"meterValue[].sampledValue[].{field}", "enum")]


def test_an_unknown_status_is_kept_and_flagged():
    payload, found = mended("StatusNotification", STATUS | {"status": "Vandalised"})
    assert payload["status"] == "Vandalised"
    assert found == [("status", "enum")]


def test_an_unknown_error_code_is_another_error_and_remembered():
    payload, found = mended("StatusNotification", STATUS | {"errorCode": "Error"})
    assert payload == STATUS | {"errorCode": "OtherError", "vendorErrorCode": "Error"}
    assert found == [("errorCode", "enum")]


def test_an_unknown_error_code_leaves_the_vendors_own_alone():
    payload, _ = mended("StatusNotification", STATUS | {"errorCode": "Error", "vendorErrorCode": "E7"})
    assert payload["vendorErrorCode"] == "E7"


@pytest.mark.parametrize(
    ("written", "read", "rule"),
    [
        ("local", "Local", "spelling"),
        (" EvDisconnected", "EVDisconnected", "spelling"),
        ("Boredom", "Other", "enum"),
    ],
)
def test_an_unknown_reason_is_read_in_any_case_or_as_another_one(written, read, rule):
    payload, found = mended("StopTransaction", STOP | {"reason": written})
    assert payload["reason"] == read
    assert found == [("reason", rule)]


def test_an_empty_word_is_left_out():
    payload, found = mended("MeterValues", sample(phase=""))
    assert "phase" not in payload["meterValue"][0]["sampledValue"][0]
    assert found == [("meterValue[].sampledValue[].phase", "enum")]


@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [("1.6", "StartTransaction", START), ("2.0.1", "TransactionEvent", EVENT)],
)
def test_a_missing_timestamp_is_left_to_the_handler(version, action, payload):
    without = {name: value for name, value in payload.items() if name != "timestamp"}
    assert mended(action, without, version) == (without, [])


def test_a_start_without_a_token_has_an_empty_one():
    payload, found = mended("StartTransaction", {key: START[key] for key in START if key != "idTag"})
    assert payload == START | {"idTag": ""}
    assert found == [("idTag", "required")]


@pytest.mark.parametrize("broken", [None, "", " ", []])
def test_a_status_is_never_refused_for_its_error_code(broken):
    payload, found = mended("StatusNotification", STATUS | {"errorCode": broken})
    assert payload == STATUS
    assert {path for path, _ in found} == {"errorCode"}
    without = {name: value for name, value in STATUS.items() if name != "errorCode"}
    assert mended("StatusNotification", without) == (STATUS, [("errorCode", "required")])


def test_a_status_of_2_0_1_has_no_error_code():
    said = {"timestamp": AT, "connectorStatus": "available", "evseId": 1, "connectorId": 1}
    payload, _ = mended("StatusNotification", said, "2.0.1")
    assert payload == said | {"connectorStatus": "Available"}


@pytest.mark.parametrize("broken", [None, "", []])
def test_an_event_is_never_refused_for_its_reason_or_number(broken):
    payload, found = mended("TransactionEvent", EVENT | {"triggerReason": broken, "seqNo": broken}, "2.0.1")
    assert payload == EVENT | {"triggerReason": "", "seqNo": -1}
    assert {path for path, _ in found} == {"triggerReason", "seqNo"}
    without = {name: value for name, value in EVENT.items() if name not in ("triggerReason", "seqNo")}
    assert mended("TransactionEvent", without, "2.0.1") == (
        EVENT | {"triggerReason": "", "seqNo": -1},
        [("triggerReason", "required"), ("seqNo", "required")],
    )


@pytest.mark.parametrize("broken", [None, "", "abc", [], True])
def test_a_stop_is_never_refused_for_its_number(broken):
    payload, _ = mended("StopTransaction", STOP | {"transactionId": broken, "meterStop": broken})
    assert payload == STOP | {"transactionId": -1, "meterStop": -1}


def test_the_meter_values_of_ocpp_15_are_read():
    old = {"connectorId": 1, "values": [{"timestamp": AT, "value": ["100", {"value": "5", "unit": "V"}]}]}
    payload, found = mended("MeterValues", old)
    samples = [{"value": "100"}, {"value": "5", "unit": "V"}]
    assert payload == {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": samples}]}
    assert found == [("", "shape")]


def test_the_transaction_data_of_ocpp_15_is_read():
    old = STOP | {"transactionData": [{"values": [{"timestamp": AT, "values": [{"value": "5"}]}]}]}
    payload, found = mended("StopTransaction", old)
    assert payload == STOP | {"transactionData": [{"timestamp": AT, "sampledValue": [{"value": "5"}]}]}
    assert found == [("", "shape")]


def test_what_does_not_fit_is_left_out_with_no_more_than_it_takes():
    event = EVENT | {
        "evse": {"id": "one"},
        "transactionInfo": EVENT["transactionInfo"]
        | {"chargingState": "Dreaming", "timeSpentCharging": 2**70},
        "cableMaxCurrent": [],
        "meterValue": [*EVENT["meterValue"], {"timestamp": AT, "sampledValue": [{"measurand": "Voltage"}]}],
    }
    payload, found = mended("TransactionEvent", event, "2.0.1")
    expected = {key: EVENT[key] for key in EVENT if key != "evse"} | {
        "transactionInfo": {"transactionId": "T1"}
    }
    assert payload == expected
    assert ("evse", "type") in found
    assert ("transactionInfo.chargingState", "enum") in found


def test_an_empty_list_that_can_be_spared_is_left_out():
    payload, _ = mended("TransactionEvent", EVENT | {"meterValue": []}, "2.0.1")
    assert payload == {key: EVENT[key] for key in EVENT if key != "meterValue"}


def test_custom_data_is_never_a_reason_to_refuse():
    custom = {"anything": [None, {"x": None}], "VENDORID": 1}
    payload, _ = mended("TransactionEvent", EVENT | {"customData": custom}, "2.0.1")
    assert payload["customData"] == custom


@pytest.mark.parametrize(
    ("version", "action", "payload"),
    [
        ("1.6", "BootNotification", {}),
        ("1.6", "MeterValues", {"connectorId": 1, "meterValue": [{"timestamp": AT}]}),
        ("1.6", "MeterValues", {"connectorId": 1, "meterValue": []}),
        ("1.6", "StartTransaction", START | {"connectorId": True}),
        ("1.6", "StartTransaction", START | {"connectorId": 1.5}),
        ("1.6", "StartTransaction", START | {"meterStart": None}),
        ("1.6", "StatusNotification", STATUS | {"connectorId": 2**63}),
        ("2.0.1", "TransactionEvent", EVENT | {"transactionInfo": {}}),
        ("2.0.1", "TransactionEvent", EVENT | {"eventType": "Paused"}),
    ],
)
def test_a_message_without_what_it_is_about_is_refused(version, action, payload):
    assert mend(version, action, payload) is None


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("SignCertificate", {"csr": "x", "certificateType": "AnyCertificate"}),
        ("Authorize", {"idToken": {"idToken": "GOOD", "type": "ISO14443"}, "certificate": "x" * 6000}),
        (
            "Authorize",
            {"idToken": {"idToken": "GOOD", "type": "ISO14443"}, "iso15118CertificateHashData": []},
        ),
    ],
)
def test_what_decides_about_trust_is_not_left_out(action, payload):
    assert mend("2.0.1", action, payload) is None


def test_a_token_of_an_unknown_type_is_handed_over():
    token = {"idToken": "GOOD", "type": "DirectPayment"}
    assert mended("Authorize", {"idToken": token}, "2.0.1")[0] == {"idToken": token}
    assert mended("TransactionEvent", EVENT | {"idToken": token}, "2.0.1")[0]["idToken"] == token


@pytest.mark.parametrize(("data", "text"), [({"a": [1]}, '{"a":[1]}'), (12, "12"), (True, "true")])
def test_vendor_data_that_is_not_a_text_becomes_one(data, text):
    payload, found = mended("DataTransfer", {"vendorId": "V", "data": data})
    assert payload["data"] == text
    assert found == [("data", "type")]


def test_answers_are_mended_too():
    key = {"key": "HeartbeatInterval", "readonly": 0, "value": 300, "unit": "s"}
    payload, found = mended("GetConfiguration", {"configurationKey": [key]}, kind="result")
    assert payload == {"configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}]}
    assert len(found) == 3


def test_an_answers_status_is_never_guessed():
    assert mend("1.6", "ClearChargingProfile", {"status": "Perhaps"}, "result") is None


def test_a_payload_with_too_many_values_is_refused():
    samples = [{"value": 1}] * 20_000
    payload = {"connectorId": 1, "meterValue": [{"timestamp": AT, "sampledValue": samples}]}
    assert mend("1.6", "MeterValues", payload) is None


def test_a_payload_with_too_many_unknown_names_is_refused():
    assert mend("1.6", "Heartbeat", {f"x{number}": 0 for number in range(1999)}) is not None
    assert mend("1.6", "Heartbeat", {f"x{number}": 0 for number in range(2001)}) is None


def test_the_deviations_of_a_payload_are_bounded():
    result = mend("1.6", "Heartbeat", {f"x{'y' * 300}{number}": number for number in range(1000)})
    assert len(result[1]) <= 50
    assert max(len(deviation.path) for deviation in result[1]) <= 200


def test_a_deviation_says_where_and_what():
    assert mend("1.6", "StatusNotification", STATUS | {"connectorId": "1"})[1] == (
        Deviation("connectorId", "type", "read as integer"),
    )


JUNK = st.recursive(
    st.sampled_from(
        [None, True, False, 0, 1, -1, 2**63, 2**70, 1.5, "", "1", "1,5", "x" * 300, "Wh", AT, "transactionId"]
    )
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["value", "timestamp", "Unit", "id", "type", "customData", "x"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=8,
)
SUBJECTS = [
    ("1.6", "BootNotification", BOOT),
    ("1.6", "MeterValues", METER_VALUES),
    ("1.6", "StartTransaction", START),
    ("1.6", "StatusNotification", STATUS),
    ("1.6", "StopTransaction", STOP | {"transactionData": METER_VALUES["meterValue"]}),
    ("2.0.1", "BootNotification", BOOT_201),
    ("2.0.1", "TransactionEvent", EVENT),
    ("2.0.1", "Authorize", {"idToken": EVENT["idToken"]}),
]


def places(node, path=()):
    """The way to each value in ``node``."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in members:
        yield (*path, step)
        yield from places(inner, (*path, step))


@st.composite
def spoilt(draw):
    """A version, an action, and a valid payload of it in which some values were replaced, lost or renamed."""
    version, action, payload = draw(st.sampled_from(SUBJECTS))
    payload = copy.deepcopy(payload)
    for _ in range(draw(st.integers(1, 4))):
        ways = list(places(payload))
        if not ways:
            break
        *way, last = draw(st.sampled_from(ways))
        holder = payload
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(["replace", "lose", "rename"])):
            case "replace":
                holder[last] = draw(JUNK)
            case "lose":
                del holder[last]
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from([last.upper(), last + "x", "values"]))] = holder.pop(last)
    return version, action, payload


@given(spoilt())
def test_what_is_mended_is_fit_for_a_handler_and_what_came_in_is_untouched(subject):
    version, action, payload = subject
    before = copy.deepcopy(payload)
    result = mend(version, action, payload)
    assert payload == before
    if result is None:
        assert schemas.validate(version, action, "call", payload) is not None
        return
    read, deviations = result
    intolerable = [
        finding
        for finding in schemas.findings(version, action, "call", read)
        if not is_tolerable(action, finding, read)
    ]
    assert intolerable == []
    assert all(isinstance(deviation, Deviation) for deviation in deviations)


@given(spoilt())
def test_mending_twice_changes_nothing_more(subject):
    version, action, payload = subject
    if result := mend(version, action, payload):
        again = mend(version, action, result[0])
        assert again is not None
        assert again[0] == result[0]
