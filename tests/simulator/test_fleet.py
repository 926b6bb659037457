"""Fleets and the lives that their stations lead."""

import asyncio
import os
import signal

import pytest

from emobi.simulator import fleet as fleets
from emobi.simulator.fleet import Fleet
from emobi.simulator.makers import MODELS, TOKENS, plan_fleet
from emobi.simulator.plan import Backoff
from emobi.simulator.scenarios import SCENARIOS
from tests.simulator.central_system import eventually

AT_ONCE = Backoff(wait_minimum_s=0, random_range_s=0, repeat_times=0)


@pytest.fixture
def lead(central, monkeypatch):
    """Start a fleet in a hurry; it is stopped at the end."""

    async def start(count, **options):
        fleet = Fleet(plan_fleet(count, backoff=AT_ONCE), central.url, starts_per_s=1000, **options)
        fleet.start()
        started.append(fleet)
        await eventually(lambda: fleet.status().online == count)
        return fleet

    started = []
    monkeypatch.setattr("emobi.simulator.scenarios.FIRST_VISIT_REAL_S", 0.1)
    return start


def test_a_plan_is_the_same_for_the_same_seed():
    assert plan_fleet(20, seed=3) == plan_fleet(20, seed=3)
    assert plan_fleet(20, seed=3) != plan_fleet(20, seed=4)


def test_every_second_station_speaks_1_6_and_both_versions_come_in_every_model():
    plans = plan_fleet(2 * len(MODELS))
    assert [plan.version for plan in plans[:4]] == ["1.6", "2.0.1", "1.6", "2.0.1"]
    assert len({plan.identity for plan in plans}) == len(plans)
    models = {
        version: {plan.model for plan in plans if plan.version == version} for version in ("1.6", "2.0.1")
    }
    assert models["1.6"] == models["2.0.1"] == {model.name for model in MODELS}


def test_tokens_fit_both_versions():
    assert all(len(token.value) <= 20 for token in TOKENS)


@pytest.mark.asyncio
async def test_an_idle_fleet_connects_and_is_quiet(central, lead):
    fleet = await lead(60, scenario="idle")
    await central.until(lambda: len(central.said("BootNotification")) == 60)
    assert str(fleet.status()) == (
        "60 of 60 stations online, 0 transactions, 0 reports queued, 0 connections refused"
    )
    quiet = {"BootNotification", "StatusNotification", "SecurityEventNotification"}
    await central.until(lambda: set(central.actions()) >= quiet)
    assert set(central.actions()) == quiet
    await fleet.stop()
    assert fleet.status().online == 0


@pytest.mark.asyncio
async def test_a_steady_fleet_charges_in_both_versions_and_ends_with_power_loss(central, lead):
    fleet = await lead(4, scenario="steady", speed=300)
    await eventually(lambda: fleet.status().charging >= 4)
    await central.heard("MeterValues", identity="CP001")
    await central.heard("TransactionEvent", identity="CP002", triggerReason="MeterValuePeriodic")
    await fleet.stop()
    assert central.said("StopTransaction", reason="PowerLoss")
    ended = central.said("TransactionEvent", eventType="Ended")
    assert {event["transactionInfo"]["stoppedReason"] for event in ended} >= {"PowerLoss"}
    assert fleet.status().charging == 0


@pytest.mark.asyncio
async def test_a_fleet_with_faults_breaks_down_and_recovers(central, lead):
    fleet = await lead(2, scenario="faults", speed=3000)
    await central.until(
        lambda: any(
            payload["errorCode"] != "NoError" for payload in central.said("StatusNotification", "CP001")
        )
    )
    await central.until(
        lambda: any(payload["eventData"][0]["cleared"] for payload in central.said("NotifyEvent"))
    )
    await fleet.stop()


@pytest.mark.asyncio
async def test_a_flaky_fleet_comes_back_and_loses_no_transaction_report(central, lead):
    fleet = await lead(2, scenario="flaky", speed=3000)
    await central.until(lambda: len(central.handshakes) > 8)
    await central.until(lambda: any(event.get("offline") for event in central.said("TransactionEvent")))
    await fleet.stop()
    by_transaction = {}
    for event in central.said("TransactionEvent"):
        by_transaction.setdefault(event["transactionInfo"]["transactionId"], []).append(event["seqNo"])
    for numbers in by_transaction.values():
        assert sorted(set(numbers)) == list(range(max(numbers) + 1))


@pytest.mark.asyncio
async def test_a_demo_fleet_leads_whole_lives(central, lead):
    fleet = await lead(6, scenario="demo", speed=3000)
    await central.heard("StopTransaction", reason="Local")
    await central.heard("TransactionEvent", triggerReason="StopAuthorized")
    await central.heard("StatusNotification", status="Finishing")
    await fleet.stop()


def test_scenarios_have_their_promised_names():
    assert set(SCENARIOS) == {"demo", "steady", "faults", "flaky", "idle"}


@pytest.mark.asyncio
async def test_stations_without_a_password_and_with_one_share_a_fleet(central):
    plans = plan_fleet(2)
    fleet = Fleet(plans, central.url, scenario="idle", passwords={"CP002": "0123456789abcdef"})
    fleet.start()
    await eventually(lambda: fleet.status().online == 2)
    headers = {path.rsplit("/", 1)[1]: headers for path, headers in central.handshakes}
    assert "Authorization" not in headers["CP001"]
    assert "Authorization" in headers["CP002"]
    await fleet.stop()


@pytest.mark.asyncio
async def test_a_fleet_says_goodbye_when_it_is_told_to_stop(central):
    running = asyncio.create_task(fleets.main(stations=2, url=central.url, scenario="idle"))
    await central.until(lambda: len(central.said("BootNotification")) == 2)
    os.kill(os.getpid(), signal.SIGTERM)
    await running
    await central.until(lambda: central.sockets == {})
