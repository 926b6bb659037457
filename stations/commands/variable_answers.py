"""What came of commands about variables: many answers, one outcome."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stations import masking
from stations.commands.configuration import VariableName
from stations.commands.outcome import Outcome
from stations.models.command import CommandState
from stations.reports import VariableReport

ACCEPTED = "Accepted"
REBOOT_REQUIRED = "RebootRequired"


@dataclass(frozen=True, kw_only=True)
class VariableAnswer(VariableName):
    """What a station says of one variable that it was asked for, or asked to set.

    ``status`` is GetVariableStatusEnumType or SetVariableStatusEnumType; ``value`` None where none was said.
    """

    status: str
    value: str | None = None
    mutability: str | None = None


def read(answers: Sequence[VariableAnswer]) -> Outcome:
    """The outcome of reading: accepted if anything could be read, or if there was nothing to read."""
    known = [answer for answer in answers if answer.status == ACCEPTED]
    accepted = bool(known) or not answers
    return Outcome(
        state=CommandState.ACCEPTED if accepted else CommandState.REJECTED,
        status=ACCEPTED if accepted else answers[0].status,
        detail=_detail(answers),
        variables=tuple(_report(answer) for answer in known),
    )


def written(answers: Sequence[VariableAnswer]) -> Outcome:
    """The outcome of setting: accepted if all were set, if only from the next reboot on."""
    refused = [answer.status for answer in answers if answer.status not in (ACCEPTED, REBOOT_REQUIRED)]
    waiting = [answer.status for answer in answers if answer.status == REBOOT_REQUIRED]
    return Outcome(
        state=CommandState.REJECTED if refused else CommandState.ACCEPTED,
        status=(refused + waiting + [ACCEPTED])[0],
        detail=_detail(answers),
    )


def read_together(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of reading in several messages."""
    known = [outcome for outcome in outcomes if outcome.state == CommandState.ACCEPTED]
    return Outcome(
        state=CommandState.ACCEPTED if known else CommandState.REJECTED,
        status=(known or outcomes)[0].status,
        detail=_together(outcomes),
        variables=tuple(variable for outcome in outcomes for variable in outcome.variables),
    )


def written_together(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of setting in several messages: accepted if all were set, as in one."""
    refused = [outcome for outcome in outcomes if outcome.state != CommandState.ACCEPTED]
    waiting = [outcome for outcome in outcomes if outcome.status == REBOOT_REQUIRED]
    told = [*refused, *waiting, *outcomes][0]
    return Outcome(state=told.state, status=told.status, detail=_together(outcomes))


def _together(outcomes: Sequence[Outcome]) -> Mapping[str, object]:
    return {"variables": [answer for outcome in outcomes for answer in outcome.detail["variables"]]}


def _detail(answers: Sequence[VariableAnswer]) -> Mapping[str, object]:
    """Each answer, without the secrets that stations read back to whoever asks (quirk 86)."""
    return {"variables": [masking.value(dataclasses.asdict(answer)) for answer in answers]}


def _report(answer: VariableAnswer) -> VariableReport:
    return VariableReport(
        component=answer.component,
        variable=answer.variable,
        component_instance=answer.component_instance,
        variable_instance=answer.variable_instance,
        evse_id=answer.evse_id,
        connector_id=answer.connector_id,
        attribute=answer.attribute,
        key=answer.key or None,
        value=answer.value,
        mutability=answer.mutability,
    )
