"""The device model: what stations report of their settings, in either version."""

from collections.abc import Collection, Mapping, Sequence

import orjson

from emobi.core import batch, clock, events, unit_of_work
from stations import masking
from stations.commands import catalogue
from stations.commands.configuration import GetBaseReport, ReportBase
from stations.models import Command, Station, Variable
from stations.reports import VariableReport, VariablesReport
from stations.services.commanding import command_parts
from stations.services.device_model import boots, connectors
from stations.services.registry import deviations

# What is kept of a station. The largest stations report some thousands of variables.
MOST_VARIABLES = 20_000
LONGEST_VALUE = 10_000
LONGEST_KEY = 500

WRITE_ONLY = "WriteOnly"

# What NotifyReport follows.
REPORTING = ("get_base_report", "get_report")


def _upsert(reboot_required: str) -> str:
    """The statement. Whether a row waits for a reboot stays as "known", or is as the "excluded" one says."""
    return f"""
INSERT INTO stations_variable AS known (
    station_id, component, component_instance, evse_id, connector_id, variable, variable_instance, attribute,
    key, value, mutability, persistent, constant, characteristics, reboot_required, reported_at
)
SELECT s, c, ci, e, p, v, vi, a, k, x, m, ps, cs, ch, rb, t FROM jsonb_to_recordset(%s::jsonb) AS row(
    s bigint, c text, ci text, e int, p int, v text, vi text, a text, k text, x text, m text, ps boolean,
    cs boolean, ch jsonb, rb boolean, t timestamptz
)
ON CONFLICT (
    station_id, component, component_instance, evse_id, connector_id, variable, variable_instance, attribute
) DO UPDATE SET
    key = CASE excluded.key WHEN '' THEN known.key ELSE excluded.key END,
    value = CASE coalesce(nullif(excluded.mutability, ''), known.mutability)
        WHEN 'WriteOnly' THEN NULL ELSE coalesce(excluded.value, known.value) END,
    mutability = coalesce(nullif(excluded.mutability, ''), known.mutability),
    persistent = coalesce(excluded.persistent, known.persistent),
    constant = coalesce(excluded.constant, known.constant),
    characteristics = CASE excluded.characteristics
        WHEN '{{}}' THEN known.characteristics ELSE excluded.characteristics END,
    reboot_required = {reboot_required}.reboot_required,
    reported_at = excluded.reported_at
"""


_KEEP_WAITING, _SET_WAITING = _upsert("known"), _upsert("excluded")


def store(
    station: Station, reports: Sequence[VariableReport], *, reboot_required: bool | None = None
) -> None:
    """Take over what the station says of its variables, in one statement.

    Idempotent. What a report leaves out (an answer to a question about a value says nothing of its limits)
    stays as it was. Values of write-only variables are never stored, those of secret ones only as `MASK`.

    Args:
        station: Whose they are.
        reports: Later ones win over earlier ones about the same.
        reboot_required: The values were set, and are in force only after a reboot, or at once; None: they
            were only read, which says nothing of that.
    """
    rows = {_place(report): _row(station, report, bool(reboot_required)) for report in reports}
    if not rows:
        return
    with unit_of_work.begin():
        if Variable.objects.filter(station=station).count() + len(rows) > MOST_VARIABLES:
            rows = _known_only(station, rows)
        batch.execute(_KEEP_WAITING if reboot_required is None else _SET_WAITING, list(rows.values()))
        if reboot_required:
            boots.doubt(station)
        for report in reports:
            _learn(station, report)


def report(station: Station, part: VariablesReport) -> None:
    """Take over one part of a report; a whole one is told, with how many variables it named.

    What a full inventory doesn't name isn't there any more, as after an update of the firmware.
    """
    with unit_of_work.begin():
        store(station, part.variables)
        command = command_parts.add(
            station,
            REPORTING,
            part.request_id,
            seq_no=part.seq_no,
            more=not part.last,
            items=[_item(report) for report in part.variables],
        )
        so_far = command_parts.summary(command) if command else None
        if not (so_far["complete"] if so_far else part.last):
            return
        if command is not None and _is_whole(command):
            Variable.objects.filter(station=station, reported_at__lt=command.sent_at).delete()
        told = events.ConfigReportReceived(
            request_id=part.request_id,
            variables=_named(station, part),
            station_time=part.station_time,
            received_at=clock.now(),
        )
        events.record(station.subject, told)


def _is_whole(command: Command) -> bool:
    """Whether all was asked for: in so many words, or in none, which means the same."""
    asked = catalogue.parse(command.name, command.params)
    return isinstance(asked, GetBaseReport) and asked.report_base == ReportBase.FULL_INVENTORY


