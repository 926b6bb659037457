"""What an EV is offered."""

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from sessions.composite_schedules import CompositePeriod, Evse
from sessions.ev_plans import is_within, length_s
from sessions.ev_strategies import GROUP, STRATEGIES, NeedsAnswer, Situation, elsewhere, off, soonest
from sessions.reports import ChargingNeedsReport
from stations.commands.charging_profiles import ChargingSchedule, RateUnit, SchedulePeriod
from tests.sessions.said import NOON

A, W = RateUnit.AMPERE, RateUnit.WATT


def allowed(*limits, phases=3):
    return tuple(
        CompositePeriod(
            start_period=start, limit=None if limit is None else Decimal(str(limit)), number_phases=phases
        )
        for start, limit in limits
    )


def offered(needs, *limits, unit=A, most=1024, evse=None, phases=3):
    situation = Situation(
        now=NOON,
        evse=evse or Evse(evse_id=1),
        unit=unit,
        allowed=allowed(*limits, phases=phases),
        most_periods=most,
    )
    return soonest(needs, situation)


def said(offer):
    return [(each.start_period, float(each.limit)) for each in offer.schedule.charging_schedule_period]


THREE = ChargingNeedsReport(evse_id=1, energy_transfer="AC_three_phase", max_current_a=32)
ONE = ChargingNeedsReport(evse_id=1, energy_transfer="AC_single_phase", max_current_a=16)
DC = ChargingNeedsReport(evse_id=1, energy_transfer="DC", max_current_a=300, max_voltage_v=400)


def test_an_ev_gets_all_that_it_can_take_and_that_others_leave():
    offer = offered(THREE, (0, 20), (3600, None), (7200, 40))
    assert offer.answer == NeedsAnswer.ACCEPTED
    assert said(offer) == [(0, 20), (3600, 32)]
    assert offer.schedule.start_schedule == NOON
    assert offer.schedule.duration is None


@pytest.mark.parametrize(("needs", "phases"), [(THREE, 3), (ONE, 1), (DC, None)])
def test_it_is_offered_the_phases_that_it_asked_for(needs, phases):
    [period] = offered(needs, (0, 10)).schedule.charging_schedule_period
    assert period.number_phases == phases


@pytest.mark.parametrize(
    ("needs", "watts"),
    [
        (THREE, 32 * 230 * 3),
        (ONE, 16 * 230),
        (DC, 300 * 400),
        (ChargingNeedsReport(evse_id=1, energy_transfer="DC", max_power_w=50000, max_current_a=300), 50000),
    ],
)
def test_in_watts_it_is_what_the_ev_can_take(needs, watts):
    assert said(offered(needs, (0, None), unit=W)) == [(0, watts)]


def test_too_many_periods_end_in_the_lowest():
    limits = [(0, 10), (60, 20), (120, 15), (180, 30)]
    assert said(offered(THREE, *limits, most=4)) == [(0, 10), (60, 20), (120, 15), (180, 30)]
    assert said(offered(THREE, *limits, most=3)) == [(0, 10), (60, 20), (120, 15)]
    assert said(offered(THREE, *limits, most=2)) == [(0, 10), (60, 15)]
    assert said(offered(THREE, *limits, most=1)) == [(0, 10)]


def test_where_nothing_is_known_nothing_is_offered():
    silent = ChargingNeedsReport(evse_id=1, energy_transfer="AC_three_phase")
    offer = offered(silent, (0, 10), (60, None))
    assert (offer.answer, offer.schedule) == (NeedsAnswer.REJECTED, None)
    assert said(offered(silent, (0, 10))) == [(0, 10)]


def test_others_may_make_the_schedule_or_nobody():
    situation = Situation(now=NOON, evse=Evse(evse_id=1), unit=A, allowed=(), most_periods=1)
    assert elsewhere(THREE, situation).answer == NeedsAnswer.PROCESSING
    assert off(THREE, situation).answer == NeedsAnswer.REJECTED


def test_every_strategy_can_be_set(settings):
    text = (Path(__file__).parents[2] / "emobi" / "settings.py").read_text()
    [ours, group] = re.findall(r'"EMOBI_EV_CHARGING",.*?among=\((.*?), \*sorted.*?group="(.*?)"', text, re.S)[
        0
    ]
    assert re.findall(r'"(\w+)"', ours) == list(STRATEGIES)
    assert group == GROUP
    assert settings.EMOBI_EV_CHARGING in STRATEGIES


def test_a_package_brings_its_own(tmp_path):
    """In a process of its own, which reads its settings with the package there."""
    (tmp_path / "depot.py").write_text("def cheapest(needs, situation):\n    return None\n")
    info = tmp_path / "depot-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: depot\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{GROUP}]\ncheapest = depot:cheapest\n")
    asked = (
        "import django; django.setup()\n"
        "from django.conf import settings\n"
        "from sessions.ev_strategies import named\n"
        "print(named(settings.EMOBI_EV_CHARGING).__module__)"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path), "EMOBI_EV_CHARGING": "Cheapest"}
    done = subprocess.run(
        [sys.executable, "-c", asked], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "depot"


def plan(*limits, **more):
    return ChargingSchedule(
        charging_rate_unit=A,
        charging_schedule_period=tuple(
            SchedulePeriod(start_period=start, limit=Decimal(str(limit))) for start, limit in limits
        ),
        **more,
    )


@pytest.mark.parametrize(
    ("planned", "limits", "within"),
    [
        (plan((0, 16)), [(0, 16)], True),
        (plan((0, 16.1)), [(0, 16)], False),
        (plan((0, 99)), [(0, None)], True),
        (plan((0, 10), (60, 20)), [(0, 10), (30, 20)], True),
        (plan((0, 10), (60, 20)), [(0, 20), (90, 10)], False),
        (plan((0, 10), (60, 20)), [(0, 20), (50, 10), (60, 30)], True),
        (plan(), [(0, 10)], True),
    ],
)
def test_a_plan_is_within_what_is_allowed_at_every_moment(planned, limits, within):
    assert is_within(planned, allowed(*limits), 3600) == within


@pytest.mark.parametrize(
    ("planned", "seconds"),
    [
        (plan((0, 1)), 1),
        (plan((0, 1), (60, 2)), 61),
        (plan((0, 1), duration=900), 900),
        (plan(duration=9999), 600),
    ],
)
def test_a_plan_is_looked_at_as_far_as_it_goes(planned, seconds):
    assert length_s(planned, 600 if seconds == 600 else 3600) == seconds
