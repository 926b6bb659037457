import pytest

from gateway import corrections
from gateway.corrections import apply

AT = "2026-05-04T14:00:00"
START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 12, "timestamp": AT + "Z"}


def readings(**sample):
    return {"meterValue": [{"timestamp": AT, "sampledValue": [sample]}]}


def sampled(payload):
    return payload["meterValue"][0]["sampledValue"][0]


def test_without_a_flag_a_payload_is_left_alone():
    assert apply({}, START) is START
    assert apply({"energy_factor": None, "boot_wait_s": 5}, START) is START


@pytest.mark.parametrize(
    ("zone", "said", "meant"),
    [
        ("Europe/Berlin", AT + "Z", AT + "+02:00"),
        ("Europe/Berlin", AT, AT + "+02:00"),
        ("+05:30", AT + ".123Z", AT + ".123000+05:30"),
        ("-03:00", AT.lower() + "z", AT + "-03:00"),
        ("Europe/Berlin", AT + "+08:00", AT + "+08:00"),
        ("Europe/Berlin", "yesterday", "yesterday"),
        ("Europe/Berlin", None, None),
    ],
)
def test_local_times_get_their_zone_unless_they_name_another(zone, said, meant):
    flags = {"local_time_zone": zone}
    assert apply(flags, {"timestamp": said}) == {"timestamp": meant}
    assert apply(flags, {"meterValue": [{"timestamp": said}]}) == {"meterValue": [{"timestamp": meant}]}


@pytest.mark.parametrize(
    ("sample", "value"),
    [
        ({"value": "1.5"}, "1500"),
        ({"value": "0,0015", "measurand": "Energy.Active.Import.Register"}, "1.5"),
        ({"value": 8.1, "measurand": "Energy.Active.Import.Interval"}, 8100.0),
        ({"value": "7200", "measurand": "Power.Active.Import"}, "7200"),
        ({"value": "unknown"}, "unknown"),
    ],
)
def test_a_register_in_another_unit_is_scaled(sample, value):
    assert sampled(apply({"energy_factor": 1000}, readings(**sample)))["value"] == value


def test_the_registers_of_start_and_stop_are_scaled_unless_they_are_unknown():
    assert apply({"energy_factor": 1000}, START)["meterStart"] == 12_000
    assert apply({"energy_factor": 1000}, {"meterStop": -1}) == {"meterStop": -1}


@pytest.mark.parametrize(
    ("measurand", "value"),
    [("Power.Active.Import", "7.2"), ("Power.Factor", "7200"), ("Voltage", "7200")],
)
def test_a_power_in_another_unit_is_scaled(measurand, value):
    said = readings(value="7200", measurand=measurand)
    assert sampled(apply({"power_factor": 0.001}, said))["value"] == value


def test_a_register_of_one_session_begins_at_nothing():
    flags = {"session_energy_meter": True}
    assert apply(flags, START)["meterStart"] == 0
    assert sampled(apply(flags, readings(value=5000, context="Transaction.Begin")))["value"] == 0
    assert sampled(apply(flags, readings(value="5", context="Transaction.Begin")))["value"] == "0"
    assert sampled(apply(flags, readings(value="5", context="Sample.Periodic")))["value"] == "5"


@pytest.mark.parametrize(("tag", "read"), [("", "FREE"), (" ", "FREE"), ("GOOD", "GOOD")])
def test_free_vending_has_a_token_of_its_own(tag, read):
    assert apply({"free_vend_token": "FREE"}, START | {"idTag": tag})["idTag"] == read


def test_what_came_in_is_untouched():
    said = readings(value="1")
    apply({"energy_factor": 1000}, said)
    assert sampled(said)["value"] == "1"


def test_corrections_go_together():
    flags = {"local_time_zone": "+01:00", "energy_factor": 10, "session_energy_meter": True}
    assert corrections.apply(flags, START) == START | {"meterStart": 0, "timestamp": AT + "+01:00"}
