"""Commands about a station's settings: components and variables, or keys of 1.6."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from stations.commands.fields import Attribute, ConnectorId, EvseId, Identifier, Number, Value


@dataclass(frozen=True, kw_only=True)
class VariableName:
    """Names one attribute of a variable; in 1.6 by ``key`` alone, or by what the key is mapped to."""

    component: Identifier = ""
    variable: Identifier = ""
    key: Identifier = ""
    component_instance: Identifier | None = None
    variable_instance: Identifier | None = None
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
