"""How a 2.0.1 station answers block B: variables, reports, reset, network profiles.

Source: OCPP 2.0.1 part 2, B05 to B12 and A01.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING

from emobi.simulator import resets, times
from emobi.simulator.dialect import Reply, Report
from emobi.simulator.frames import Payload
from emobi.simulator.moments import BootReason, StopReason
from emobi.simulator.ocpp201.device_model import DeviceModel
from emobi.simulator.ocpp201.variables import READ_ONLY, Variable
from emobi.simulator.resets import ScheduledReset

if TYPE_CHECKING:
    from emobi.simulator.station import Station

# So many variables in one NotifyReport.
PART_SIZE = 25

SUMMARY = {"AvailabilityState", "Problem"}

# Criterion of GetReport: (variable, whether a component without that variable counts) (B08.FR.07 to .10).
CRITERIA = {
    "Active": ("Active", True),
    "Available": ("Available", True),
    "Enabled": ("Enabled", True),
    "Problem": ("Problem", False),
}


def device_model(station: "Station") -> DeviceModel:
    if not isinstance(station.settings, DeviceModel):
        raise TypeError("a 2.0.1 station keeps a DeviceModel")
    return station.settings


def get_variables(station: "Station", payload: Payload) -> Reply:
    results = []
    for asked in payload["getVariableData"]:
        attribute = asked.get("attributeType", "Actual")
        status, value = device_model(station).get(asked["component"], asked["variable"], attribute)
        result = {
            "attributeStatus": status,
            "attributeType": attribute,
            "component": asked["component"],
            "variable": asked["variable"],
        }
        if value is not None:
            result["attributeValue"] = value
        results.append(result)
    return Reply({"getVariableResult": results})


def set_variables(station: "Station", payload: Payload) -> Reply:
    results = [_set_variable(station, wanted) for wanted in payload["setVariableData"]]
    return Reply(
        {"setVariableResult": results}, partial(_take_up, station, payload["setVariableData"], results)
    )


def get_base_report(station: "Station", payload: Payload) -> Reply:
    wanted: dict[str, Callable[[Variable], bool]] = {
        "ConfigurationInventory": lambda variable: variable.mutability != READ_ONLY,
        "FullInventory": lambda variable: True,
        "SummaryInventory": lambda variable: variable.name in SUMMARY,
    }
    if payload["reportBase"] not in wanted:
        return Reply({"status": "NotSupported"})
    return _report(station, payload["requestId"], wanted[payload["reportBase"]])


def get_report(station: "Station", payload: Payload) -> Reply:
    """Components that meet one of the criteria, of those the ones that are named (B08.FR.05, .13)."""
    criteria: Sequence[str] = payload.get("componentCriteria", [])
    named: Sequence[Payload] = payload.get("componentVariable", [])

    def wanted(variable: Variable) -> bool:
        meets = not criteria or any(_meets(station, variable, criterion) for criterion in criteria)
        return meets and (not named or any(_is_named(variable, name) for name in named))

    return _report(station, payload["requestId"], wanted)


def reset(station: "Station", payload: Payload) -> Reply:
    """Immediate ends transactions, OnIdle waits for them (B12)."""
    evse_id = payload.get("evseId")
    evses = station.evses.at(evse_id or 0)
    installing = station.firmware_job.running and station.firmware_job.status == "Installing"
    if not evses or installing:
        return Reply({"status": "Rejected"})
    if payload["type"] == "OnIdle" and any(evse.session is not None for evse in evses):
        station.scheduled_resets.append(ScheduledReset(evse_id))
        return Reply({"status": "Scheduled"})
    if evse_id is not None:
        return Reply({"status": "Accepted"}, partial(resets.reset_evse, station, evses[0]))
    now = partial(resets.reset_gracefully, station, StopReason.IMMEDIATE_RESET, BootReason.REMOTE_RESET)
    return Reply({"status": "Accepted"}, now)


def set_network_profile(station: "Station", payload: Payload) -> Reply:
    """Kept for its slot; used after NetworkConfigurationPriority names it first and a reset (B09, B10)."""
    profile = payload["connectionData"]
    lower = profile["securityProfile"] < station.plan.security_profile
    if payload["configurationSlot"] not in {1, 2} or lower or profile["ocppTransport"] != "JSON":
        return Reply({"status": "Rejected"})
    device_model(station).network_urls[payload["configurationSlot"]] = profile["ocppCsmsUrl"]
    return Reply({"status": "Accepted"})


def _set_variable(station: "Station", wanted: Payload) -> Payload:
    attribute = wanted.get("attributeType", "Actual")
    model = device_model(station)
    return {
        "attributeType": attribute,
        "attributeStatus": model.set(
            wanted["component"], wanted["variable"], attribute, wanted["attributeValue"]
        ),
        "component": wanted["component"],
        "variable": wanted["variable"],
    }


async def _take_up(station: "Station", wanted: Sequence[Payload], results: Sequence[Payload]) -> None:
    """Let what was accepted have its effect: intervals now, a password by a new connection (A01)."""
    station.lifeline.heed_settings()
    model = device_model(station)
    for data, result in zip(wanted, results, strict=True):
        accepted = result["attributeStatus"] in {"Accepted", "RebootRequired"}
        name = data["variable"]["name"].casefold()
        if accepted and name == "networkconfigurationpriority":
            slot = int(data["attributeValue"].split(",")[0])
            station.lifeline.use_url_after_reboot(model.network_urls[slot])
        if accepted and name == "basicauthpassword":
            await station.lifeline.use_password(data["attributeValue"])


def _report(station: "Station", request_id: int, wanted: Callable[[Variable], bool]) -> Reply:
    entries = device_model(station).report(wanted)
    if not entries:
        return Reply({"status": "EmptyResultSet"})
    return Reply({"status": "Accepted"}, partial(_send_report, station, request_id, entries))


async def _send_report(station: "Station", request_id: int, entries: Sequence[Payload]) -> None:
    """In parts, numbered from 0; the last one says that none follows (B07.FR.10)."""
    parts = list(batched(entries, PART_SIZE))
    for number, part in enumerate(parts):
        payload = {
            "requestId": request_id,
            "generatedAt": times.written(station.now()),
            "seqNo": number,
            "tbc": number < len(parts) - 1,
            "reportData": part,
        }
        await station.tell(Report("NotifyReport", payload), asked=True)


def _meets(station: "Station", variable: Variable, criterion: str) -> bool:
    name, otherwise = CRITERIA[criterion]
    answer = device_model(station).has(variable, name, "true")
    return otherwise if answer is None else answer


def _is_named(variable: Variable, named: Payload) -> bool:
    """What is left out of a name matches everything (B08.FR.20 to .25)."""
    component, wanted = named["component"], named.get("variable", {})
    evse = component.get("evse", {})
    pairs = (
        (component["name"], variable.component),
        (evse.get("id"), variable.evse_id),
        (evse.get("connectorId"), variable.connector_id),
        (wanted.get("name"), variable.name),
        (wanted.get("instance"), variable.instance),
    )
    return all(asked is None or str(asked).casefold() == str(has).casefold() for asked, has in pairs)
