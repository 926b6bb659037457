"""A run's command that waited for its station, looked at once more before it goes out.

Meanwhile a driver may have begun to charge, and the station may be well again: it has only just come back.
"""

from stations.models import Command, PlaybookRun, RunStep
from stations.services.playbooks import facts, guard_rails

WELL_AGAIN = "all is well again"


def objection(command: Command) -> str | None:
    """Why it may not be sent any more; None: it may. Of what no playbook asked for nothing is read."""
    if not command.requested_by.startswith(guard_rails.ACTOR):
        return None
    if not guard_rails.interrupts(command.name, command.params):
        return None
    step = (
        RunStep.objects.select_related("run__playbook", "run__version", "run__station")
        .filter(command=command)
        .first()
    )
    if step is None:
        return "its run is gone"
    run = step.run
    rails = run.version.definition.guard_rails
    why = (
        guard_rails.halted(run)
        or guard_rails.untouchable(run.station)
        or guard_rails.in_the_way(run, rails, command.name, command.params)
    )
    if why is not None:
        return f"{guard_rails.STOPPED}{why}"
    return needless(run, command)


def needless(run: PlaybookRun, command: Command) -> str | None:
    """Why an interruption is needed no more; None: it is, or is none."""
    interrupts = guard_rails.interrupts(command.name, command.params)
    return WELL_AGAIN if interrupts and facts.is_well_again(run) else None
