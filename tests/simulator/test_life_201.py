"""A 2.0.1 station's life, message by message."""

import pytest

from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.moments import StopReason

pytestmark = pytest.mark.asyncio


@pytest.fixture
def booted(booted):
    async def boot(**options):
        return await booted("2.0.1", **options)

    return boot


def events(central):
    return central.said("TransactionEvent")


async def test_a_boot_tells_its_reason_then_the_connectors_then_the_security_event(central, booted):
    await booted()
    assert central.actions() == ["BootNotification", *["StatusNotification"] * 2, "SecurityEventNotification"]
    assert central.said("BootNotification")[0]["reason"] == "PowerUp"
    assert central.said("SecurityEventNotification")[0]["type"] == "StartupOfTheDevice"


async def test_a_visit_says_everything_in_the_order_of_the_specification(central, booted):
    station = await booted()
    central.calls.clear()
    await station.plug_in(1, ElectricVehicle())
    assert await station.present("GOOD") == "Accepted"
    await station.fast_forward(3600)
    await station.meter()
    await station.present("GOOD")
    await station.unplug()
    assert central.actions() == [
        "StatusNotification",
        "Authorize",
        *["TransactionEvent"] * 4,
        "StatusNotification",
    ]
    assert [payload["connectorStatus"] for payload in central.said("StatusNotification")] == [
        "Occupied",
        "Available",
    ]
    told = [
        (
            event["eventType"],
            event["triggerReason"],
            event["transactionInfo"]["chargingState"],
            event["seqNo"],
        )
        for event in events(central)
    ]
    assert told == [
        ("Started", "Authorized", "EVConnected", 0),
        ("Updated", "ChargingStateChanged", "Charging", 1),
        ("Updated", "MeterValuePeriodic", "Charging", 2),
        ("Ended", "StopAuthorized", "EVConnected", 3),
    ]


async def test_what_a_transaction_needs_once_comes_once(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.stop(reason=StopReason.REMOTE)
    started, charging, ended = events(central)
    assert started["evse"] == {"id": 1, "connectorId": 1}
    assert started["idToken"] == {"idToken": "GOOD", "type": "ISO14443"}
    assert {"evse", "idToken"}.isdisjoint(charging)
    assert ended["transactionInfo"]["stoppedReason"] == "Remote"
    assert len({event["transactionInfo"]["transactionId"] for event in events(central)}) == 1
    assert not any("offline" in event for event in events(central))


async def test_energy_power_and_state_of_charge_follow_the_curve(central, booted):
    station = await booted()
    await station.plug_in(2, ElectricVehicle(soc_percent=40))
    await station.start("GOOD", 2)
    await station.fast_forward(600, 2)
    await station.meter(2)
    metered = events(central)[2]["meterValue"][0]["sampledValue"]
    values = {value["measurand"]: value["value"] for value in metered}
    assert values["SoC"] == pytest.approx(56, abs=1)
    assert values["Power.Active.Import"] == 60_000
    begin = events(central)[0]["meterValue"][0]["sampledValue"][0]
    assert begin["context"] == "Transaction.Begin"
    assert values["Energy.Active.Import.Register"] - begin["value"] == pytest.approx(10_000, abs=50)


async def test_suspension_by_the_ev_is_a_charging_state(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.pause_ev()
    await station.pause_ev(paused=False)
    states = [event["transactionInfo"]["chargingState"] for event in events(central)]
    assert states == ["EVConnected", "Charging", "SuspendedEV", "Charging"]
    assert events(central)[1]["numberOfPhasesUsed"] in {1, 3}


async def test_a_card_shown_before_the_plug_starts_with_the_plug(central, booted):
    station = await booted()
    await station.present("GOOD")
    await station.plug_in()
    assert events(central)[0]["triggerReason"] == "CablePluggedIn"


async def test_a_refused_start_ends_as_deauthorized(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("BLOCKED")
    ended = await central.heard("TransactionEvent", eventType="Ended")
    assert ended["triggerReason"] == "Deauthorized"
    assert ended["transactionInfo"]["stoppedReason"] == "DeAuthorized"


async def test_a_pulled_plug_ends_the_transaction(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.unplug()
    ended = events(central)[-1]
    assert (ended["eventType"], ended["triggerReason"]) == ("Ended", "EVCommunicationLost")
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    assert ended["transactionInfo"]["chargingState"] == "Idle"


async def test_a_fault_is_an_event_and_a_status_and_is_cleared_again(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.break_down("GroundFailure")
    await station.repair()
    assert events(central)[-1]["transactionInfo"]["stoppedReason"] == "GroundFault"
    assert events(central)[-1]["triggerReason"] == "AbnormalCondition"
    raised, cleared = (payload["eventData"][0] for payload in central.said("NotifyEvent"))
    assert (raised["component"]["name"], raised["component"]["evse"]["id"]) == ("RCD", 1)
    assert (raised["actualValue"], raised["techCode"], raised["cleared"]) == ("true", "F-0102", False)
    assert (cleared["actualValue"], cleared["cleared"]) == ("false", True)
    assert [payload["connectorStatus"] for payload in central.said("StatusNotification", evseId=1)] == [
        "Available",
        "Occupied",
        "Faulted",
        "Occupied",
    ]


async def test_clock_aligned_readings_come_outside_transactions(central, booted):
    station = await booted(settings={"AlignedDataCtrlr.Interval": "1"})
    told = await central.heard("MeterValues")
    assert told["evseId"] == 1
    assert told["meterValue"][0]["sampledValue"][0]["context"] == "Sample.Clock"
    assert station.evse(1).session is None


async def test_ids_of_transactions_never_repeat_though_chance_does(central, booted):
    ids = set()
    for identity in ("CP001", "CP001"):
        station = await booted(identity=identity)
        await station.plug_in()
        ids.add((await station.start("GOOD")).transaction_id)
        await station.power_off()
    assert len(ids) == 2
