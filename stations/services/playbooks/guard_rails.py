"""What no playbook may do: reset a station too often, end charging sessions, touch too many at once.

Source: docs/playbooks.md, "Guard rails". They are asked before every step, and about a command that
waited for its station once more before it is sent (`last_looks`); what they stop, the run says.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from emobi.core import clock
from stations.models import (
    Command,
    CommandState,
    PlaybookControl,
    PlaybookKillSwitch,
    PlaybookRun,
    Registration,
    RunState,
    Station,
)
from stations.playbooks.definition import LARGEST_SHARE_PERCENT, MOST_RESETS_PER_DAY, GuardRails, Interrupts
from stations.services.playbooks.facts import OfRun

# As in the audit log; a person's own commands are nobody's business here.
ACTOR = "playbook:"
DAY = timedelta(days=1)
# What a step says that one of them stopped, before the reason.
STOPPED = "stopped by a guard rail: "

RESET = "reset"
# They end charging sessions, or may.
INTERRUPTING = frozenset({RESET, "unlock", "remote_stop", "update_firmware", "set_availability"})
_NEVER_SENT = (CommandState.UNSUPPORTED, CommandState.EXPIRED, CommandState.CANCELLED)


def stopped(network_id: int) -> str | None:
    """Why nothing at all may be done in this network now; None if something may. Read anew each time."""
    of_all = PlaybookKillSwitch.objects.filter(stopped=True).first()
    if of_all is not None:
        return f"all playbooks are stopped: {of_all.stop_reason or 'no reason given'}"
    control = PlaybookControl.objects.filter(network=network_id, stopped=True).first()
    if control is not None:
        return f"playbooks are stopped here: {control.stop_reason or 'no reason given'}"
    return None


def halted(run: PlaybookRun) -> str | None:
    """Why nothing more may be done by this run: playbooks are stopped, or were since it was asked for.

    While they are stopped no run is made, so who is older than the last release was there at the stop.
    """
    now = stopped(run.network_id)
    if now is not None:
        return now
    switched = (
        PlaybookKillSwitch.objects.filter(changed_at__gte=run.queued_at),
        PlaybookControl.objects.filter(network=run.network_id, changed_at__gte=run.queued_at),
    )
    return "playbooks were stopped meanwhile" if any(each.exists() for each in switched) else None


def untouchable(station: Station) -> str | None:
    """Why nothing may be done to this station."""
    if station.maintenance:
        return "the station is in maintenance"
    if station.registration != Registration.ACCEPTED:
        return f"the station's registration is {station.registration}"
    return None


def room(network_id: int) -> int:
    """At how many stations of the network playbooks may work at once."""
    return share(network_id, LARGEST_SHARE_PERCENT)


def share(network_id: int, percent: float) -> int:
    """So many percent of the network's stations; one at least."""
    return max(1, int(Station.objects.filter(network=network_id).count() * percent / 100))


def at_work(network_id: int, playbook_id: str | None = None) -> int:
    """At how many stations they work, or this one does. Who waits for a person's answer does nothing."""
    acting = PlaybookRun.objects.filter(
        network=network_id, state__in=(RunState.RUNNING, RunState.WAITING), dry_run=False
    )
    return (acting if playbook_id is None else acting.filter(playbook=playbook_id)).count()


def refusal(run: PlaybookRun, rails: GuardRails, name: str, params: Mapping[str, Any]) -> str | None:
    """Why a command may not be sent by this run; None if it may."""
    if name == RESET:
        allowed = min(rails.resets_per_day, MOST_RESETS_PER_DAY)
        done = resets(run.station, since=clock.now() - DAY)
        if done >= allowed:
            return f"{done} automatic resets in 24 h, and no more than {allowed} are allowed"
    return in_the_way(run, rails, name, params)


def in_the_way(run: PlaybookRun, rails: GuardRails, name: str, params: Mapping[str, Any]) -> str | None:
    """The charging session that a command would end, and may not."""
    if not interrupts(name, params) or rails.may_interrupt_sessions is Interrupts.ANY:
        return None
    known = OfRun(run)
    evse_id = params.get("evse_id")
    running = known.running_sessions(evse_id if isinstance(evse_id, int) else None)
    named = params.get("session_id")
    own = known.session_id if rails.may_interrupt_sessions is Interrupts.OWN else None
    for session_id, _ in running:
        if session_id != own and named in (None, session_id):
            return f"charging session {session_id} is running"
    return None


def interrupts(name: str, params: Mapping[str, Any]) -> bool:
    """Whether a command ends charging sessions."""
    if name == RESET:
        return params.get("type") != "OnIdle"
    if name == "set_availability":
        return params.get("operational_status") == "Inoperative"
    return name in INTERRUPTING


def resets(station: Station, *, since: datetime) -> int:
    """How many resets playbooks have sent the station, or are about to."""
    asked = Command.objects.filter(
        Q(created_at__gt=since) | Q(sent_at__gt=since),
        station=station,
        name=RESET,
        requested_by__startswith=ACTOR,
    )
    return asked.exclude(state__in=_NEVER_SENT, sent_at=None).count()
