"""How a 2.0.1 station answers monitoring, display messages, cost and data transfer.

Source: OCPP 2.0.1 part 2, I02, N02 to N08, O01 to O06 and P01. Monitors and messages are kept and
reported; no monitor fires, and the display shows nothing but plain text.
"""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from emobi.simulator import times
from emobi.simulator.dialect import Reply, Report
from emobi.simulator.frames import Payload
from emobi.simulator.ocpp201.provisioning import device_model

if TYPE_CHECKING:
    from emobi.simulator.station import Station

CRITERIA = {
    "ThresholdMonitoring": {"UpperThreshold", "LowerThreshold"},
    "DeltaMonitoring": {"Delta"},
    "PeriodicMonitoring": {"Periodic", "PeriodicClockAligned"},
}

FORMATS = {"ASCII", "UTF8"}


def set_variable_monitoring(station: "Station", payload: Payload) -> Reply:
    results = [_set_monitor(station, wanted) for wanted in payload["setMonitoringData"]]
    return Reply({"setMonitoringResult": results})


def clear_variable_monitoring(station: "Station", payload: Payload) -> Reply:
    monitors = device_model(station).monitors
    results = [
        {"id": monitor_id, "status": "Accepted" if monitors.pop(monitor_id, None) else "NotFound"}
        for monitor_id in payload["id"]
    ]
    return Reply({"clearMonitoringResult": results})


def get_monitoring_report(station: "Station", payload: Payload) -> Reply:
    types = {kind for criterion in payload.get("monitoringCriteria", []) for kind in CRITERIA[criterion]}
    named = payload.get("componentVariable", [])
    entries = [
        _reported(monitor_id, monitor)
        for monitor_id, monitor in device_model(station).monitors.items()
        if (not types or monitor["type"] in types)
        and (not named or any(_watches(monitor, name) for name in named))
    ]
    if not entries:
        return Reply({"status": "EmptyResultSet"})
    return Reply({"status": "Accepted"}, partial(_tell_monitors, station, payload["requestId"], entries))


def set_monitoring_base(station: "Station", payload: Payload) -> Reply:
    """Nothing is monitored by the factory: every base but All means no monitors (N05)."""
    if payload["monitoringBase"] != "All":
        device_model(station).monitors.clear()
    return Reply({"status": "Accepted"})


def set_monitoring_level(station: "Station", payload: Payload) -> Reply:
    return Reply({"status": "Accepted" if 0 <= payload["severity"] <= 9 else "Rejected"})


def set_display_message(station: "Station", payload: Payload) -> Reply:
    message = payload["message"]
    if message["message"]["format"] not in FORMATS:
        return Reply({"status": "NotSupportedMessageFormat"})
    if "transactionId" in message and station.evses.charging_for(message["transactionId"]) is None:
        return Reply({"status": "UnknownTransaction"})
    device_model(station).display_messages[message["id"]] = message
    return Reply({"status": "Accepted"})


def get_display_messages(station: "Station", payload: Payload) -> Reply:
    found = [
        message
        for message in device_model(station).display_messages.values()
        if message["id"] in payload.get("id", [message["id"]])
        and payload.get("priority") in {None, message["priority"]}
        and payload.get("state") in {None, message.get("state")}
    ]
    if not found:
        return Reply({"status": "Unknown"})
    report = {"requestId": payload["requestId"], "tbc": False, "messageInfo": found}
    return Reply({"status": "Accepted"}, partial(_tell, station, Report("NotifyDisplayMessages", report)))


def clear_display_message(station: "Station", payload: Payload) -> Reply:
    removed = device_model(station).display_messages.pop(payload["id"], None)
    return Reply({"status": "Accepted" if removed else "Unknown"})


def cost_updated(station: "Station", payload: Payload) -> Reply:
    return Reply({})


def data_transfer(station: "Station", payload: Payload) -> Reply:
    """No vendor's extension is known here."""
    return Reply({"status": "UnknownVendorId"})


def _set_monitor(station: "Station", wanted: Payload) -> Payload:
    model = device_model(station)
    result = {name: wanted[name] for name in ("type", "severity", "component", "variable")}
    found = model.find(wanted["component"], wanted["variable"])
    if isinstance(found, str):
        return result | {"status": found}
    alike = [
        monitor_id
        for monitor_id, monitor in model.monitors.items()
        if all(monitor[name] == wanted[name] for name in ("type", "severity", "component", "variable"))
    ]
    if alike and wanted.get("id") not in alike:
        return result | {"status": "Duplicate"}
    if "id" in wanted and wanted["id"] not in model.monitors:
        return result | {"status": "Rejected"}
    monitor_id = wanted["id"] if "id" in wanted else station.next_number()
    model.monitors[monitor_id] = wanted
    return result | {"status": "Accepted", "id": monitor_id}


def _watches(monitor: Payload, named: Payload) -> bool:
    component = bool(monitor["component"]["name"] == named["component"]["name"])
    return component and ("variable" not in named or bool(monitor["variable"] == named["variable"]))


def _reported(monitor_id: int, monitor: Payload) -> Payload:
    watching: dict[str, Any] = {name: monitor[name] for name in ("value", "type", "severity")}
    watching |= {"id": monitor_id, "transaction": monitor.get("transaction", False)}
    return {
        "component": monitor["component"],
        "variable": monitor["variable"],
        "variableMonitoring": [watching],
    }


async def _tell_monitors(station: "Station", request_id: int, entries: Sequence[Payload]) -> None:
    payload = {
        "requestId": request_id,
        "generatedAt": times.written(station.now()),
        "seqNo": 0,
        "tbc": False,
        "monitor": entries,
    }
    await _tell(station, Report("NotifyMonitoringReport", payload))


async def _tell(station: "Station", report: Report) -> None:
    await station.tell(report, asked=True)
