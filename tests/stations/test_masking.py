import base64
import json

import orjson
import pytest

from gateway import schemas
from stations import masking


@pytest.mark.parametrize(
    "name",
    [
        "AuthorizationKey", "authorizationkey", "AUTHORIZATIONKEY", "BasicAuthPassword", "StationPassword",
        "wifi_passwd", "ApnPwd", "ClientSecret", "WifiKey", "WifiKeyIndex", "ApiKey", "SimPin", "WiFiPSK",
        "AccessToken", "Passphrase", "VendorCredential", "sim_pin",
    ],
)  # fmt: skip
def test_names_of_secrets(name):
    assert masking.is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "HeartbeatInterval", "GetConfigurationMaxKeys", "PublicKeyWithSignedMeterValue", "MeterPublicKey1",
        "issuerKeyHash", "issuer_key_hash", "KeypadEnabled", "TokenReader", "Spinning", "LocalPreAuthorize",
        "MessageAttempts", "",
    ],
)  # fmt: skip
def test_names_that_only_look_like_it(name):
    assert not masking.is_secret(name)


CHANGE = '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hidden"}]'
SET = (
    '[2,"1","SetVariables",{"setVariableData":[{"component":{"name":"SecurityCtrlr"},'
    '"variable":{"name":"BasicAuthPassword"},"attributeValue":"hidden"},'
    '{"component":{"name":"A"},"variable":{"name":"B"},"attributeValue":"shown"}]}]'
)
GOT = (
    '[3,"1",{"configurationKey":[{"key":"StationPassword","readonly":false,"value":"hidden"},'
    '{"key":"PinOfNothing","readonly":true,"value":"shown"},{"key":"WifiKey","readonly":true,"value":12345}]}]'
)
GOT_VARIABLES = (
    '[3,"1",{"getVariableResult":[{"attributeStatus":"Accepted","component":{"name":"A"},'
    '"variable":{"name":"ApnPassword"},"attributeValue":"hidden"}]}]'
)
REPORT = (
    '[2,"1","NotifyReport",{"reportData":[{"component":{"name":"A"},"variable":{"name":"ApnPassword"},'
    '"variableAttribute":[{"type":"Actual","value":"hidden"},{"type":"Target"}]}]}]'
)
PROFILE = (
    '[2,"1","SetNetworkProfile",{"connectionData":{"apn":{"apn":"shown","apnPassword":"hidden","simPin":4711},'
    '"vpn":{"server":"shown","password":"hidden","key":"hidden"}}}]'
)


