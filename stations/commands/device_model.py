"""Commands about parts of the device model (OCPP 2.0.1, blocks B and N)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emobi.core.errors import Invalid
from stations.commands.entry import Entry
from stations.commands.fields import ConnectorId, EvseId, Identifier, Number, check_place

Name = Annotated[str, Field(min_length=1, max_length=50)]


@dataclass(frozen=True, kw_only=True)
class ComponentVariable:
    """Names variables; what the name leaves out matches everything (B08.FR.20 to .25, N02.FR.16 to .21)."""

    component: Name
    component_instance: Identifier | None = None
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    variable: Name | None = None
    variable_instance: Identifier | None = None


def check_variables(names: tuple[ComponentVariable, ...]) -> None:
    """Each name can be said: a connector with its EVSE, an instance with its variable.

    Raises:
        Invalid: For the first that can't.
    """
    for index, name in enumerate(names):
        check_place(name)
        if name.variable_instance and name.variable is None:
            raise Invalid("An instance needs its variable.", f"params.component_variables.{index}.variable")


class ComponentCriterion(StrEnum):
    """ComponentCriterionEnumType. Source: OCPP 2.0.1 part 2, section 3.21."""

    ACTIVE = "Active"
    AVAILABLE = "Available"
    ENABLED = "Enabled"
    PROBLEM = "Problem"


@dataclass(frozen=True, kw_only=True)
class GetReport:
    """Ask for a report on variables that are named, of components that meet one of the criteria."""

    component_criteria: Annotated[tuple[ComponentCriterion, ...], Field(max_length=4)] = ()
    component_variables: tuple[ComponentVariable, ...] = ()
    request_id: Number | None = None


def _check_report(asked: GetReport) -> None:
    if len(set(asked.component_criteria)) < len(asked.component_criteria):
        raise Invalid("The same criterion is named twice.", "params.component_criteria")
    check_variables(asked.component_variables)


ENTRIES = (
    Entry(
        command="get_report",
        kind=GetReport,
        description="Ask for a report on parts of the device model; it comes in parts.",
        versions=("2.0.1",),
        example={"component_criteria": ["Problem"]},
        check=_check_report,
    ),
)
