"""A 1.6 station's life, message by message."""

import pytest

from emobi.simulator.ev import ElectricVehicle
from emobi.simulator.moments import StopReason

pytestmark = pytest.mark.asyncio

BOOT = ["BootNotification", *["StatusNotification"] * 3]


def statuses(central, connector_id=1):
    return [payload["status"] for payload in central.said("StatusNotification", connectorId=connector_id)]


async def test_a_boot_is_followed_by_the_status_of_the_station_and_each_connector(central, booted):
    await booted()
    assert central.actions() == BOOT
    assert [payload["connectorId"] for payload in central.said("StatusNotification")] == [0, 1, 2]
    boot = central.said("BootNotification")[0]
    assert boot == {
        "chargePointVendor": "Voltstead",
        "chargePointModel": "Duo 22",
        "chargePointSerialNumber": "VS-0001",
        "firmwareVersion": "1.4.2",
    }


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
        "StartTransaction",
        "StatusNotification",
        "MeterValues",
        "StopTransaction",
        "StatusNotification",
        "StatusNotification",
    ]
    assert statuses(central) == ["Preparing", "Charging", "Finishing", "Available"]


async def test_a_transaction_is_metered_from_its_start_to_its_stop(central, booted):
    station = await booted()
    await station.plug_in(1, ElectricVehicle(soc_percent=20))
    await station.start("GOOD")
    await station.fast_forward(3600)
    await station.meter()
    await station.stop(reason=StopReason.REMOTE)
    start, meter, stop = (
        central.said(action)[0] for action in ("StartTransaction", "MeterValues", "StopTransaction")
    )
    assert meter["transactionId"] == stop["transactionId"] == 100
    values = {value["measurand"]: value for value in meter["meterValue"][0]["sampledValue"]}
    assert values["Power.Active.Import"]["value"] == "11040"
    assert values["Voltage"]["phase"] == "L3-N"
    energy = int(values["Energy.Active.Import.Register"]["value"])
    assert energy - start["meterStart"] == pytest.approx(11_040, abs=20)
    assert stop["meterStop"] >= energy
    assert stop["reason"] == "Remote"


async def test_direct_current_tells_the_state_of_charge(central, booted):
    station = await booted()
    await station.plug_in(2, ElectricVehicle(soc_percent=40))
    await station.start("GOOD", 2)
    await station.fast_forward(600, 2)
    await station.meter(2)
    sampled = central.said("MeterValues")[0]["meterValue"][0]["sampledValue"]
    values = {value["measurand"]: float(value["value"]) for value in sampled}
    assert values["SoC"] == pytest.approx(56, abs=1)
    assert values["Power.Active.Import"] == 60_000
    assert values["Current.Import"] * values["Voltage"] == pytest.approx(60_000, rel=0.01)


async def test_a_full_ev_suspends_and_an_ev_that_pauses_goes_on(central, booted):
    station = await booted()
    await station.plug_in(1, ElectricVehicle(soc_percent=70))
    await station.start("GOOD")
    await station.pause_ev()
    await station.pause_ev(paused=False)
    await station.fast_forward(4 * 3600)
    assert statuses(central)[1:] == ["Preparing", "Charging", "SuspendedEV", "Charging", "SuspendedEV"]


