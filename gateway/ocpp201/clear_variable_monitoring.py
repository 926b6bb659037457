"""ClearVariableMonitoring (OCPP 2.0.1, use case N06): remove monitors."""

from collections.abc import Sequence

from gateway.adapter import Payload
from gateway.ocpp201 import fields
from gateway.packing import limits_of, packed
from stations.commands import monitor_answers
from stations.commands.monitor_answers import ClearAnswer
from stations.commands.monitoring import ClearMonitors
from stations.commands.outcome import Outcome
from stations.models import Station

ACTION = "ClearVariableMonitoring"


def split(command: ClearMonitors, station: Station) -> Sequence[ClearMonitors]:
    """No more ids in a message than the station takes (N06.FR.04)."""
    messages = packed(
        command.monitor_ids,
        limits_of(station, ACTION),
        action=ACTION,
        encode=lambda ids: encode(ClearMonitors(monitor_ids=tuple(ids))),
    )
    return [ClearMonitors(monitor_ids=tuple(ids)) for ids in messages]


def join(_command: ClearMonitors, outcomes: Sequence[Outcome]) -> Outcome:
    return monitor_answers.together(outcomes)


def encode(command: ClearMonitors) -> Payload:
    return {"id": list(command.monitor_ids)}


def decode(payload: Payload) -> Outcome:
    """NotFound: there is no such monitor; Rejected: it can't be removed, as it is built in."""
    return monitor_answers.outcome(
        [
            ClearAnswer(monitor_id=element["id"], status=element["status"], **fields.reason(element))
            for element in payload["clearMonitoringResult"]
        ]
    )
