"""What happened in a charging session, and why it ended: by events, commands and messages that are there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import figures
from dashboard.charging import session_rows
from dashboard.commands import command_words
from dashboard.messages import enum_words, message_search
from dashboard.statuses import Shown
from emobi.core import ulid
from emobi.core.models import Event
from sessions.models import ChargingSession, SessionState
from stations import exchange_log
from stations.exchange_log import Wanted
from stations.models import Command, CommandState

MOST = 200
# A cause is looked for so long before the end, by our clock.
BEFORE_END = timedelta(minutes=2)
AROUND = timedelta(minutes=2)
# Told by the plots, or by nobody's wish.
_QUIET = frozenset({"session.meter_values", "meter.values"})
_ENDINGS = ("StopTransaction", "TransactionEvent")


@dataclass(frozen=True, kw_only=True)
class Step:
    """Something that happened, by our clock."""

    at: datetime
    shown: Shown
    text: str


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Something that speaks for a cause; ``href`` is where it can be read, relative to /messages/, or ""."""

    text: str
    frame_id: int | None = None


def events(session: ChargingSession) -> list[Event]:
    """What was recorded at its station while it ran; one query."""
    since, until = session.received_at - AROUND, session.heard_at + AROUND
    found = Event.objects.filter(
        id__gte=ulid.lowest(since), id__lte=ulid.lowest(until),
        network=session.network_id, station=session.station.identity,
    ).exclude(type__in=_QUIET)  # fmt: skip
    return [each for each in found.order_by("id")[:MOST] if _is_about(each, session)]


def _is_about(event: Event, session: ChargingSession) -> bool:
    if event.type.startswith(("session.", "reservation.")):
        return event.data.get("session_id") in (session.pk, None) and _is_here(event, session)
    if event.type.startswith(("connector.", "station.fault", "limit.", "ev.")):
        return _is_here(event, session)
    return event.type.startswith(("station.", "command."))


def _is_here(event: Event, session: ChargingSession) -> bool:
    return event.data.get("evse_id") in (session.evse_id, None, 0)


def timeline(found: Sequence[Event]) -> list[Step]:
    """In words, the oldest first; what says the same as the one before is left out."""
    steps: list[Step] = []
    for event in found:
        shown, text = _told(event.type, event.data)
        if not steps or (steps[-1].shown, steps[-1].text) != (shown, text):
            steps.append(Step(at=event.time, shown=shown, text=text))
    return steps


def _told(type: str, data: Mapping[str, Any]) -> tuple[Shown, str]:
    match type:
        case "session.authorized":
            verdict = str(data.get("authorization"))
            good = verdict == "Accepted"
            return Shown("accepted" if good else "refused", "Token"), f"presented: {verdict}"
        case "session.started":
            return Shown("charging", "Started"), "while offline" if data.get("offline") else ""
        case "session.updated":
            state = data.get("charging_state")
            trigger = data.get("trigger")
            told = enum_words.meaning("triggerReason", trigger) or (str(trigger) if trigger else "")
            return Shown("sent", str(state or "Updated")), told
        case "session.ended":
            reason = str(data.get("reason") or "no reason given")
            return Shown("available", "Ended"), enum_words.stop_reason(reason) or reason
        case "connector.status_changed":
            detail = data.get("detail") or data.get("status")
            return Shown("occupied", "Connector"), f"{data.get('previous') or 'unknown'} → {detail}"
        case "station.fault":
            code = str(data.get("error_code") or data.get("vendor_error_code") or "fault")
            return Shown("faulted", "Fault"), enum_words.meaning("errorCode", code) or code
        case "command.completed" | "command.failed":
            command = command_words.title(str(data.get("command")))
            failed = type == "command.failed"
            return Shown("failed" if failed else "accepted", "Command"), f"{command}: {data.get('state')}"
        case "station.disconnected":
            return Shown("offline", "Disconnected"), f"close code {data.get('code')}"
        case "station.connected":
            return Shown("online", "Connected"), ""
        case _:
            return Shown("sent", type.replace(".", " ").replace("_", " ").capitalize()), ""