def hidden(stations: Collection[Station], command: str) -> frozenset[str]:
    """What `masking` can't tell by its name: variables that a command may set and nobody may read back.

    Those of any of the stations.
    """
    if command != "set_config":
        return frozenset()
    found = Variable.objects.filter(station__in=stations, mutability=WRITE_ONLY)
    return frozenset(name.casefold() for name in found.values_list("variable", flat=True).distinct())


def booted(station: Station) -> None:
    """What waited for a reboot is in force."""
    Variable.objects.filter(station=station, reboot_required=True).update(reboot_required=False)


type _Place = tuple[str, str, int | None, int | None, str, str, str]
type _Row = dict[str, object]


def _place(report: VariableReport) -> _Place:
    return (
        report.component[:50],
        (report.component_instance or "")[:50],
        connectors.number(report.evse_id),
        connectors.number(report.connector_id),
        report.variable[:50],
        (report.variable_instance or "")[:50],
        report.attribute[:8],
    )


def _row(station: Station, report: VariableReport, reboot_required: bool) -> _Row:
    component, component_instance, evse_id, connector_id, variable, variable_instance, attribute = _place(
        report
    )
    return {
        "s": station.pk,
        "c": component,
        "ci": component_instance,
        "e": evse_id,
        "p": connector_id,
        "v": variable,
        "vi": variable_instance,
        "a": attribute,
        "k": (report.key or "")[:LONGEST_KEY],
        "x": _value(report),
        "m": (report.mutability or "")[:12],
        "ps": report.persistent,
        "cs": report.constant,
        "ch": _characteristics(report.characteristics),
        "rb": reboot_required,
        "t": clock.now(),
    }


def _item(report: VariableReport) -> dict[str, object]:
    """As a command's outcome has it; a key is 1.6's, which knows no reports."""
    said = {name: getattr(report, name) for name in VariableReport.__dataclass_fields__ if name != "key"}
    return said | {"value": _value(report), "characteristics": _characteristics(report.characteristics)}


def _value(report: VariableReport) -> str | None:
    if report.value is None or report.mutability == WRITE_ONLY:
        return None
    if report.value and (masking.is_secret(report.variable) or masking.is_secret(report.key or "")):
        return masking.MASK
    shown: str = masking.value(report.value)
    return shown[:LONGEST_VALUE]


def _characteristics(found: Mapping[str, object]) -> Mapping[str, object]:
    """What is said of a variable, unless it is too much to be true."""
    return found if len(orjson.dumps(found)) <= LONGEST_VALUE else {}


def _known_only(
    station: Station, rows: Mapping[_Place, dict[str, object]]
) -> dict[_Place, dict[str, object]]:
    """Of ``rows`` those that are about variables that are kept already."""
    known = set(
        Variable.objects.filter(station=station).values_list(
            "component",
            "component_instance",
            "evse_id",
            "connector_id",
            "variable",
            "variable_instance",
            "attribute",
        )
    )
    kept = {place: row for place, row in rows.items() if place in known}
    if len(kept) < len(rows):
        found = deviations.Found(
            "", "variables", f"more than {MOST_VARIABLES}: {len(rows) - len(kept)} left out"
        )
        deviations.note(station, "NotifyReport", [found])
    return kept


def _learn(station: Station, report: VariableReport) -> None:
    """Learn connectors from what the device model says of them; 1.6 only says how many there are."""
    if report.component == "Connector":
        kind = report.value if report.variable == "ConnectorType" else None
        connectors.learn(station, report.evse_id, report.connector_id, kind)
    elif (report.key or "").casefold() == "numberofconnectors" and (report.value or "").isdecimal():
        # A station of 1.6 counts its connectors through; each is an EVSE with one connector.
        for evse_id in range(1, min(int(report.value or 0), connectors.MOST_CONNECTORS - 1) + 1):
            connectors.learn(station, evse_id, 1)


def _named(station: Station, part: VariablesReport) -> int:
    """How many variables a report named that ends with ``part``: those told since it was asked for."""
    asked_at = (
        Command.objects.filter(station=station, sent_at__isnull=False, params__request_id=part.request_id)
        .order_by("-id")
        .values_list("sent_at", flat=True)
        .first()
    )
    if part.request_id is None or asked_at is None:
        return len({_place(report)[:-1] for report in part.variables})
    told = Variable.objects.filter(station=station, reported_at__gte=asked_at)
    return (
        told.values(
            "component", "component_instance", "evse_id", "connector_id", "variable", "variable_instance"
        )
        .distinct()
        .count()
    )
