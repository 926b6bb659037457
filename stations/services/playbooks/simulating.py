"""What a playbook would have done in the last days: what would have started it, and what then. No effects.

What isn't known of the past is taken from now (a station's site, tags, firmware, whether it is in
maintenance), and each run is taken to last as long as its time-outs allow.
"""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q, QuerySet

from emobi.core import clock
from emobi.core.models import Event, Network
from stations.models import Station
from stations.playbooks.definition import Definition, Interrupts
from stations.playbooks.steps import Ask, SendCommand, Wait
from stations.services.playbooks import guard_rails, triggering

LONGEST = timedelta(days=7)
# Events looked at, the newest; a week of a troubled network.
MOST_EVENTS = 20_000
# What a command takes until it is answered, where nothing is said.
COMMAND_S = 30


class Fate(StrEnum):
    """What would have become of an event."""

    STARTS = "starts"
    WAITS = "waits"
    NEEDS_PERSON = "needs_person"
    AT_WORK = "at_work"
    COOL_DOWN = "cool_down"
    UNTOUCHABLE = "untouchable"


@dataclass(frozen=True, kw_only=True)
class Imagined:
    """An event that fits, and what it would have come to."""

    event_id: str
    sequence: int
    at: datetime
    station: str
    fate: Fate
    why: str


@dataclass(frozen=True, kw_only=True)
class Simulation:
    """What would have been."""

    since: datetime
    events: int
    complete: bool
    lasts_s: int
    imagined: list[Imagined]
    counts: dict[str, int]


@dataclass
class _Past:
    """What has been started so far."""

    charged: dict[int, list[tuple[datetime, datetime | None]]]
    ends: dict[int, datetime] = field(default_factory=dict)
    resets: dict[int, deque[datetime]] = field(default_factory=dict)


def simulate(network: Network, definition: Definition, *, hours: int) -> Simulation:
    """Play the events of the last hours, a week at most, through a definition."""
    since = clock.now() - min(timedelta(hours=hours), LONGEST)
    told = Event.objects.filter(
        network=network, type=definition.trigger.event, time__gt=since, station__isnull=False
    )
    newest = list(told.order_by("-sequence")[: MOST_EVENTS + 1])
    happened = newest[:MOST_EVENTS][::-1]
    stations = Station.objects.filter(network=network, identity__in={each.station for each in happened})
    known = {station.identity: station for station in stations}
    percent = definition.guard_rails.share_percent
    room = min(guard_rails.room(network.pk), guard_rails.share(network.pk, percent))
    past = _Past(charged=_charged(stations, since))
    imagined = []
    for event in happened:
        station = known.get(event.station or "")
        cause = triggering.as_cause(event)
        if station is not None and triggering.fits(definition, cause, station):
            fate, why = _fate(station, event.time, definition, past, room)
            imagined.append(
                Imagined(
                    event_id=event.pk,
                    sequence=event.sequence,
                    at=event.time,
                    station=station.identity,
                    fate=fate,
                    why=why,
                )
            )
    return Simulation(
        since=since,
        events=len(happened),
        complete=len(newest) <= MOST_EVENTS,
        lasts_s=lasts_s(definition),
        imagined=imagined,
        counts={fate.value: sum(each.fate is fate for each in imagined) for fate in Fate},
    )


def lasts_s(definition: Definition) -> int:
    """How long a run can last at most, waits for its turn apart; in seconds."""
    return sum(
        step.timeout_s if isinstance(step, Wait | Ask) else COMMAND_S if isinstance(step, SendCommand) else 0
        for step in definition.steps
    )


def _fate(station: Station, at: datetime, definition: Definition, past: _Past, room: int) -> tuple[Fate, str]:
    rails = definition.guard_rails
    untouchable = guard_rails.untouchable(station)
    if untouchable is not None:
        return Fate.UNTOUCHABLE, untouchable
    ended = past.ends.get(station.pk)
    if ended is not None and at < ended:
        return Fate.AT_WORK, "it would have been at work there still"
    if ended is not None and at - ended < timedelta(seconds=rails.cooldown_s):
        return Fate.COOL_DOWN, "it would have left the station alone for a while"
    at_work = sum(at < end for end in past.ends.values())
    past.ends[station.pk] = at + timedelta(seconds=lasts_s(definition))
    stopped = _stopped(station, at, definition, past)
    if stopped is not None:
        return Fate.NEEDS_PERSON, stopped
    if at_work >= room:
        return Fate.WAITS, f"{at_work} stations would have been at work on, and {room} may be at once"
    return Fate.STARTS, ""


def _stopped(station: Station, at: datetime, definition: Definition, past: _Past) -> str | None:
    """Which guard rail its commands would have met, if all of them had been needed."""
    rails = definition.guard_rails
    asked = [step for step in definition.steps if isinstance(step, SendCommand)]
    done = past.resets.setdefault(station.pk, deque())
    while done and at - done[0] >= guard_rails.DAY:
        done.popleft()
    resets = sum(step.command == guard_rails.RESET for step in asked)
    allowed = max(0, rails.resets_per_day - len(done))
    done.extend([at] * min(resets, allowed))
    if resets > allowed:
        return (
            f"{rails.resets_per_day - allowed} resets in 24 h before, and {rails.resets_per_day} are allowed"
        )
    ends_sessions = any(guard_rails.interrupts(step.command, step.params) for step in asked)
    charging = any(
        begun <= at and (ended is None or at <= ended) for begun, ended in past.charged.get(station.pk, [])
    )
    if ends_sessions and rails.may_interrupt_sessions is Interrupts.NEVER and charging:
        return "a charging session was running"
    return None


def _charged(
    stations: QuerySet[Station], since: datetime
) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """By station, from when to when sessions were heard of; to None: they run."""
    told = stations.filter(
        Q(charging_sessions__heard_at__gt=since) | Q(charging_sessions__state="active")
    ).values_list(
        "pk",
        "charging_sessions__state",
        "charging_sessions__received_at",
        "charging_sessions__heard_at",
    )
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for station_id, state, begun, heard in told:
        found.setdefault(station_id, []).append((begun, None if state == "active" else heard))
    return found
