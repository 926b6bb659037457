"""The kill switch: of a network, or of all. Playbooks do nothing more; what they have queued is taken back.

It is a row that is read before every step. Runs that are open end with it, also if it is taken back before
anybody has looked at them (`guard_rails.halted`): who switches playbooks on again begins with what happens
from then on.
"""

from emobi.core import clock, unit_of_work
from emobi.core.models import Network
from emobi.core.services import audit
from stations.models import (
    OPEN_RUN_STATES,
    Command,
    CommandState,
    PlaybookControl,
    PlaybookKillSwitch,
    PlaybookRun,
)
from stations.services.commanding import command_ends
from stations.services.playbooks.guard_rails import ACTOR

LONGEST_REASON = 300


def switch(network: Network, *, stopped: bool, by: str, reason: str = "", address: str | None = None) -> None:
    """Stop all playbooks of a network, or let them work again. The same again changes nothing."""
    with unit_of_work.begin():
        PlaybookControl.objects.get_or_create(network=network)
        control = PlaybookControl.objects.select_for_update().get(network=network)
        if control.stopped == stopped:
            return
        control.stopped, control.stop_reason = stopped, reason[:LONGEST_REASON] if stopped else ""
        control.changed_by, control.changed_at = by, clock.now()
        control.save(update_fields=["stopped", "stop_reason", "changed_by", "changed_at"])
        if stopped:
            _take_back(network.pk)
        verb = "playbooks.stopped" if stopped else "playbooks.released"
        audit.record(network.pk, by, verb, network.slug, {"reason": reason}, address)
        unit_of_work.current().nudge(f"live.{network.pk}")


def switch_all(*, stopped: bool, by: str, reason: str = "", address: str | None = None) -> None:
    """The same for all networks of this installation."""
    with unit_of_work.begin():
        PlaybookKillSwitch.objects.get_or_create(pk=1)
        row = PlaybookKillSwitch.objects.select_for_update().get(pk=1)
        if row.stopped == stopped:
            return
        row.stopped, row.stop_reason = stopped, reason[:LONGEST_REASON] if stopped else ""
        row.changed_by, row.changed_at = by, clock.now()
        row.save()
        if stopped:
            _take_back(None)
        verb = "playbooks.stopped" if stopped else "playbooks.released"
        audit.record(None, by, verb, "all networks", {"reason": reason}, address)
        for network_id in Network.objects.values_list("pk", flat=True):
            unit_of_work.current().nudge(f"live.{network_id}")


def _take_back(network_id: int | None) -> None:
    """What waits for its station isn't sent any more; all open runs are looked at at once."""
    queued = Command.objects.select_related("station").filter(
        state=CommandState.QUEUED, requested_by__startswith=ACTOR
    )
    runs = PlaybookRun.objects.filter(state__in=OPEN_RUN_STATES)
    if network_id is not None:
        queued, runs = queued.filter(network=network_id), runs.filter(network=network_id)
    for command in queued.order_by("pk"):
        command_ends.fail(command, CommandState.CANCELLED, "playbooks were stopped")
    runs.update(due_at=clock.now())
