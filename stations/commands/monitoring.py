"""Commands about monitors of the device model (OCPP 2.0.1, block N)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from emobi.core.errors import Invalid
from stations.commands.device_model import ComponentVariable, Name, check_variables
from stations.commands.entry import Entry
from stations.commands.fields import ConnectorId, EvseId, Identifier, Number, check_place

# Given by the station, which may count from where it likes.
MonitorId = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]
# 0: danger; 9: of interest to developers only.
Severity = Annotated[int, Field(ge=0, le=9)]


class MonitorType(StrEnum):
    """MonitorEnumType. Source: OCPP 2.0.1 part 2, section 3.55."""

    UPPER_THRESHOLD = "UpperThreshold"
    LOWER_THRESHOLD = "LowerThreshold"
    DELTA = "Delta"
    PERIODIC = "Periodic"
    PERIODIC_CLOCK_ALIGNED = "PeriodicClockAligned"


@dataclass(frozen=True, kw_only=True)
class MonitorSetting:
    """A monitor that a variable is to have.

    ``value`` is in the variable's unit; in seconds for the periodic types. ``monitor_id`` names the monitor
    that this one replaces; the ids of new ones are the station's to give (N04.FR.11).
    """

    component: Name
    variable: Name
    component_instance: Identifier | None = None
    variable_instance: Identifier | None = None
    evse_id: EvseId | None = None
    connector_id: ConnectorId | None = None
    type: MonitorType
    value: Annotated[float, Field(allow_inf_nan=False)]
    severity: Severity
    transaction: bool = False
    monitor_id: MonitorId | None = None


@dataclass(frozen=True, kw_only=True)
class SetMonitors:
    """Have variables watched."""

    monitors: Annotated[tuple[MonitorSetting, ...], Field(min_length=1)]


@dataclass(frozen=True, kw_only=True)
class ClearMonitors:
    """Remove monitors."""

    monitor_ids: Annotated[tuple[MonitorId, ...], Field(min_length=1)]


class MonitoringBase(StrEnum):
    """MonitoringBaseEnumType. Source: OCPP 2.0.1 part 2, section 3.56."""

    ALL = "All"
    FACTORY_DEFAULT = "FactoryDefault"
    HARD_WIRED_ONLY = "HardWiredOnly"


@dataclass(frozen=True, kw_only=True)
class SetMonitoringBase:
    """Go back to a set of monitors that the maker provides."""

    monitoring_base: MonitoringBase


@dataclass(frozen=True, kw_only=True)
class SetMonitoringLevel:
    """Only be told by monitors of this severity, or worse: a lower number."""

    severity: Severity


class MonitoringCriterion(StrEnum):
    """MonitoringCriterionEnumType. Source: OCPP 2.0.1 part 2, section 3.57."""

    THRESHOLD = "ThresholdMonitoring"
    DELTA = "DeltaMonitoring"
    PERIODIC = "PeriodicMonitoring"


@dataclass(frozen=True, kw_only=True)
class GetMonitoringReport:
    """Ask which monitors there are; nothing named: all of them."""

    monitoring_criteria: Annotated[tuple[MonitoringCriterion, ...], Field(max_length=3)] = ()
    component_variables: tuple[ComponentVariable, ...] = ()
    request_id: Number | None = None


def watched(setting: MonitorSetting) -> tuple[object, ...]:
    """What a variable has one monitor of (N04.FR.10); names have no case."""
    return (
        setting.component.casefold(),
        (setting.component_instance or "").casefold(),
        setting.evse_id,
        setting.connector_id,
        setting.variable.casefold(),
        (setting.variable_instance or "").casefold(),
        setting.type.value,
        setting.severity,
    )


def _check_monitors(asked: SetMonitors) -> None:
    """One monitor of a type and severity on a variable, or answers couldn't be told apart (N04.FR.10)."""
    seen = set()
    for index, setting in enumerate(asked.monitors):
        check_place(setting)
        if watched(setting) in seen:
            raise Invalid("A variable has one monitor of a type and severity.", f"params.monitors.{index}")
        seen.add(watched(setting))


def _check_ids(asked: ClearMonitors) -> None:
    if len(set(asked.monitor_ids)) < len(asked.monitor_ids):
        raise Invalid("The same monitor is named twice.", "params.monitor_ids")


def _check_report(asked: GetMonitoringReport) -> None:
    if len(set(asked.monitoring_criteria)) < len(asked.monitoring_criteria):
        raise Invalid("The same criterion is named twice.", "params.monitoring_criteria")
    check_variables(asked.component_variables)


ENTRIES = (
    Entry(
        command="set_monitors",
        kind=SetMonitors,
        description="Have the station watch variables, and tell when one passes a limit or is due.",
        versions=("2.0.1",),
        example={
            "monitors": [
                {
                    "component": "ChargingStation",
                    "variable": "Problem",
                    "type": "Delta",
                    "value": 1,
                    "severity": 5,
                }
            ]
        },
        check=_check_monitors,
    ),
    Entry(
        command="clear_monitors",
        kind=ClearMonitors,
        description="Remove monitors.",
        versions=("2.0.1",),
        example={"monitor_ids": [1]},
        check=_check_ids,
    ),
    Entry(
        command="set_monitoring_base",
        kind=SetMonitoringBase,
        description="Go back to a set of monitors that the station's maker provides.",
        versions=("2.0.1",),
        example={"monitoring_base": "All"},
        effect="FactoryDefault and HardWiredOnly remove all monitors that were set.",
    ),
    Entry(
        command="set_monitoring_level",
        kind=SetMonitoringLevel,
        description="Only be told by monitors of a severity, or a worse one.",
        versions=("2.0.1",),
        example={"severity": 5},
        effect="What less severe monitors notice isn't told.",
    ),
    Entry(
        command="get_monitoring_report",
        kind=GetMonitoringReport,
        description="Ask which monitors the station has; the answer comes in parts.",
        versions=("2.0.1",),
        example={},
        check=_check_report,
    ),
)
