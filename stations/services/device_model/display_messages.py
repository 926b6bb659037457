"""What stations' displays have to show (2.0.1): our copy of the messages that were set."""

from collections.abc import Sequence

import orjson
from django.db.models import QuerySet

from emobi.core import checks, clock, events, unit_of_work
from stations.commands import catalogue
from stations.commands.display_messages import (
    ClearDisplayMessage,
    Display,
    GetDisplayMessages,
    MessagePriority,
    SetDisplayMessage,
)
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, DisplayMessage, Station
from stations.reports import DisplayMessageReport, DisplayMessagesReport
from stations.services.commanding import command_parts
from stations.services.registry import deviations

# What NotifyDisplayMessages follows.
REPORTING = ("get_display_messages",)

# What is kept of a station: no display cycles through more.
MOST_MESSAGES = 1_000

_LONGEST_DISPLAY = 1_000

_FIELDS = (
    "priority",
    "state",
    "format",
    "language",
    "content",
    "start_at",
    "end_at",
    "transaction_id",
    "display",
    "reported_at",
)


def report(station: Station, part: DisplayMessagesReport) -> None:
    """Take over one part of a report; with the last, what it should have named and didn't is gone."""
    items = [_item(message) for message in part.messages]
    with unit_of_work.begin():
        _store(station, part.messages)
        command = command_parts.add(
            station, REPORTING, part.request_id, seq_no=None, more=not part.last, items=items
        )
        if command is not None and part.last:
            _drop_unnamed(station, command)
        told = events.DisplayMessageReported(
            request_id=part.request_id,
            messages=tuple(events.plain(items)),
            complete=part.last,
            received_at=clock.now(),
        )
        events.record(station.subject, told)


def was_set(station: Station, asked: SetDisplayMessage, outcome: Outcome) -> None:
    """The station took a message over, in place of one of the same id (O06)."""
    if outcome.state != CommandState.ACCEPTED:
        return
    with unit_of_work.begin():
        if asked.priority == MessagePriority.ALWAYS_FRONT:
            # It replaces the one that stood in front of all others (O01.FR.16).
            in_front = DisplayMessage.objects.filter(station=station, priority=MessagePriority.ALWAYS_FRONT)
            in_front.exclude(message_id=asked.message_id).delete()
        _store(station, [_as_report(asked)])


def was_cleared(station: Station, asked: ClearDisplayMessage, outcome: Outcome) -> None:
    """The message is gone; one that the station doesn't know is, too."""
    if outcome.state == CommandState.ACCEPTED or outcome.status == "Unknown":
        DisplayMessage.objects.filter(station=station, message_id=asked.message_id).delete()


def none_reported(station: Station, asked: GetDisplayMessages, outcome: Outcome) -> None:
    """With Unknown there is no message like those that were asked for (O03.FR.06, O04.FR.02)."""
    if outcome.status == "Unknown":
        _named(station, asked).delete()


def _store(station: Station, messages: Sequence[DisplayMessageReport]) -> None:
    """Insert or update, in one statement. Of two with the same id the later wins."""
    known = {
        message.message_id: _row(station, message)
        for message in messages
        if checks.sane_integer(message.message_id) is not None
    }
    if any(message.message_id not in known for message in messages):
        beyond = deviations.Found("messageInfo[].id", "range", "no integer of OCPP's: left out")
        deviations.note(station, "NotifyDisplayMessages", [beyond])
    if not known:
        return
    others = DisplayMessage.objects.filter(station=station).exclude(message_id__in=known)
    room = max(MOST_MESSAGES - others.count(), 0)
    if len(known) > room:
        note = deviations.Found(
            "", "display messages", f"more than {MOST_MESSAGES}: {len(known) - room} left out"
        )
        deviations.note(station, "NotifyDisplayMessages", [note])
    DisplayMessage.objects.bulk_create(
        list(known.values())[:room],
        update_conflicts=True,
        unique_fields=["station", "message_id"],
        update_fields=list(_FIELDS),
    )


def _row(station: Station, message: DisplayMessageReport) -> DisplayMessage:
    display = message.display
    return DisplayMessage(
        station=station,
        message_id=message.message_id,
        priority=message.priority[:20],
        state=(message.state or "")[:20],
        format=message.format[:10],
        language=(message.language or "")[:8],
        content=message.content[:512],
        start_at=checks.sane_time(message.start_at),
        end_at=checks.sane_time(message.end_at),
        transaction_id=(message.transaction_id or "")[:64],
        display=display if len(orjson.dumps(display)) <= _LONGEST_DISPLAY else None,
        reported_at=clock.now(),
    )


def _item(message: DisplayMessageReport) -> dict[str, object]:
    return {name: getattr(message, name) for name in DisplayMessageReport.__dataclass_fields__}


def _as_report(asked: SetDisplayMessage) -> DisplayMessageReport:
    return DisplayMessageReport(
        message_id=asked.message_id,
        priority=asked.priority.value,
        format=asked.format.value,
        content=asked.content,
        language=asked.language,
        state=asked.state.value if asked.state else None,
        start_at=asked.start_at,
        end_at=asked.end_at,
        transaction_id=asked.transaction_id,
        display=_named_display(asked.display) if asked.display else None,
    )


def _named_display(display: Display) -> dict[str, object]:
    return {name: getattr(display, name) for name in Display.__dataclass_fields__}


# ── what a report says by what it leaves out ────────────────────────────────────────────────────────────


def _drop_unnamed(station: Station, command: Command) -> None:
    asked = catalogue.parse(command.name, command.params)
    assert isinstance(asked, GetDisplayMessages)
    _named(station, asked).filter(reported_at__lt=command.sent_at).delete()


def _named(station: Station, asked: GetDisplayMessages) -> QuerySet[DisplayMessage]:
    """The messages that a report names, if they are still there."""
    wanted = {
        "message_id__in": asked.message_ids or None,
        "priority": asked.priority,
        "state": asked.state,
    }
    named = {field: value for field, value in wanted.items() if value is not None}
    return DisplayMessage.objects.filter(station=station, **named)
