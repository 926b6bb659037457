"""Commands are followed to their effect: a reset to the boot, a remote start to the session.

    sent ──► pending ── all steps seen ──► verified
                └────── deadline ───────► not_seen

That a station accepts a command says that it will try. Its outcome's ``verification`` says what was seen:
``{"state": "pending" | "verified" | "not_seen", "within_s": N, "detail": {…} | null}``. The command's own end
stays what it is. A command that was never answered is followed, too: then this is all there is to know of it.

Whoever records a fact tells it with `seen`. Where nothing is awaited that costs no query: with the stations
of a batch it is read of whom something is (`Station.is_followed`).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db.models import Q

from emobi.core import clock, events, unit_of_work
from emobi.core.batch import Query
from stations.commands.everyday import MESSAGES, SIGNED_MESSAGES
from stations.models import Command, CommandState, FollowUp, Station
from stations.services.commanding.awaited import (
    AFTER_ANSWER,
    FOLLOWED,
    ONE_EACH,
    TRIGGERED_FOR_S,
    WHEN_IDLE_S,
    Effect,
)

# One look takes so many; the next follows in a second.
AT_ONCE = 200
# Of facts that may be the effect or not the newest are kept.
MOST_OTHERS = 5


class FollowUps:
    """What is awaited of the stations of a unit of work. Changes are written at once: they are rare."""

    def __init__(self) -> None:
        self._expected: set[int] = set()
        self._of: dict[int, list[FollowUp]] = {}

    def expect(self, station_ids: Collection[int]) -> None:
        """Have theirs read together, when the first is asked for."""
        self._expected.update(station_ids)

    def of(self, station: Station) -> list[FollowUp]:
        """What is awaited of a station, the oldest first; nothing, without a look, if it says so itself."""
        if station.pk in self._of:
            return self._of[station.pk]
        return self.read(station.pk) if station.is_followed else []

    def read(self, station_id: int) -> list[FollowUp]:
        """The same for a station that doesn't know."""
        if station_id not in self._of:
            wanted = self._expected.union([station_id]).difference(self._of)
            self._of |= {each: [] for each in wanted}
            for found in FollowUp.objects.filter(station__in=wanted).order_by("pk"):
                self._of[found.station_id].append(found)
        return self._of[station_id]

    def flush(self) -> Sequence[Query]:
        """Nothing is left to be written."""
        return ()


def expect(station_ids: Collection[int]) -> None:
    """Have what is awaited of these stations read together."""
    unit_of_work.current().buffer(FollowUps).expect(station_ids)


# ── from its sending to its end ─────────────────────────────────────────────────────────────────────────


def begin(station: Station, command: Command, asked: object) -> None:
    """Follow a command that is being sent; ``asked``: as it is said. Most have nothing to follow."""
    follow = FOLLOWED.get(command.name)
    awaited = follow and follow(station, asked)
    if not awaited:
        return
    now = clock.now()
    later = awaited.scheduled_within_s
    followed = unit_of_work.current().buffer(FollowUps).read(station.pk)
    made = FollowUp.objects.create(
        command=command,
        station=station,
        awaited=events.plain([asdict(step) for step in awaited.steps]),
        since=now,
        within_s=awaited.within_s,
        scheduled_within_s=awaited.within_s if later is None else later,
        deadline=now + timedelta(seconds=awaited.within_s),
    )
    followed.append(made)


def answered(command: Command, state: CommandState) -> dict[str, Any] | None:
    """The verification that belongs into the outcome of a command that ends; None if none does.

    What was refused, or never sent, is followed no longer.
    """
    if command.name not in FOLLOWED or command.sent_at is None:
        return None
    followed = unit_of_work.current().buffer(FollowUps).read(command.station_id)
    follow_up = next((each for each in followed if each.command_id == command.pk), None)
    if follow_up is None:
        return None
    if state not in (CommandState.ACCEPTED, CommandState.SCHEDULED, CommandState.UNKNOWN):
        _forget(follow_up, followed)
        return None
    if state == CommandState.SCHEDULED:
        follow_up.within_s = follow_up.scheduled_within_s
    if not follow_up.awaited:
        _forget(follow_up, followed)
        return _verification(follow_up, "verified")
    deadline = clock.now() + timedelta(seconds=follow_up.within_s)
    _change(follow_up, answered=True, deadline=deadline, within_s=follow_up.within_s)
    return _verification(follow_up, "pending")


# ── facts ───────────────────────────────────────────────────────────────────────────────────────────────


def awaits(station: Station, effect: Effect) -> bool:
    """Whether an effect of this kind is awaited of the station. No query where nothing is."""
    followed = unit_of_work.current().buffer(FollowUps).of(station)
    return bool(followed) and any(step["effect"] == effect for each in followed for step in each.awaited)


def seen(station: Station, effect: Effect, **facts: object) -> bool:
    """Tell a fact to whoever awaits it. Needs the open unit of work.

    Returns:
        Whether somebody awaits such a fact soon, but none with these values (`Step.among`).
    """
    return seen_where(
        station, effect, lambda like: all(facts.get(name) == like[name] for name in like), facts
    )


