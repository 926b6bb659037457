"""How commands end: with an answer, without one, or before they were sent.

    sent ── answer ──► accepted | scheduled | rejected | failed
      └── no answer ──► unknown
    queued ──► unsupported | expired | cancelled | failed, here

Every end is a compare-and-set on the state: whoever comes second changes nothing.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q

from emobi.core import clock, events, unit_of_work
from stations import masking
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState
from stations.services.commanding import following
from stations.services.device_model import configuration, variables

# One look takes so many; the next follows at once.
AT_ONCE = 200


def settle(command: Command, outcome: Outcome, *, raw: object) -> bool:
    """End the command with the station's answer; False if it has ended already."""
    with unit_of_work.begin():
        ended = _end(command, outcome.state, kept(outcome.status, outcome.detail, None, raw))
        if ended and command.name == "set_config":
            configuration.answered(command.station, configuration.asked(command), outcome)
    return ended


def fail(command: Command, state: CommandState, reason: str, *, raw: object = None) -> bool:
    """End the command without a useful answer; False if it has ended already.

    Of one that was said in several CALLs, what is known of them stays in its outcome.
    """
    known = command.outcome or {"detail": {}, "raw": raw}
    if command.outcome:
        reason = f"{reason}; {command.outcome['reason']}"
        known = known | {"raw": [*known["raw"], raw]} if raw is not None else known
    with unit_of_work.begin():
        ended = _end(command, state, kept(None, known["detail"], reason, known["raw"]))
        if ended and command.name == "set_config" and command.sent_at is not None:
            configuration.given_up(
                command.station,
                configuration.asked(command),
                known["detail"],
                refused=state == CommandState.FAILED,
            )
    return ended


def lose(epochs: Mapping[int, int]) -> None:
    """Sockets are gone, by station up to an epoch: what they were asked and didn't answer is lost."""
    unanswered = (
        Command.objects.select_for_update(of=("self",))
        .select_related("station")
        .filter(station__in=epochs, state=CommandState.SENT)
        .order_by("pk")
    )
    for command in unanswered:
        if (command.epoch or 0) <= epochs[command.station_id]:
            fail(command, CommandState.UNKNOWN, "the connection was lost before an answer came")


def expire_due() -> int:
    """End what nobody will end any more: queued past its time, or sent and given up; return how many."""
    now = clock.now()
    # Who sent it says so when the answer is overdue, unless it died meanwhile.
    given_up = now - timedelta(seconds=settings.EMOBI_CALL_TIMEOUT_S * 2 + 10)
    ended = 0
    with unit_of_work.begin():
        due = (
            Command.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("station")
            .filter(
                Q(state=CommandState.QUEUED, expires_at__lte=now)
                | Q(
                    Q(said_at=None) | Q(said_at__lte=given_up), state=CommandState.SENT, sent_at__lte=given_up
                )
            )
            .order_by("pk")[:AT_ONCE]
        )
        for command in due:
            if command.state == CommandState.QUEUED:
                ended += fail(command, CommandState.EXPIRED, "the station wasn't reached in time")
            else:
                ended += fail(command, CommandState.UNKNOWN, "the process that sent it is gone")
    return ended


def _end(command: Command, state: CommandState, outcome: Mapping[str, Any]) -> bool:
    """Compare and set; then say so. The secrets of the params go with the end: nobody needs them any more."""
    was_sent = state.completed or state == CommandState.UNKNOWN
    if state == CommandState.FAILED:
        was_sent = command.sent_at is not None  # else the fault is ours, in saying it
    before = CommandState.SENT if was_sent else CommandState.QUEUED
    ended_at = clock.now()
    # Once more: the station may have told meanwhile what nobody may read back.
    params = masking.value(command.params, hidden=variables.hidden([command.station], command.name))
    changed = Command.objects.filter(pk=command.pk, state=before).update(
        state=state, outcome=outcome, ended_at=ended_at, params=params, sealed=""
    )
    if not changed:
        return False
    verification = following.answered(command, state)
    if verification is not None:
        outcome = {**outcome, "verification": verification}
        Command.objects.filter(pk=command.pk).update(outcome=outcome)
    command.state, command.outcome, command.ended_at = state, dict(outcome), ended_at
    kind = events.CommandCompleted if state.completed else events.CommandFailed
    events.record(
        command.station.subject,
        kind(
            command_id=command.pk,
            command=command.name,
            state=state.value,
            outcome=outcome,
            requested_by=command.requested_by,
        ),
    )
    unit_of_work.current().nudge(f"command.{command.pk}")
    return True


def kept(status: str | None, detail: Mapping[str, Any], reason: str | None, raw: object) -> dict[str, Any]:
    """An outcome as it is kept: without secrets."""
    return {
        "status": status,
        "detail": masking.value(dict(detail)),
        "reason": reason,
        "raw": masking.value(raw),
    }