async def test_a_refused_start_is_stopped_as_deauthorized(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("BLOCKED")
    stop = await central.heard("StopTransaction")
    assert stop["reason"] == "DeAuthorized"
    await central.heard("StatusNotification", status="Finishing")
    assert "Charging" not in statuses(central)


async def test_a_refused_start_only_loses_its_energy_if_configured_so(central, booted):
    station = await booted(settings={"StopTransactionOnInvalidId": "false"})
    await station.plug_in()
    await station.start("BLOCKED")
    await central.heard("StatusNotification", status="SuspendedEVSE")
    assert central.said("StopTransaction") == []


async def test_a_pulled_plug_ends_the_transaction(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.unplug()
    assert central.said("StopTransaction")[0]["reason"] == "EVDisconnected"
    assert statuses(central)[-1] == "Available"


async def test_a_refused_card_starts_nothing(central, booted):
    station = await booted()
    await station.plug_in()
    assert await station.present("BLOCKED") == "Blocked"
    assert central.said("StartTransaction") == []


async def test_a_card_shown_first_waits_for_the_plug_until_the_timeout(central, booted):
    station = await booted(speed=600, settings={"ConnectionTimeOut": "60"})
    await station.present("GOOD")
    await central.heard("StatusNotification", connectorId=1, status="Preparing")
    await central.heard("StatusNotification", count=2, connectorId=1, status="Available")
    await station.plug_in()
    assert central.said("StartTransaction") == []


async def test_a_card_shown_first_starts_with_the_plug(central, booted):
    station = await booted()
    await station.present("GOOD")
    await station.plug_in()
    assert central.said("StartTransaction")[0]["idTag"] == "GOOD"


async def test_a_card_of_the_same_group_stops_and_another_does_not(central, booted):
    station = await booted()
    central.answers["Authorize"] = lambda payload: {
        "idTagInfo": {"status": "Accepted", "parentIdTag": payload["idTag"][:1]}
    }
    central.answers["StartTransaction"] = {
        "transactionId": 5,
        "idTagInfo": {"status": "Accepted", "parentIdTag": "A"},
    }
    await station.plug_in()
    await station.present("A1")
    await station.authorize("B2")
    assert await station.present("B2") == "Invalid"
    await station.authorize("A2")
    assert await station.present("A2") == "Accepted"
    assert central.said("StopTransaction")[0]["idTag"] == "A2"


async def test_transaction_data_comes_with_the_stop_if_configured(central, booted):
    station = await booted(settings={"StopTxnSampledData": "Energy.Active.Import.Register"})
    await station.plug_in()
    await station.start("GOOD")
    await station.stop()
    contexts = [
        value["sampledValue"][0]["context"] for value in central.said("StopTransaction")[0]["transactionData"]
    ]
    assert contexts == ["Transaction.Begin", "Transaction.End"]


async def test_the_meter_is_sampled_at_the_configured_interval_of_simulated_time(central, booted):
    station = await booted(speed=3600, settings={"MeterValueSampleInterval": "60"})
    await station.plug_in(1, ElectricVehicle(soc_percent=0))
    await station.start("GOOD")
    await central.heard("MeterValues", count=3)
    readings = [
        int(value["value"])
        for payload in central.said("MeterValues")[:3]
        for value in payload["meterValue"][0]["sampledValue"]
        if value["measurand"] == "Energy.Active.Import.Register"
    ]
    assert readings == sorted(readings)
    assert readings[0] < readings[2]


async def test_heartbeats_come_at_the_interval_of_the_boot(central, make_station):
    central.answers["BootNotification"] = {
        "status": "Accepted",
        "currentTime": "2026-01-15T10:00:00Z",
        "interval": 1,
    }
    station = make_station(speed=1000)
    await station.connect()
    await station.boot()
    await central.heard("Heartbeat", count=2)


async def test_a_fault_ends_the_transaction_and_is_cleared_again(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.break_down("PowerSwitchFailure")
    await station.repair()
    await station.unplug()
    assert central.said("StopTransaction")[0]["reason"] == "EmergencyStop"
    faulted = await central.heard("StatusNotification", status="Faulted")
    assert (faulted["errorCode"], faulted["vendorErrorCode"]) == ("PowerSwitchFailure", "F-0402")
    assert statuses(central)[-3:] == ["Faulted", "Finishing", "Available"]
    assert central.said("StatusNotification")[-1]["errorCode"] == "NoError"


async def test_a_warning_comes_with_the_status_and_ends_nothing(central, booted):
    station = await booted()
    await station.plug_in()
    await station.start("GOOD")
    await station.break_down("ReaderFailure")
    told = central.said("StatusNotification")[-1]
    assert (told["status"], told["errorCode"]) == ("Charging", "ReaderFailure")
    assert station.evse(1).session is not None


async def test_a_fault_of_the_station_shows_at_connector_0_and_everywhere(central, booted):
    station = await booted()
    central.calls.clear()
    await station.break_down("InternalError", 0)
    await station.repair(0)
    told = [(payload["connectorId"], payload["status"]) for payload in central.said("StatusNotification")]
    assert told == [(n, "Faulted") for n in range(3)] + [(n, "Available") for n in range(3)]
