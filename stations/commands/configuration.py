"""Commands about a station's settings: components and variables, or keys of 1.6."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from emobi.core.errors import Invalid
from emobi.core.models import Role
from stations import configuration_keys
from stations.commands.entry import Entry
from stations.commands.fields import Attribute, ConnectorId, EvseId, Identifier, Number, Value
from stations.configuration_keys import Place


def _or_none(said: object) -> object:
    return None if said == "" else said


# Most have no other of their name; who says "" says so, too.
_Instance = Annotated[Identifier | None, BeforeValidator(_or_none)]


@dataclass(frozen=True, kw_only=True)
class VariableName:
    """Names one attribute of a variable; in 1.6 by ``key`` alone, or by what the key is mapped to."""

    component: Identifier = ""
    variable: Identifier = ""
    key: Identifier = ""
    component_instance: _Instance = None
    variable_instance: _Instance = None
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    attribute: Attribute = "Actual"


@dataclass(frozen=True, kw_only=True)
class VariableSetting(VariableName):
    """A variable and the value it is to have."""

    value: Value


@dataclass(frozen=True, kw_only=True)
class GetConfig:
    """Read variables. None named: all of them, where the version can be asked that way (1.6)."""

    variables: tuple[VariableName, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SetConfig:
    """Set variables."""

    variables: Annotated[tuple[VariableSetting, ...], Field(min_length=1)]


class ReportBase(StrEnum):
    """ReportBaseEnumType. Source: OCPP 2.0.1 part 2, section 3.66."""

    CONFIGURATION_INVENTORY = "ConfigurationInventory"
    FULL_INVENTORY = "FullInventory"
    SUMMARY_INVENTORY = "SummaryInventory"


@dataclass(frozen=True, kw_only=True)
class GetBaseReport:
    """Ask for a report on the device model; it comes in parts."""

    report_base: ReportBase = ReportBase.FULL_INVENTORY
    request_id: Number | None = None


type Named = tuple[object, ...]


def place(name: VariableName) -> Place:
    """Where a variable stands in the device model that we keep, whichever way it is named."""
    if name.key:
        return configuration_keys.place(name.key)
    instance = name.variable_instance or None
    # A key of 1.6 by the name that it has in 2.0.1 stands where that key stands, in its spelling.
    key = configuration_keys.key(name.component, name.variable, instance)
    if key is None:
        return Place(name.component, name.variable, instance)
    return configuration_keys.place(key)


def named(name: VariableName) -> Named:
    """The attribute that is named; the same for all spellings that stations take for the same."""
    where = (*place(name), name.component_instance, name.evse_id, name.connector_id, name.attribute)
    # A name that is empty is none.
    return tuple(part.casefold() if isinstance(part, str) and part else part or None for part in where)


def _check_names(asked: GetConfig | SetConfig) -> None:
    """Each variable is named once (OCPP 2.0.1, B05.FR.13), however it is spelt, and in one way.

    Who is guarded by one name mustn't be set by another.
    """
    seen: set[Named] = set()
    for index, name in enumerate(asked.variables):
        field = f"params.variables.{index}"
        if not name.key and not (name.component and name.variable):
            raise Invalid("Name a component and a variable, or a key of OCPP 1.6.", field)
        if name.key and _is_more_than_key(name):
            raise Invalid(
                "A key of OCPP 1.6 is the whole name: it goes with no component, variable, instance, EVSE,"
                " connector or attribute.",
                field,
            )
        if (found := named(name)) in seen:
            raise Invalid("The same variable is named twice.", field)
        seen.add(found)


def _is_more_than_key(name: VariableName) -> bool:
    other = (
        name.component,
        name.variable,
        name.component_instance,
        name.variable_instance,
        name.evse_id,
        name.connector_id,
    )
    return any(other) or name.attribute != "Actual"


ENTRIES = (
    Entry(
        command="get_config",
        kind=GetConfig,
        description="Read variables (2.0.1) or configuration keys (1.6); none named: all keys (1.6).",
        example={"variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval"}]},
        check=_check_names,
    ),
    Entry(
        command="set_config",
        kind=SetConfig,
        description="Set variables (2.0.1) or configuration keys (1.6).",
        role=Role.ENGINEER,
        example={
            "variables": [{"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "300"}]
        },
        effect="Changes the station's settings.",
        check=_check_names,
    ),
    Entry(
        command="get_base_report",
        kind=GetBaseReport,
        description="Ask for a report on the whole device model; it comes in parts.",
        versions=("2.0.1",),
        example={"report_base": "FullInventory"},
    ),
)
