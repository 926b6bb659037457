"""What came of commands about monitors: many answers, one outcome."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from stations.commands.outcome import Outcome
from stations.models.command import CommandState

ACCEPTED = "Accepted"


@dataclass(frozen=True, kw_only=True)
class ClearAnswer:
    """What a station says of one monitor that it was to remove (ClearMonitoringStatusEnumType)."""

    monitor_id: int | None
    status: str
    reason_code: str | None = None
    additional_info: str | None = None


@dataclass(frozen=True, kw_only=True)
class MonitorAnswer(ClearAnswer):
    """What a station says of one monitor that it was to set (SetMonitoringStatusEnumType).

    ``monitor_id`` is given by the station; None where it refused.
    """

    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None
    type: str
    severity: int


def outcome(answers: Sequence[ClearAnswer]) -> Outcome:
    """Accepted if all of them are; else what was said of the first that isn't."""
    refused = [answer.status for answer in answers if answer.status != ACCEPTED]
    return Outcome(
        state=CommandState.REJECTED if refused else CommandState.ACCEPTED,
        status=(refused or [ACCEPTED])[0],
        detail={"monitors": [dataclasses.asdict(answer) for answer in answers]},
    )


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """One outcome of several messages, as if they had been one."""
    refused = [each for each in outcomes if each.state != CommandState.ACCEPTED]
    first = (refused or list(outcomes))[0]
    monitors = [monitor for each in outcomes for monitor in each.detail["monitors"]]
    return Outcome(state=first.state, status=first.status, detail={"monitors": monitors})