@pytest.mark.parametrize(
    ("action", "frame", "hidden", "shown"),
    [
        ("ChangeConfiguration", CHANGE, 1, 0),
        ("SetVariables", SET, 1, 1),
        ("GetConfiguration", GOT, 2, 1),
        ("GetVariables", GOT_VARIABLES, 1, 0),
        ("NotifyReport", REPORT, 1, 0),
        ("SetNetworkProfile", PROFILE, 4, 2),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalpha() else "",
)
def test_secrets_are_masked_and_the_rest_stays(action, frame, hidden, shown):
    masked = masking.text(action, frame)
    assert "hidden" not in masked
    assert "12345" not in masked
    assert "4711" not in masked
    assert masked.count(masking.MASK) == hidden
    assert masked.count("shown") == shown
    assert _shape(orjson.loads(masked)) == _shape(orjson.loads(frame))


def _shape(found):
    match found:
        case dict():
            return {name: _shape(value) for name, value in found.items()}
        case list():
            return [_shape(item) for item in found]
    return None


@pytest.mark.parametrize(
    ("location", "masked"),
    [
        ("ftp://bob:hidden@host:21/a", "ftp://bob:***@host:21/a"),
        ("https://bob:hid%40den@host/a?b=c@d", "https://bob:***@host/a?b=c@d"),
        ("ftp://:hidden@host", "ftp://:***@host"),
        ("ftp://bob@host/a:b@c", "ftp://bob@host/a:b@c"),
        ("https://host:443/a@b", "https://host:443/a@b"),
    ],
)
@pytest.mark.parametrize("action", ["GetDiagnostics", "GetLog", "UpdateFirmware"])
def test_passwords_in_urls_are_masked(action, location, masked):
    frame = orjson.dumps(
        [2, "1", action, {"location": location, "log": {"remoteLocation": location}}]
    ).decode()
    assert orjson.loads(masking.text(action, frame))[3] == {
        "location": masked,
        "log": {"remoteLocation": masked},
    }


@pytest.mark.parametrize(
    "frame",
    [
        '[2,"1","Heartbeat",{}]',
        '[2, "1", "ChangeConfiguration", {"key": "HeartbeatInterval", "value": "300"}]',
        '[3,"1",{"status":"Accepted"}]',
        '[2,"1","GetConfiguration",{"key":["AuthorizationKey"]}]',
        '[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":""}]',
    ],
)
def test_a_frame_without_a_secret_stays_as_it_came_to_the_letter(frame):
    action = orjson.loads(frame)[2] if frame.startswith("[2") else "ChangeConfiguration"
    assert masking.text(action, frame) == frame


def test_other_actions_are_not_even_read():
    assert (
        masking.text("MeterValues", '[2,"1","MeterValues",{"password":"told"}')
        == '[2,"1","MeterValues",{"password":"told"}'
    )


@pytest.mark.parametrize(
    "frame",
    [
        CHANGE,
        CHANGE[:-1],
        CHANGE[:-4],
        '{"password": "hidden", ',
        '[2,"1","GetLog",{"location":"ftp://bob:hidden@host/a"',
        "[2,\"1\",\"X\",{'location':'ftp://bob:hidden@host'",
    ],
)
def test_frames_too_damaged_to_tell_lose_what_looks_like_a_secret(frame):
    masked = masking.text("", frame)
    assert "hidden" not in masked
    assert "hid" not in masked
    assert masking.MASK in masked


@pytest.mark.parametrize("piece", ["passw", '\\"passw', '"passw', '"passw" ', '"password":"', "://"])
@pytest.mark.parametrize("beginning", ["", '"'])
def test_a_damaged_frame_is_read_in_one_go_however_long_it_is(beginning, piece):
    # With a step back for each character this would take a quarter of an hour.
    assert masking.text("", beginning + piece * (1_000_000 // len(piece)))


def test_names_beside_secrets_keep_their_values():
    damaged = '{"user": "bob", "password" : "hidden\\"} still", "city": "Bern", '
    assert masking.text("", damaged) == '{"user": "bob", "password" : "***", "city": "Bern", '


@pytest.mark.parametrize(
    "found",
    [
        {"variables": [{"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": "hidden"}]},
        {"variables": [{"key": "AuthorizationKey", "component": "", "variable": "", "value": "hidden"}]},
        {"key": "AuthorizationKey", "value": ["hidden"]},
        {"key": "HeartbeatInterval", "variable": "BasicAuthPassword", "value": "hidden"},
        {"key": "HeartbeatInterval", "variable": {"name": "BasicAuthPassword"}, "value": "hidden"},
        {"reportData": {"variable": {"name": "ApnPassword"}, "variableAttribute": {"value": "hidden"}}},
        ({"password": "hidden"},),
    ],
)
def test_params_and_answers_lose_their_secrets_too(found):
    assert "hidden" not in str(masking.value(found))


@pytest.mark.parametrize(
    "found", [None, 1, 1.5, True, "text", [], {}, {"value": 1}, {"variableAttribute": 5}, {"key": 5}]
)
def test_what_has_no_secrets_is_itself(found):
    assert masking.value(found) == found


TOKEN = "aB-_" * 10 + "xyz"
FETCH = '[2,"1","UpdateFirmware",{"location":"https://emobi.example.org/files/firmware/TOKEN/w1.bin"}]'
LEAVE = '[2,"1","GetLog",{"log":{"remoteLocation":"http://127.0.0.1:8000/files/logs/TOKEN/"}}]'


@pytest.mark.parametrize(("action", "frame"), [("UpdateFirmware", FETCH), ("GetLog", LEAVE)])
def test_the_right_to_a_file_of_ours_is_a_secret(action, frame):
    masked = masking.text(action, frame.replace("TOKEN", TOKEN))
    assert masked == frame.replace("TOKEN", masking.MASK)


def test_files_of_others_are_shown_as_they_are():
    assert masking.value("https://vendor.example.com/files/firmware/w1.bin").endswith("/w1.bin")


@pytest.mark.parametrize(
    "said",
    [
        ["Authorize", {"idToken": {"idToken": "4711", "type": "KeyCode"}}],
        ["TransactionEvent", {"idToken": {"type": "KeyCode", "idToken": "4711"}, "seqNo": 0}],
        ["SendLocalList", {"localAuthorizationList": [{"idToken": {"idToken": "4711", "type": "KeyCode"}}]}],
    ],
)
def test_a_code_that_a_driver_keys_in_is_shown_nowhere(said):
    masked = masking.text(said[0], json.dumps([2, "1", *said]))
    assert "4711" not in masked
    assert "KeyCode" in masked
    assert "4711" not in str(masking.value({"id_token": "4711", "id_token_type": "KeyCode"}))


def test_cards_are_shown():
    frame = '[2,"1","Authorize",{"idToken":{"idToken":"4711","type":"ISO14443"}}]'
    assert masking.text("Authorize", frame) == frame


@pytest.mark.parametrize("code", ["Keycode", "KEYCODE", "keyCode", " KeyCode "])
def test_a_key_code_is_one_however_its_type_is_written(code):
    frame = json.dumps([2, "1", "Authorize", {"idToken": {"idToken": "4711", "type": code}}])
    assert "4711" not in masking.text("Authorize", frame)


@pytest.mark.parametrize(
    ("action", "said"),
    [
        ("Authorize", '{"idToken":{"idToken":4711,"type":"KeyCode"}}'),
        ("Authorize", '{"idToken":{"idToken":["4711"],"type":"KeyCode"}}'),
        ("Authorize", '{"idToken":{"IdToken":"4711","type":"KeyCode"}}'),
        ("Authorize", '{"idToken":{"idToken":"4711","Type":"KeyCode"}}'),
        ("Authorize", '{,"idToken":{"idToken":"4711","type":"KeyCode"}}'),
        ("Authorize", '{"idToken":{"idToken":4711,"type":"KeyCode"'),
        ("", '{"idToken":{"idToken":"4711","type":"keycode"'),
        ("GetConfiguration", '{"configurationKey":[{"key":"AuthorizationKey","Value":"4711"}]}'),
        ("GetConfiguration", '{"configurationKey":[{"Key":"AuthorizationKey","value":"4711"}]}'),
        ("GetConfiguration", '{"configurationKey":[{,"key":"AuthorizationKey","Value":4711}]}'),
        ("GetVariables", '{"variable":{"name":"BasicAuthPassword"},"AttributeValue":"4711"}'),
        ("GetVariables", '{"Variable":{" Name":"BasicAuthPassword"},"attributeValue":"4711"}'),
        ("NotifyReport", '{"variable":{"name":"ApnPassword"},"VariableAttribute":[{"value":"4711"}]}'),
        ("Heartbeat", '{"CustomData":{"vendorId":"acme","password":"4711"}}'),
    ],
)
def test_what_a_station_misspells_and_is_read_all_the_same_is_masked(action, said):
    masked = masking.text(action, f'[2,"1","{action}",{said}]')
    assert "4711" not in masked
    assert masking.MASK in masked


def test_a_damaged_frame_shows_its_cards():
    frame = '[2,"1","Authorize",{,"idToken":{"idToken":"4711","type":"ISO14443"}}]'
    assert masking.text("Authorize", frame) == frame


VENDORS = {"password": "hunter2hunter2", "shown": "shown"}


@pytest.mark.parametrize(
    "data",
    [
        json.dumps(VENDORS),
        "  " + json.dumps([VENDORS]),
        json.dumps(json.dumps(VENDORS)),
        json.dumps({"more": json.dumps(VENDORS)}),
    ],
    ids=["object", "list", "wrapped twice", "text in a text"],
)
def test_a_text_that_is_json_is_masked_inside_and_stays_json(data):
    masked = masking.text(
        "DataTransfer", json.dumps([2, "1", "DataTransfer", {"vendorId": "v", "data": data}])
    )
    assert "hunter2" not in masked
    assert "shown" in masked
    json.loads(json.loads(masked)[3]["data"])
    assert "hunter2" not in str(masking.value({"status": "Accepted", "data": data}))


def test_a_text_that_begins_like_json_and_is_none_is_masked_too():
    assert "hunter2" not in masking.value('{"password": "hunter2", ')
    assert masking.value("[shown] 1") == "[shown] 1"


def test_a_text_that_nests_without_end_is_not_read():
    assert "hunter2" not in masking.value("[" * 900 + '{"password":"hunter2"}' + "]" * 900)


@pytest.mark.parametrize("action", ["Reset", "RequestStartTransaction", "Heartbeat"])
def test_what_a_vendor_adds_is_read_in_whatever_message(action):
    said = '[2,"1","%s",{"customData":{"vendorId":"acme","%s":"hunter2"}}]'
    assert masking.text(action, said % (action, "password")) == (said % (action, "password")).replace(
        "hunter2", "***"
    )
    assert masking.text(action, said % (action, "depot")) == said % (action, "depot")


def test_an_action_that_nobody_knows_is_read():
    masked = masking.text("SetWifi", '[2,"1","SetWifi",{"ssid":"shown","password":"hunter2"}]')
    assert masked == '[2,"1","SetWifi",{"ssid":"shown","password":"***"}]'
    assert masking.text("SetWifi", '[2, "1", "SetWifi", {}]') == '[2, "1", "SetWifi", {}]'


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_each_action_of_ocpp_is_known_to_hold_secrets_or_not(version):
    known = schemas.known_actions(version, "station") | schemas.known_actions(version, "csms")
    lists = [masking._ACTIONS, masking._WITH_TOKENS, masking._PLAIN]
    assert known <= frozenset.union(*lists)
    assert sum(len(each) for each in lists) == len(frozenset.union(*lists))


def test_each_action_with_tokens_is_known_to_have_them():
    for action in schemas.known_actions("2.0.1", "station") | schemas.known_actions("2.0.1", "csms"):
        for kind in ("call", "result"):
            if '"idToken"' in json.dumps(schemas.schema("2.0.1", action, kind)):
                assert action not in masking._PLAIN, action


def signed(action, payload):
    """A signed CALL, and the JSON inside."""
    wrapped = base64.urlsafe_b64encode(
        payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    )
    wrapping = {"payload": wrapped.decode().rstrip("="), "signatures": []}
    return json.dumps([2, "1", f"{action}-Signed", wrapping])


def opened(frame):
    wrapped = json.loads(frame)[3]["payload"]
    return base64.urlsafe_b64decode(wrapped + "=" * (-len(wrapped) % 4)).decode()


@pytest.mark.parametrize("logged_as", ["Authorize", "Authorize-Signed", ""])
def test_a_signed_message_is_masked_inside(logged_as):
    frame = signed("Authorize", {"idToken": {"idToken": "4711", "type": "KeyCode"}})
    assert opened(frame).count("4711") == 1
    assert "4711" not in opened(masking.text(logged_as, frame))
    report = signed("DataTransfer", {"vendorId": "v", "data": VENDORS})
    assert json.loads(opened(masking.text("DataTransfer", report)))["data"] == VENDORS | {"password": "***"}


def test_a_signed_message_without_a_secret_stays_as_it_came_and_one_that_cant_be_read_is_hidden():
    frame = signed("Authorize", {"idToken": {"idToken": "4711", "type": "ISO14443"}})
    assert masking.text("Authorize", frame) == frame
    assert json.loads(masking.text("", signed("Authorize", b"\xff\xfe")))[3]["payload"] == masking.MASK
    assert frame[20:60] not in masking.text("", frame[:-3])


DEEP = '{"a":' * 600 + '{"password":"hidden"}' + "}" * 600


@pytest.mark.parametrize("signed", [False, True])
def test_what_nests_too_deep_to_be_read_is_masked_whole(signed):
    encoded = base64.urlsafe_b64encode(DEEP.encode()).decode()
    payload = f'{{"payload":"{encoded}"}}' if signed else DEEP
    masked = masking.text("", f'[2,"1","DataTransfer{"-Signed" if signed else ""}",{payload}]')
    whole = base64.urlsafe_b64encode(masking.MASK.encode()).decode() if signed else masking.MASK
    assert whole in masked
    assert len(masked) < 100


def test_a_part_of_a_text_keeps_what_no_secret_is_named_beside():
    part = '{"email":"a@b.de","fields":[{"name":"phone","value":"+49 30 1234"},{"password":"hidden","na'
    assert masking.value([{"text": part}]) == [{"text": part.replace("hidden", masking.MASK)}]