def seen_where(
    station: Station, effect: Effect, fits: Callable[[Mapping[str, Any]], bool], facts: Mapping[str, object]
) -> bool:
    """The same, where ``fits`` says whether the fact is one that is like what is awaited."""
    followed = unit_of_work.current().buffer(FollowUps).of(station)
    nearly = False
    for follow_up in list(followed):
        if effect in AFTER_ANSWER and not follow_up.answered:
            continue
        step = next((each for each in follow_up.awaited if _is(each, effect, fits, facts)), None)
        if step is None:
            continue
        if not _is_among(step, facts):
            _say_of_another(follow_up, effect, facts)
            # In the course of a day much else may be the cause.
            nearly = nearly or follow_up.within_s < WHEN_IDLE_S
            continue
        _take(follow_up, step, facts, followed)
        if effect in ONE_EACH:
            break
    return nearly


def was_triggered(station: Station, action: str) -> bool:
    """Whether the station was asked a moment ago to send this message, and agreed or has yet to say so."""
    return Command.objects.filter(
        Q(state=CommandState.SENT)
        | Q(state=CommandState.ACCEPTED, ended_at__gt=clock.now() - timedelta(seconds=TRIGGERED_FOR_S)),
        station=station,
        name="trigger_message",
        params__requested_message__in=names_of(action),
    ).exists()


def names_of(action: str) -> list[str]:
    """What a message is asked for by, in a command's parameters."""
    named = [*MESSAGES.items(), *SIGNED_MESSAGES.items()]
    return [trigger.value for trigger, message in named if message == action] or [action]


def refuted(station: Station, effect: Effect, **facts: object) -> None:
    """Tell a fact that rules out what is awaited: an installation that failed. It is not seen, at once."""
    followed = unit_of_work.current().buffer(FollowUps).of(station)
    for follow_up in list(followed):
        if follow_up.answered and any(step["effect"] == effect for step in follow_up.awaited):
            follow_up.seen |= events.plain(facts)
            _end(follow_up, "not_seen")
            followed.remove(follow_up)


def give_up_due() -> int:
    """The sweep: what isn't seen in time is told so; return how many."""
    due = FollowUp.objects.filter(answered=True, deadline__lte=clock.now()).order_by("deadline")
    ended = 0
    for follow_up in due[:AT_ONCE]:
        with unit_of_work.begin():
            ended += _end(follow_up, "not_seen")
    return ended


def _is(
    step: Mapping[str, Any],
    effect: Effect,
    fits: Callable[[Mapping[str, Any]], bool],
    facts: Mapping[str, object],
) -> bool:
    unlike = step["unlike"]
    return (
        step["effect"] == effect
        and fits(step["like"])
        and not any(facts.get(name) == unlike[name] for name in unlike)
    )


def _is_among(step: Mapping[str, Any], facts: Mapping[str, object]) -> bool:
    among = step.get("among", {})
    return all(facts.get(name) in among[name] for name in among)


def _say_of_another(follow_up: FollowUp, effect: Effect, facts: Mapping[str, object]) -> None:
    """Such a thing happened, which may be the effect or not: the outcome names it, while the wait goes on."""
    named = f"other_{effect.value}s"
    after_s = round((clock.now() - follow_up.since).total_seconds(), 3)
    another = {**events.plain(facts), "after_s": after_s}
    others = [*follow_up.seen.get(named, []), another][-MOST_OTHERS:]
    _change(follow_up, seen=follow_up.seen | {named: others})
    _say(follow_up, "pending")


def _take(follow_up: FollowUp, step: object, facts: Mapping[str, object], followed: list[FollowUp]) -> None:
    _change(
        follow_up,
        awaited=[each for each in follow_up.awaited if each is not step],
        seen=follow_up.seen | events.plain(facts),
        seen_at=clock.now(),
    )
    if follow_up.answered and not follow_up.awaited:
        _end(follow_up, "verified")
        followed.remove(follow_up)


def _change(follow_up: FollowUp, **columns: object) -> None:
    FollowUp.objects.filter(pk=follow_up.pk).update(**columns)
    for name, value in columns.items():
        setattr(follow_up, name, value)


def _end(follow_up: FollowUp, state: str) -> bool:
    """Say in the command's outcome what was seen; False if somebody else did."""
    # The command first, as who ends it does.
    command = _locked(follow_up)
    if not FollowUp.objects.filter(pk=follow_up.pk).delete()[0]:
        return False
    _write(command, follow_up, state)
    return True


def _say(follow_up: FollowUp, state: str) -> None:
    _write(_locked(follow_up), follow_up, state)


def _locked(follow_up: FollowUp) -> Command:
    commands = Command.objects.select_for_update(of=("self",), no_key=True).select_related("station")
    return commands.get(pk=follow_up.command_id)


def _write(command: Command, follow_up: FollowUp, state: str) -> None:
    command.outcome = (command.outcome or {}) | {"verification": _verification(follow_up, state)}
    command.save(update_fields=["outcome"])
    work = unit_of_work.current()
    work.nudge(f"live.{command.network_id}", command.station.identity)
    work.nudge(f"command.{command.pk}")


def _forget(follow_up: FollowUp, followed: list[FollowUp]) -> None:
    FollowUp.objects.filter(pk=follow_up.pk).delete()
    followed.remove(follow_up)


def _verification(follow_up: FollowUp, state: str) -> dict[str, Any]:
    detail = dict(follow_up.seen)
    if follow_up.seen_at is not None:
        detail["after_s"] = round((follow_up.seen_at - follow_up.since).total_seconds(), 3)
    return {"state": state, "within_s": follow_up.within_s, "detail": detail or None}