def banner(session: ChargingSession, stopping: Command | None) -> tuple[Shown, str]:
    """What goes on, in one sentence that promises nothing that isn't known."""
    shown = session_rows.state_of(session)
    if session.state == SessionState.LOST:
        return shown, "Its station went on without ever saying how it ended."
    if session.state == SessionState.ENDED:
        reason = session.reason or "no reason was given"
        meaning = enum_words.stop_reason(reason)
        said = f"{reason}: {meaning}" if meaning else reason
        return shown, f"It ended: {said}. {_amount(session)}"
    if stopping is not None:
        verdict = "accepted" if stopping.state == CommandState.ACCEPTED else stopping.state
        return Shown(
            "finishing", "Stopping"
        ), f"A stop was asked for ({verdict}); the station hasn't confirmed the end yet."
    words = {
        "Charging": "Energy flows.",
        "SuspendedEV": "The EV takes no energy though it could: it is full, or waits.",
        "SuspendedEVSE": "The station gives no energy: a limit, or no authorisation.",
        "EVConnected": "The EV is plugged in, nothing flows yet.",
        "Idle": "Nothing flows any more; the cable is still in.",
    }
    return shown, words.get(session.charging_state, "The station hasn't said yet whether energy flows.")


def _amount(session: ChargingSession) -> str:
    if session.energy_wh is None:
        return "How much flowed isn't known."
    lasted = f" in {figures.duration(session.duration_s)}" if session.duration_s is not None else ""
    return f"{figures.energy(session.energy_wh)} kWh flowed{lasted}."


def stop_under_way(session: ChargingSession) -> Command | None:
    """The newest stop that was asked for and may still come; one query."""
    if session.state != SessionState.ACTIVE:
        return None
    newest = Command.objects.filter(station=session.station_id, name="remote_stop").order_by("-pk").first()
    if newest is None or newest.state not in (CommandState.QUEUED, CommandState.SENT, CommandState.ACCEPTED):
        return None
    names = (newest.params.get("session_id"), newest.params.get("transaction_id"))
    return newest if session.pk in names or session.transaction_id in names else None


def evidence(session: ChargingSession, found: Sequence[Event]) -> list[Evidence]:
    """What speaks for why it ended; two queries."""
    if session.state == SessionState.ACTIVE:
        return []
    return list(_evidence(session, found))


def _evidence(session: ChargingSession, found: Sequence[Event]) -> Iterator[Evidence]:
    ended = next((event for event in reversed(found) if event.type == "session.ended"), None)
    end = ended.time if ended is not None else session.heard_at
    ending = _ending_frame(session, end)
    if session.reason:
        yield Evidence(text=f"The station says {session.reason}", frame_id=ending)
    elif session.state == SessionState.ENDED:
        yield Evidence(text="The station gave no reason", frame_id=ending)
    for command in _commands_before(session, end):
        yield Evidence(
            text=f"{command_words.title(command.name)} was asked for by {command.requested_by}"
            f" {figures.duration((end - command.created_at).total_seconds())} before the end: {command.state}"
        )
    for event in found:
        if end - BEFORE_END <= event.time <= end and event.type in ("station.fault", "station.disconnected"):
            shown, text = _told(event.type, event.data)
            yield Evidence(text=f"{shown.word} just before: {text}")
    if session.soc_percent is not None:
        yield Evidence(
            text=f"The EV's battery was at {figures.percent(session.soc_percent)} % when last told"
        )
    if session.power_w is not None:
        yield Evidence(text=f"{figures.power(session.power_w)} flowed when last read")


def _ending_frame(session: ChargingSession, end: datetime) -> int | None:
    """The message that ended it."""
    wanted = Wanted(
        network_id=session.network_id, station_ids=[session.station_id], actions=_ENDINGS,
        since=end - AROUND, until=end + AROUND,
        patterns=[message_search.transaction_pattern(session.transaction_id)],
    )  # fmt: skip
    for each in exchange_log.page(wanted, limit=20).items:
        if each.frame.action == "StopTransaction" or '"Ended"' in each.frame.text:
            return each.frame.pk
    return None


def _commands_before(session: ChargingSession, end: datetime) -> list[Command]:
    return list(
        Command.objects.filter(
            station=session.station_id, name__in=("remote_stop", "reset", "unlock", "set_availability"),
            created_at__gte=end - BEFORE_END, created_at__lte=end,
        ).order_by("pk")[:5]
    )  # fmt: skip
