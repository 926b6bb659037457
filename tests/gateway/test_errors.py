import pytest

from gateway import errors


@pytest.mark.parametrize(
    ("code", "version", "spelling"),
    [
        ("FormatViolation", "1.6", "FormationViolation"),
        ("OccurrenceConstraintViolation", "1.6", "OccurenceConstraintViolation"),
        ("FormatViolation", "2.0.1", "FormatViolation"),
        ("OccurrenceConstraintViolation", "2.0.1", "OccurrenceConstraintViolation"),
        ("RpcFrameworkError", "1.6", "FormationViolation"),
        ("RpcFrameworkError", "2.0.1", "RpcFrameworkError"),
        ("NotSupported", "1.6", "NotSupported"),
    ],
)
def test_a_code_is_spelt_as_its_version_spells_it(code, version, spelling):
    assert errors.spelled(code, version) == spelling


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("FormationViolation", "FormatViolation"),
        ("OccurenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("OccurrenceConstraintViolation", "OccurrenceConstraintViolation"),
        ("notimplemented", "NotImplemented"),
        ("VendorTrouble", "VendorTrouble"),
    ],
)
def test_every_spelling_of_a_peer_is_understood(spelling, code):
    assert errors.canonical(spelling) == code


def test_every_code_of_ocpp_has_its_failure():
    assert set(errors.BY_CODE) == {
        "FormatViolation",
        "GenericError",
        "InternalError",
        "MessageTypeNotSupported",
        "NotImplemented",
        "NotSupported",
        "OccurrenceConstraintViolation",
        "PropertyConstraintViolation",
        "ProtocolError",
        "RpcFrameworkError",
        "SecurityError",
        "TypeConstraintViolation",
    }
