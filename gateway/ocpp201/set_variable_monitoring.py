"""SetVariableMonitoring (OCPP 2.0.1, use case N04): have variables watched."""

from collections.abc import Sequence
from typing import Any

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.packing import limits_of, packed
from stations.commands import monitor_answers
from stations.commands.monitor_answers import MonitorAnswer
from stations.commands.monitoring import MonitorSetting, SetMonitors
from stations.commands.outcome import Outcome
from stations.models import Station

ACTION = "SetVariableMonitoring"


def split(command: SetMonitors, station: Station) -> Sequence[SetMonitors]:
    """No more monitors in a message than the station takes (N04.FR.09)."""
    messages = packed(
        command.monitors,
        limits_of(station, ACTION),
        action=ACTION,
        encode=lambda settings: encode(SetMonitors(monitors=tuple(settings))),
    )
    return [SetMonitors(monitors=tuple(settings)) for settings in messages]


def join(_command: SetMonitors, outcomes: Sequence[Outcome]) -> Outcome:
    return monitor_answers.together(outcomes)


def encode(command: SetMonitors) -> Payload:
    return {"setMonitoringData": [_wanted(setting) for setting in command.monitors]}


def _wanted(setting: MonitorSetting) -> Payload:
    wanted: dict[str, Any] = {
        "value": setting.value,
        "type": setting.type.value,
        "severity": setting.severity,
        "component": fields.component(setting),
        "variable": fields.variable(setting.variable, setting.variable_instance),
    }
    if setting.transaction:
        wanted["transaction"] = True
    if setting.monitor_id is not None:
        wanted["id"] = setting.monitor_id
    return wanted


def decode(payload: Payload) -> Outcome:
    """Results come in any order, and name what they are about (N04.FR.02)."""
    return monitor_answers.outcome([_answer(element) for element in payload["setMonitoringResult"]])


def _answer(element: Payload) -> MonitorAnswer:
    return MonitorAnswer(
        **fields.named(element),
        type=element["type"],
        severity=element["severity"],
        status=element["status"],
        monitor_id=element.get("id"),
        **fields.reason(element),
    )
