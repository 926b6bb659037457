"""Monitors of stations' device models (2.0.1): our copy of which there are.

A station keeps them over a reboot, but may number them anew (N04.FR.19): a report says what is true then.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet

from emobi.core import checks, clock, events, unit_of_work
from emobi.core.errors import Refused
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.device_model import ComponentVariable
from stations.commands.monitoring import (
    ClearMonitors,
    GetMonitoringReport,
    MonitoringBase,
    MonitoringCriterion,
    MonitorSetting,
    MonitorType,
    SetMonitoringBase,
    SetMonitors,
    watched,
)
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Monitor, Registration, Station
from stations.reports import MonitorReport, MonitorsReport
from stations.services.commanding import command_parts, commands
from stations.services.device_model import boots, connectors
from stations.services.registry import deviations

log = logging.getLogger(__name__)

ACCEPTED = "Accepted"

# What NotifyMonitoringReport follows.
REPORTING = ("get_monitoring_report",)

ASKED_BY = "system:monitors"

# What is kept of a station: more than one of its variables has.
MOST_MONITORS = 5_000

_LARGEST_VALUE = 1e300

_TYPES = {
    MonitoringCriterion.THRESHOLD: (MonitorType.UPPER_THRESHOLD, MonitorType.LOWER_THRESHOLD),
    MonitoringCriterion.DELTA: (MonitorType.DELTA,),
    MonitoringCriterion.PERIODIC: (MonitorType.PERIODIC, MonitorType.PERIODIC_CLOCK_ALIGNED),
}

_FIELDS = (
    "component",
    "component_instance",
    "evse_id",
    "connector_id",
    "variable",
    "variable_instance",
    "type",
    "value",
    "severity",
    "transaction",
    "reported_at",
)


def report(station: Station, part: MonitorsReport) -> None:
    """Take over one part of a report; with the last, what it should have named and didn't is gone."""
    with unit_of_work.begin():
        _store(station, [_row(station, monitor) for monitor in part.monitors], _FIELDS)
        command = command_parts.add(
            station,
            REPORTING,
            part.request_id,
            seq_no=part.seq_no,
            more=not part.last,
            items=[_item(monitor) for monitor in part.monitors],
        )
        so_far = command_parts.summary(command) if command else None
        if not (so_far["complete"] if so_far else part.last):
            return
        if command is not None:
            _drop_unnamed(station, command)
        told = events.MonitorReportReceived(
            request_id=part.request_id,
            monitors=so_far["count"] if so_far else len(part.monitors),
            station_time=part.station_time,
            received_at=clock.now(),
        )
        events.record(station.subject, told)


def were_set(station: Station, asked: SetMonitors, outcome: Outcome) -> None:
    """The station said of each monitor whether it took it, and how it numbers it."""
    wanted = {watched(setting): setting for setting in asked.monitors}
    rows = []
    for answer in outcome.detail.get("monitors", ()):
        setting = wanted.get(_watched(answer))
        if setting is not None and answer["status"] == ACCEPTED and answer["monitor_id"] is not None:
            rows.append(_row(station, _as_report(setting, answer["monitor_id"]), ours=True))
    with unit_of_work.begin():
        _store(station, rows, (*_FIELDS, "ours"))


def were_cleared(station: Station, asked: ClearMonitors, outcome: Outcome) -> None:
    """The station said of each monitor whether it is gone; one that it doesn't know is, too."""
    gone = [
        answer["monitor_id"]
        for answer in outcome.detail.get("monitors", ())
        if answer["status"] in (ACCEPTED, "NotFound") and answer["monitor_id"] in asked.monitor_ids
    ]
    Monitor.objects.filter(station=station, monitor_id__in=gone).delete()


def base_was_set(station: Station, asked: SetMonitoringBase, outcome: Outcome) -> None:
    """All but ``All`` takes away what was set (N03.FR.04, .05); what the maker provides, a report tells."""
    if outcome.state == CommandState.ACCEPTED and asked.monitoring_base != MonitoringBase.ALL:
        Monitor.objects.filter(station=station, ours=True).delete()


def none_reported(station: Station, asked: GetMonitoringReport, outcome: Outcome) -> None:
    """With EmptyResultSet there is no monitor like those that were asked for (N02.FR.10)."""
    if outcome.status == "EmptyResultSet":
        _named(station, asked).delete()


