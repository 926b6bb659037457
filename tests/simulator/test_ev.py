"""The physics: what an EV draws, and how its battery fills."""

import pytest

from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.plan import Backoff


def test_three_phases_carry_three_times_the_power_of_one():
    ev = ElectricVehicle(ac_phases=3, ac_current_a=16)
    assert ev.draw(limit_w=22_000, phases=3).power_w == pytest.approx(11_040)
    assert ev.draw(limit_w=7_400, phases=1).power_w == pytest.approx(3_680)


def test_a_single_phase_charger_uses_one_phase_of_three():
    draw = ElectricVehicle(ac_phases=1, ac_current_a=32).draw(limit_w=22_000, phases=3)
    assert (draw.phases, draw.current_a) == (1, pytest.approx(31.9, abs=0.1))


def test_less_than_six_amperes_are_nothing():
    ev = ElectricVehicle()
    assert ev.draw(limit_w=5.9 * 230 * 3, phases=3).power_w == 0
    assert ev.draw(limit_w=6.0 * 230 * 3, phases=3).current_a == pytest.approx(6)


def test_direct_current_tapers_towards_full():
    powers = [
        ElectricVehicle(soc_percent=soc, dc_max_w=100_000).draw(limit_w=150_000, phases=0).power_w
        for soc in (20, 50, 70, 90, 99)
    ]
    assert powers[0] == powers[1] == 100_000
    assert powers == sorted(powers, reverse=True)
    assert powers[-1] < 10_000


def test_the_battery_gets_what_the_meter_saw_less_the_losses():
    ev = ElectricVehicle(capacity_wh=50_000, soc_percent=20)
    metered = ev.charge(limit_w=11_000, phases=3, seconds=3600)
    assert metered == pytest.approx(11_000)
    assert ev.soc_percent == pytest.approx(20 + 11_000 * 0.9 / 500, abs=0.1)


@pytest.mark.parametrize("phases", [0, 1, 3])
def test_charging_ends_at_the_target_and_never_beyond(phases):
    ev = ElectricVehicle(soc_percent=70, target_percent=80)
    ev.charge(limit_w=50_000, phases=phases, seconds=48 * 3600)
    assert ev.full
    assert ev.soc_percent == pytest.approx(80)
    assert ev.draw(limit_w=50_000, phases=phases).power_w == 0
    assert ev.charge(limit_w=50_000, phases=phases, seconds=600) == 0


def test_an_ev_that_pauses_takes_nothing():
    ev = ElectricVehicle(wants_charge=False)
    assert ev.charge(limit_w=11_000, phases=3, seconds=600) == 0


def test_steps_don_t_change_the_sum():
    whole, parts = ElectricVehicle(soc_percent=85), ElectricVehicle(soc_percent=85)
    at_once = whole.charge(limit_w=150_000, phases=0, seconds=1200)
    in_parts = sum(parts.charge(limit_w=150_000, phases=0, seconds=60) for _ in range(20))
    assert at_once == pytest.approx(in_parts)


def test_the_wait_before_the_next_connection_doubles_up_to_a_limit():
    backoff = Backoff(wait_minimum_s=3, random_range_s=2, repeat_times=2)
    assert [backoff.delay_s(failures, 0.5) for failures in (1, 2, 3, 4)] == [4, 7, 13, 13]
