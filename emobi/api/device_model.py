"""`/stations/{identity}/variables`, `…/monitors` and `…/monitored-events`: the device model."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from emobi.api import auth, paging
from emobi.api.fields import Number, Time
from stations import selectors
from stations.models import Monitor, MonitoredEvent, Variable

of_station = Router(tags=["device model"])

ComponentName = Annotated[str | None, Query(max_length=50, description="In whatever case.")]


class Named(BaseModel):
    """What names a variable."""

    component: str
    component_instance: str | None
    evse_id: int | None
    connector_id: int | None
    variable: str
    variable_instance: str | None


class VariableOut(Named):
    """One attribute of a variable, as last reported or set."""

    attribute: str = Field(description="Actual, Target, MinSet or MaxSet.")
    key: str | None = Field(description="OCPP 1.6: the configuration key.")
    value: str | None = Field(description="null: write-only, or never told; ***: a secret.")
    mutability: str | None = Field(description="ReadOnly, WriteOnly or ReadWrite; null: not told.")
    persistent: bool | None
    constant: bool | None
    characteristics: dict[str, Any] = Field(
        description="As in OCPP 2.0.1: dataType, unit, minLimit, maxLimit, valuesList, supportsMonitoring."
    )
    reboot_required: bool = Field(description="Set, and in force from the next boot on.")
    reported_at: Time


class MonitorOut(Named):
    """What watches a variable, and tells by NotifyEvent."""

    monitor_id: int
    type: str = Field(description="UpperThreshold, LowerThreshold, Delta, Periodic or PeriodicClockAligned.")
    value: Number | None = Field(description="In the variable's unit; in seconds for the periodic types.")
    severity: int | None = Field(description="From 0, danger, to 9.")
    transaction: bool = Field(description="Watches only while a transaction runs.")
    ours: bool = Field(description="We set it; else it came with the station.")
    reported_at: Time


class MonitoredEventOut(BaseModel):
    """What a monitor noticed: an element of NotifyEvent."""

    event_id: int
    trigger: str = Field(description="Alerting, Delta or Periodic.")
    component: str
    evse_id: int | None
    connector_id: int | None
    variable: str
    actual_value: str
    cleared: bool = Field(description="Back to normal.")
    transaction_id: str | None
    detail: dict[str, Any] = Field(
        description="What else was said: cause, event_notification_type, tech_code, tech_info, "
        "variable_monitoring_id, component_instance, variable_instance."
    )
    station_time: Time | None
    received_at: Time


def _named(row: Variable | Monitor) -> dict[str, Any]:
    return {
        "component": row.component,
        "component_instance": row.component_instance or None,
        "evse_id": row.evse_id,
        "connector_id": row.connector_id,
        "variable": row.variable,
        "variable_instance": row.variable_instance or None,
    }


def shown_variable(row: Variable) -> dict[str, Any]:
    """A variable as the API shows it."""
    return {
        **_named(row),
        "attribute": row.attribute,
        "key": row.key or None,
        "value": row.value,
        "mutability": row.mutability or None,
        "persistent": row.persistent,
        "constant": row.constant,
        "characteristics": row.characteristics,
        "reboot_required": row.reboot_required,
        "reported_at": row.reported_at,
    }


def shown_monitor(row: Monitor) -> dict[str, Any]:
    """A monitor as the API shows it."""
    return {
        **_named(row),
        "monitor_id": row.monitor_id,
        "type": row.type,
        "value": row.value,
        "severity": row.severity,
        "transaction": row.transaction,
        "ours": row.ours,
        "reported_at": row.reported_at,
    }


def shown_event(row: MonitoredEvent) -> dict[str, Any]:
    """What a monitor noticed, as the API shows it."""
    return {
        "event_id": row.event_id,
        "trigger": row.trigger,
        "component": row.component,
        "evse_id": row.evse_id,
        "connector_id": row.connector_id,
        "variable": row.variable,
        "actual_value": row.actual_value,
        "cleared": row.cleared,
        "transaction_id": row.transaction_id or None,
        "detail": row.detail,
        "station_time": row.station_time,
        "received_at": row.received_at,
    }


@of_station.get(
    "/{segment:identity}/variables",
    response=paging.Page[VariableOut],
    summary="A station's variables, in the order in which it first told them",
)
def list_variables(
    request: HttpRequest,
    identity: str,
    component: ComponentName = None,
    variable: ComponentName = None,
    reboot_required: bool | None = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Keys of OCPP 1.6 are variables, too. `get_base_report` (2.0.1) or `get_config` asks anew."""
    found = selectors.variables(
        selectors.station(auth.network_of(request), identity),
        component=component,
        variable=variable,
        reboot_required=reboot_required,
        after=paging.decode_number(cursor),
    )
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_variable)


@of_station.get(
    "/{segment:identity}/monitors",
    response=paging.Page[MonitorOut],
    summary="A station's monitors, in the order in which they became known",
)
def list_monitors(
    request: HttpRequest,
    identity: str,
    component: ComponentName = None,
    variable: ComponentName = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """OCPP 2.0.1 only. `get_monitoring_report` asks the station anew."""
    found = selectors.monitors(
        selectors.station(auth.network_of(request), identity),
        component=component,
        variable=variable,
        after=paging.decode_number(cursor),
    )
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_monitor)


@of_station.get(
    "/{segment:identity}/monitored-events",
    response=paging.Page[MonitoredEventOut],
    summary="What a station's monitors noticed, the newest first",
)
def list_monitored_events(
    request: HttpRequest,
    identity: str,
    component: ComponentName = None,
    variable: ComponentName = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """OCPP 2.0.1 only. Problems of components are faults, too: `station.fault` tells of them."""
    found = selectors.monitored_events(
        selectors.station(auth.network_of(request), identity),
        component=component,
        variable=variable,
        before=paging.decode_number(cursor),
    )
    return paging.page(found, limit, key=lambda row: row.pk, shown=shown_event)