def booted(station: Station) -> None:
    """A boot may have given monitors other ids: ask which there are (N04.FR.19)."""
    if station.registration != Registration.ACCEPTED or not Monitor.objects.filter(station=station).exists():
        return
    asked = Command.objects.filter(station=station, name="get_monitoring_report", state=CommandState.QUEUED)
    if asked.exists():
        return
    try:
        commands.request(
            station.network,
            station,
            "get_monitoring_report",
            {},
            requested_by=ASKED_BY,
            role=Role.OPERATOR,
            expires_in_s=600,
        )
    except Refused as refusal:
        # A boot that isn't answered would come again for ever: our copy may be old instead.
        log.warning("%s isn't asked for its monitors: %s", station.identity, refusal)


def _store(station: Station, rows: Sequence[Monitor], fields: Iterable[str]) -> None:
    """Insert or update, in one statement. Of two about the same monitor the later wins."""
    known = {row.monitor_id: row for row in rows if checks.sane_integer(row.monitor_id) is not None}
    if any(row.monitor_id not in known for row in rows):
        beyond = deviations.Found(
            "monitor[].variableMonitoring[].id", "range", "no integer of OCPP's: left out"
        )
        deviations.note(station, "NotifyMonitoringReport", [beyond])
    if not known:
        return
    boots.doubt(station)
    room = MOST_MONITORS - Monitor.objects.filter(station=station).exclude(monitor_id__in=known).count()
    if len(known) > room:
        note = deviations.Found("", "monitors", f"more than {MOST_MONITORS}: {len(known) - room} left out")
        deviations.note(station, "NotifyMonitoringReport", [note])
    Monitor.objects.bulk_create(
        list(known.values())[: max(room, 0)],
        update_conflicts=True,
        unique_fields=["station", "monitor_id"],
        update_fields=list(fields),
    )


def _row(station: Station, monitor: MonitorReport, *, ours: bool = False) -> Monitor:
    return Monitor(
        station=station,
        monitor_id=monitor.monitor_id,
        component=monitor.component[:50],
        component_instance=(monitor.component_instance or "")[:50],
        evse_id=connectors.number(monitor.evse_id),
        connector_id=connectors.number(monitor.connector_id),
        variable=monitor.variable[:50],
        variable_instance=(monitor.variable_instance or "")[:50],
        type=monitor.type[:20],
        value=monitor.value if abs(monitor.value) <= _LARGEST_VALUE else None,
        severity=monitor.severity if 0 <= monitor.severity <= 9 else None,
        transaction=monitor.transaction,
        ours=ours,
        reported_at=clock.now(),
    )


def _item(monitor: MonitorReport) -> dict[str, object]:
    return {name: getattr(monitor, name) for name in MonitorReport.__dataclass_fields__}


def _as_report(setting: MonitorSetting, monitor_id: int) -> MonitorReport:
    said = {name: getattr(setting, name) for name in MonitorReport.__dataclass_fields__}
    return MonitorReport(**said | {"monitor_id": monitor_id, "type": setting.type.value})


def _watched(answer: Mapping[str, Any]) -> tuple[object, ...]:
    """What an answer is about, as `watched` has it."""
    return (
        answer["component"].casefold(),
        (answer["component_instance"] or "").casefold(),
        answer["evse_id"],
        answer["connector_id"],
        answer["variable"].casefold(),
        (answer["variable_instance"] or "").casefold(),
        answer["type"],
        answer["severity"],
    )


# ── what a report says by what it leaves out ────────────────────────────────────────────────────────────


def _drop_unnamed(station: Station, command: Command) -> None:
    asked = catalogue.parse(command.name, command.params)
    assert isinstance(asked, GetMonitoringReport)
    _named(station, asked).filter(reported_at__lt=command.sent_at).delete()


def _named(station: Station, asked: GetMonitoringReport) -> QuerySet[Monitor]:
    """The monitors that a report names, if they are still there."""
    found = Monitor.objects.filter(station=station)
    if asked.monitoring_criteria:
        types = [kind for criterion in asked.monitoring_criteria for kind in _TYPES[criterion]]
        found = found.filter(type__in=types)
    if asked.component_variables:
        named = Q()
        for name in asked.component_variables:
            named |= _matches(name)
        found = found.filter(named)
    return found


def _matches(name: ComponentVariable) -> Q:
    """What is left out of the name matches everything (N02.FR.16 to .21)."""
    wanted = {
        "component__iexact": name.component,
        "component_instance__iexact": name.component_instance,
        "evse_id": name.evse_id,
        "connector_id": name.connector_id,
        "variable__iexact": name.variable,
        "variable_instance__iexact": name.variable_instance,
    }
    return Q(**{field: value for field, value in wanted.items() if value is not None})
