import pytest

from stations import drift


@pytest.mark.parametrize(
    ("wanted", "reported", "data_type"),
    [
        ("300", "300", None),
        ("300", " 300.0", "integer"),
        ("0.5", ".50", "decimal"),
        ("true", "TRUE", "boolean"),
        ("A,W", "W, A", "MemberList"),
        ("A,W", "A, W", "SequenceList"),
        # What 1.6 doesn't say the type of.
        ("true", "True", None),
        ("300", "0300", None),
        ("Voltage,SoC", "Voltage, SoC", None),
        ("", "", "string"),
    ],
)
def test_values_that_mean_the_same_are_the_same(wanted, reported, data_type):
    assert drift.same(wanted, reported, data_type)


@pytest.mark.parametrize(
    ("wanted", "reported", "data_type"),
    [
        ("300", "301", None),
        ("true", "false", "boolean"),
        ("yes", "YES", "boolean"),
        ("a", "A", "string"),
        ("300", "300.0", "string"),
        ("A,W", "W,A", "SequenceList"),
        ("A,W", "W,A", None),
        ("A,W", "A", "MemberList"),
        ("300", "", "integer"),
        ("NaN", "nan", "decimal"),
        ("1", "Infinity", "decimal"),
    ],
)
def test_values_that_differ_do(wanted, reported, data_type):
    assert not drift.same(wanted, reported, data_type)
