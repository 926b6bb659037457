import json

import orjson
import pytest

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
