from pathlib import Path

import ocpp
import pytest

from gateway import errors, schemas

BOOT = {"chargePointVendor": "V", "chargePointModel": "M"}
STATUS = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
SAMPLE = {
    "connectorId": 1,
    "meterValue": [{"timestamp": "2026-01-15T10:00:00Z", "sampledValue": [{"value": "1"}]}],
}


def profile(limit):
    period = {"startPeriod": 0, "limit": limit}
    return {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [period]},
        },
    }


@pytest.mark.parametrize(
    ("action", "payload"),
    [("BootNotification", BOOT), ("StatusNotification", STATUS), ("MeterValues", SAMPLE)],
)
def test_a_valid_payload_has_no_finding(action, payload):
    assert schemas.validate("1.6", action, "call", payload) is None


@pytest.mark.parametrize(
    ("version", "action", "payload", "path", "code"),
    [
        (
            "1.6",
            "BootNotification",
            {"chargePointModel": "M"},
            "chargePointVendor",
            "OccurrenceConstraintViolation",
        ),
        ("1.6", "BootNotification", BOOT | {"iccid": "secret" * 4}, "iccid", "PropertyConstraintViolation"),
        ("1.6", "BootNotification", BOOT | {"secret": 1}, "payload", "FormatViolation"),
        (
            "1.6",
            "StatusNotification",
            STATUS | {"connectorId": "secret"},
            "connectorId",
            "TypeConstraintViolation",
        ),
        (
            "1.6",
            "StatusNotification",
            STATUS | {"connectorId": True},
            "connectorId",
            "TypeConstraintViolation",
        ),
        (
            "1.6",
            "StatusNotification",
            STATUS | {"connectorId": -1},
            "connectorId",
            "PropertyConstraintViolation",
        ),
        (
            "1.6",
            "StatusNotification",
            STATUS | {"connectorId": 2**31},
            "connectorId",
            "PropertyConstraintViolation",
        ),
        (
            "1.6",
            "StatusNotification",
            STATUS | {"connectorId": 1e20},
            "connectorId",
            "PropertyConstraintViolation",
        ),
        ("1.6", "StatusNotification", STATUS | {"status": "secret"}, "status", "PropertyConstraintViolation"),
        ("1.6", "MeterValues", SAMPLE | {"meterValue": []}, "meterValue", "OccurrenceConstraintViolation"),
        (
            "1.6",
            "MeterValues",
            SAMPLE | {"transactionId": 2**63},
            "transactionId",
            "PropertyConstraintViolation",
        ),
        (
            "1.6",
            "MeterValues",
            SAMPLE | {"transactionId": -(2**63) - 1},
            "transactionId",
            "PropertyConstraintViolation",
        ),
        (
            "1.6",
            "MeterValues",
            {
                "connectorId": 1,
                "meterValue": [{"timestamp": "", "sampledValue": [{"value": "1"}, {"value": 12345}]}],
            },
            "meterValue[0].sampledValue[1].value",
            "TypeConstraintViolation",
        ),
        (
            "2.0.1",
            "NotifyEVChargingNeeds",
            {
                "evseId": 1,
                "chargingNeeds": {
                    "requestedEnergyTransfer": "DC",
                    "dcChargingParameters": {"evMaxCurrent": 1, "evMaxVoltage": 1, "stateOfCharge": 12345},
                },
            },
            "chargingNeeds.dcChargingParameters.stateOfCharge",
            "PropertyConstraintViolation",
        ),
    ],
)
def test_a_finding_names_the_field_and_the_code_and_never_the_value(version, action, payload, path, code):
    finding = schemas.validate(version, action, "call", payload)
    assert schemas.path_text(finding.path) == path
    assert finding.code == code
    assert finding.text.startswith(path + " ")
    assert "secret" not in finding.text
    assert "12345" not in finding.text


def test_every_finding_is_found():
    payload = {"chargePointVendor": 1, "iccid": "x" * 21}
    found = {finding.rule for finding in schemas.findings("1.6", "BootNotification", "call", payload)}
    assert found == {"type", "maxLength", "required"}


def test_results_have_schemas_of_their_own():
    finding = schemas.validate("2.0.1", "Heartbeat", "result", {})
    assert finding.path == ("currentTime",)


def test_a_tenth_is_a_multiple_of_a_tenth():
    invalid = [
        tenths
        for tenths in range(2000)
        if schemas.validate("1.6", "SetChargingProfile", "call", profile(tenths / 10))
    ]
    assert invalid == []


def test_a_finer_limit_than_a_tenth_is_found():
    assert schemas.validate("1.6", "SetChargingProfile", "call", profile(8.15)).rule == "multipleOf"


@pytest.mark.parametrize(
    "action", ["", "heartbeat", "SelfDestruct", "../../../../etc/passwd", "Heartbeat\0", "Heartbeat/"]
)
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_an_unknown_action_is_not_implemented(version, action):
    with pytest.raises(errors.ActionUnknown) as unknown:
        schemas.validate(version, action, "call", {})
    assert unknown.value.code == "NotImplemented"


@pytest.mark.parametrize(("version", "package"), [("1.6", "v16"), ("2.0.1", "v201")])
def test_the_known_actions_are_those_that_have_schemas(version, package):
    files = (Path(ocpp.__file__).parent / package / "schemas").glob("*Response.json")
    named = {file.name.removesuffix("Response.json") for file in files}
    from_station = schemas.known_actions(version, "station")
    from_csms = schemas.known_actions(version, "csms")
    assert from_station | from_csms == named
    assert from_station & from_csms == {"DataTransfer"}


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_every_schema_is_read_and_every_keyword_has_its_code(version):
    keywords = set()

    def collect(schema):
        resolved = (
            schema.get("items"),
            *schema.get("properties", {}).values(),
            *schema.get("definitions", {}).values(),
        )
        keywords.update(schema)
        for inner in resolved:
            if isinstance(inner, dict):
                collect(inner)

    for action in schemas.known_actions(version, "station") | schemas.known_actions(version, "csms"):
        for kind in ("call", "result"):
            assert schemas.validate(version, action, kind, {"no such field": 1}) is not None
            collect(schemas.schema(version, action, kind))
    annotations = {
        "$id",
        "$ref",
        "$schema",
        "additionalItems",
        "comment",
        "default",
        "definitions",
        "description",
    }
    annotations |= {"format", "items", "javaType", "properties", "title"}
    assert keywords - annotations <= set(schemas._RULES)
