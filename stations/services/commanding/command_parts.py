"""Reports that come in parts: collected by their request id, for the command that asked for them.

A part may come before the answer to its command, twice, and in any order. A part of a report that nobody
asked for is no error: stations send what a former system of theirs wanted, too.

Source: OCPP 2.0.1 part 2, use cases B07, B08 (NotifyReport), K09 (ReportChargingProfiles), N02
(NotifyMonitoringReport), N09 (NotifyCustomerInformation), O03 and O04 (NotifyDisplayMessages).
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from django.db.models import QuerySet

from emobi.core import clock, events, unit_of_work
from stations import masking
from stations.models import Command, CommandPart, CommandState, Station

# Request ids may be used again. A report that comes later than this belongs to no command.
EXPECTED_FOR = timedelta(days=1)

# What is kept of one report. What is said beyond it is counted, so that nobody takes the rest for the whole.
MOST_BYTES = 4 << 20
MOST_PARTS = 10_000

_LARGEST_SEQ_NO = 2**31 - 1

# In these no report comes. One that was never answered may have been done.
_REFUSED = (CommandState.REJECTED, CommandState.FAILED)


def add(
    station: Station,
    commands: Collection[str],
    request_id: int | None,
    *,
    seq_no: int | None,
    more: bool,
    items: Sequence[Mapping[str, Any]],
) -> Command | None:
    """Take in one part of a report; the command it belongs to, None if nobody asked for it.

    Idempotent. The report is complete when its last part has come and, where parts are numbered (from 0), all
    before it. The newest command with the request id is the one that is meant.

    Args:
        station: Who reports.
        commands: The names of the commands that this kind of report follows.
        request_id: As said by the station.
        seq_no: The number of the part; None where the message has none (ReportChargingProfiles).
        more: Whether the station announces another part.
        items: What it says, in its normal form, as the API shows it. Secrets are masked here.
    """
    if seq_no is not None and not 0 <= seq_no <= _LARGEST_SEQ_NO:
        seq_no = None
    with unit_of_work.begin() as work:
        command = _asked(station, commands, request_id)
        if command is None:
            return None
        told = masking.value(events.plain(items))
        key = _hash(more, told) if seq_no is None else str(seq_no)
        report = command.report or {"parts": 0, "last": None, "count": 0, "bytes": 0, "complete": False}
        if report["parts"] >= MOST_PARTS or command.parts.filter(key=key).exists():
            return command
        report = _with(report, seq_no, more, told)
        kept = told if report["bytes"] <= MOST_BYTES else []
        command.parts.create(key=key, seq_no=seq_no, items=kept, received_at=clock.now())
        Command.objects.filter(pk=command.pk).update(report=report)
        command.report = report
        work.nudge(f"live.{command.network_id}", station.identity)
        work.nudge(f"command.{command.pk}")
    return command


def is_expected(station: Station, commands: Collection[str], request_id: int | None) -> bool:
    """Whether a report with this request id follows one of our commands."""
    return request_id is not None and _asking(station, commands, request_id).exists()


def summary(command: Command) -> dict[str, Any] | None:
    """How far the report of a command has come; None while there is none. No query."""
    if command.report is None:
        return None
    return {"items": None, "count": command.report["count"], "complete": command.report["complete"]}


def report(command: Command) -> dict[str, Any] | None:
    """The same with its items, in the order of their parts; those that were too many aren't there."""
    found = summary(command)
    if found is not None:
        in_order = CommandPart.objects.filter(command=command).order_by("seq_no", "pk")
        found["items"] = [item for items in in_order.values_list("items", flat=True) for item in items]
    return found


def _asked(station: Station, commands: Collection[str], request_id: int | None) -> Command | None:
    if request_id is None:
        return None
    asked = _asking(station, commands, request_id).select_for_update(no_key=True)
    return asked.order_by("-pk").first()


def _asking(station: Station, commands: Collection[str], request_id: int) -> QuerySet[Command]:
    return Command.objects.filter(
        station=station,
        name__in=commands,
        params__request_id=request_id,
        sent_at__gt=clock.now() - EXPECTED_FOR,
    ).exclude(state__in=_REFUSED)


def _hash(more: bool, items: Sequence[Any]) -> str:
    return "#" + hashlib.sha256(orjson.dumps([more, items])).hexdigest()[:32]


def _with(report: Mapping[str, Any], seq_no: int | None, more: bool, items: Sequence[Any]) -> dict[str, Any]:
    """How far the report is with one part more. Numbers are told apart by their keys, so counting will do."""
    parts = report["parts"] + 1
    last = report["last"] if more else seq_no
    all_there = not more if seq_no is None else parts - 1 == last
    return {
        "parts": parts,
        "last": last,
        "count": report["count"] + len(items),
        "bytes": report["bytes"] + len(orjson.dumps(items)),
        "complete": report["complete"] or all_there,
    }
