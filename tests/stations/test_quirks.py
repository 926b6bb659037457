import pytest

from emobi.core.errors import Invalid
from stations import quirks


@pytest.mark.parametrize(
    "flags",
    [
        {"assume_subprotocol": "ocpp1.6"},
        {"ping_interval_s": 0},
        {"boot_wait_s": 12.5, "call_pause_s": 1},
        {"local_time_zone": "Europe/Berlin"},
        {"local_time_zone": "-03:30"},
        {"energy_factor": 1000},
        {"power_factor": 0.001},
        {"no_trigger": None},
        {"of_a_newer_version": "kept"},
    ],
)
def test_flags_with_values_that_they_can_have_are_taken(flags):
    assert quirks.checked(flags) == flags


@pytest.mark.parametrize(
    "flags",
    [
        {"assume_subprotocol": "ocpp2.1"},
        {"ping_interval_s": -1},
        {"ping_interval_s": "20"},
        {"boot_wait_s": 301},
        {"boot_wait_s": True},
        {"local_time_zone": "Mars/Olympus"},
        {"local_time_zone": "../../etc/passwd"},
        {"local_time_zone": "+99:00"},
        {"energy_factor": 0},
        {"no_trigger": "yes"},
        {"free_vend_token": ""},
    ],
)
def test_a_value_that_a_flag_cannot_have_is_refused(flags):
    with pytest.raises(Invalid) as refused:
        quirks.checked(flags)
    assert refused.value.field == "quirks"
    assert str(refused.value).startswith(next(iter(flags)))


def test_the_stations_own_flags_win_and_null_turns_one_off():
    of_model = {"boot_wait_s": 10, "no_trigger": True}
    assert quirks.merged(of_model, {"no_trigger": None, "ping_interval_s": 0}) == {
        "boot_wait_s": 10,
        "ping_interval_s": 0,
    }
