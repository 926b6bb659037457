"""Charging goes on without a connection, and is told afterwards, in order."""

import pytest

from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.frames import CallError
from emobi.simulator.moments import BootReason
from tests.simulator.central_system import eventually

pytestmark = pytest.mark.asyncio

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def visit(station, token="GOOD"):
    await station.plug_in(1, ElectricVehicle(soc_percent=20))
    await station.present(token)
    await station.fast_forward(600)
    await station.meter()
    await station.present(token)
    await station.unplug()


async def test_an_offline_visit_is_replayed_by_16_with_the_number_it_gets(central, make_station):
    station = make_station()
    station.power_on()
    await station.until_accepted()
    await station.cut()
    await visit(station)
    assert len(station.outbox) == 3
    central.calls.clear()
    station.mend()
    stop = await central.heard("StopTransaction")
    replayed = [action for action in central.actions() if "Transaction" in action or action == "MeterValues"]
    assert replayed == ["StartTransaction", "MeterValues", "StopTransaction"]
    assert central.said("MeterValues")[0]["transactionId"] == stop["transactionId"] == 100
    assert central.said("Authorize") == []


async def test_an_offline_visit_is_replayed_by_201_as_offline_with_its_sequence(central, make_station):
    station = make_station("2.0.1")
    station.power_on()
    await station.until_accepted()
    await station.cut()
    await visit(station)
    station.mend()
    await central.heard("TransactionEvent", eventType="Ended")
    events = central.said("TransactionEvent")
    assert [event["seqNo"] for event in events] == [0, 1, 2, 3]
    assert all(event["offline"] for event in events)
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)


async def test_only_what_happened_offline_is_marked(central, make_station):
    station = make_station("2.0.1")
    station.power_on()
    await station.until_accepted()
    await station.plug_in()
    await station.start("GOOD")
    await station.cut()
    await station.meter()
    station.mend()
    await central.heard("TransactionEvent", count=3)
    await station.stop()
    offline = [event.get("offline", False) for event in central.said("TransactionEvent")]
    assert offline == [False, False, True, False]


@VERSIONS
async def test_a_report_without_an_answer_is_said_again_after_the_connection_is_back(
    central, make_station, version
):
    action = "StartTransaction" if version == "1.6" else "TransactionEvent"
    station = make_station(version)
    station.power_on()
    await station.until_accepted()
    central.answers[action] = None
    await station.plug_in()
    station.spawn(station.start("GOOD"))
    await central.heard(action)
    del central.answers[action]
    await station.drop()
    await central.heard(action, count=2)
    first, again = central.said(action)[:2]
    assert {name: first[name] for name in first} == {name: again[name] for name in again if name != "offline"}


async def test_a_refused_report_is_tried_again_and_then_given_up(central, booted):
    station = await booted(
        settings={"TransactionMessageAttempts": "2", "TransactionMessageRetryInterval": "0"}
    )
    central.answers["StartTransaction"] = CallError("", "InternalError")
    await station.plug_in()
    await station.start("GOOD")
    await station.stop()
    stop = await central.heard("StopTransaction")
    assert len(central.said("StartTransaction")) == 2
    # Nobody ever told the number of this transaction.
    assert stop["transactionId"] == -1


@VERSIONS
async def test_the_queue_survives_a_reboot_and_waits_for_the_acceptance(central, make_station, version):
    station = make_station(version)
    station.power_on()
    await station.until_accepted()
    await station.cut()
    await visit(station)
    await station.lifeline.restart(BootReason.WATCHDOG)
    central.calls.clear()
    station.mend()
    await eventually(lambda: len(station.outbox) == 0)
    assert central.actions()[0] == "BootNotification"


async def test_a_known_card_that_was_refused_starts_nothing_offline(central, make_station):
    station = make_station()
    station.power_on()
    await station.until_accepted()
    await station.authorize("BLOCKED")
    await station.cut()
    await station.plug_in()
    assert await station.present("BLOCKED") == "Blocked"
    assert len(station.outbox) == 0


async def test_an_unknown_card_starts_offline_only_if_configured_so(central, make_station):
    station = make_station(settings={"AllowOfflineTxForUnknownId": "false"})
    await station.plug_in()
    assert await station.present("GOOD") == "Invalid"


async def test_a_card_refused_after_an_offline_start_ends_the_transaction(central, make_station):
    station = make_station("2.0.1")
    station.power_on()
    await station.until_accepted()
    await station.cut()
    await station.plug_in()
    await station.start("BLOCKED")
    station.mend()
    ended = await central.heard("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "Deauthorized"


async def test_an_absence_of_simulated_time_ends_by_itself(central, make_station):
    station = make_station(speed=1000)
    station.power_on()
    await station.until_accepted()
    await station.stay_offline(60)
    await central.heard("Heartbeat")
