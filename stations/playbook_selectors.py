"""What is read of playbooks and their runs."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from emobi.core.models import Network
from stations.models import (
    JUDGED_RUN_STATES,
    OPEN_RUN_STATES,
    Playbook,
    PlaybookControl,
    PlaybookKillSwitch,
    PlaybookRun,
    PlaybookVersion,
    RunState,
    RunStep,
    Station,
)


@dataclass(frozen=True, kw_only=True)
class Record:
    """How a playbook has done so far.

    Attributes:
        ends: By state, how many runs ended in it; dry runs apart.
        open: How many are open.
        success_rate: Those that succeeded, of those that say something; 0 to 1, None while none does.
    """

    ends: dict[str, int]
    open: int
    success_rate: float | None
    last_run_at: datetime | None

    @property
    def success_percent(self) -> str:
        """For people; empty while nothing is known."""
        return "" if self.success_rate is None else f"{self.success_rate * 100:.0f} %"


@dataclass(frozen=True, kw_only=True)
class Halt:
    """The kill switches as they are: of the network, and of all."""

    stopped: bool
    of_all: bool
    reason: str
    changed_by: str
    changed_at: datetime | None


def playbooks(network: Network, *, archived: bool = False) -> QuerySet[Playbook]:
    """All of a network that are in use, or those that are archived, by name."""
    found = Playbook.objects.filter(network=network, archived_at__isnull=not archived)
    return found.order_by("name", "slug")


def after(found: QuerySet[Playbook], last: Playbook) -> QuerySet[Playbook]:
    """What comes after one of `playbooks`."""
    return found.filter(Q(name__gt=last.name) | Q(name=last.name, slug__gt=last.slug))


def current_versions(found: Collection[Playbook]) -> dict[str, PlaybookVersion]:
    """What each does now, by its id."""
    versions = PlaybookVersion.objects.filter(playbook__in=found)
    numbers = {playbook.pk: playbook.current for playbook in found}
    return {each.playbook_id: each for each in versions if each.number == numbers[each.playbook_id]}


def versions(playbook: Playbook) -> QuerySet[PlaybookVersion]:
    """All of its versions, the newest first."""
    return PlaybookVersion.objects.filter(playbook=playbook).order_by("-number")


def records(found: Collection[Playbook]) -> dict[str, Record]:
    """How each has done, by its id. One query."""
    counted: dict[str, dict[str, int]] = {playbook.pk: {} for playbook in found}
    newest: dict[str, datetime] = {}
    rows = PlaybookRun.objects.filter(playbook__in=found).values_list("playbook", "state")
    for playbook_id, state, count, last in rows.annotate(Count("pk"), Max("created_at")).order_by():
        counted[playbook_id][state] = count
        newest[playbook_id] = max(last, newest.get(playbook_id, last))
    return {pk: _record(counts, newest.get(pk)) for pk, counts in counted.items()}


def _record(counts: dict[str, int], last: datetime | None) -> Record:
    judged = sum(counts.get(state, 0) for state in JUDGED_RUN_STATES)
    return Record(
        ends={state: count for state, count in counts.items() if not RunState(state).open},
        open=sum(count for state, count in counts.items() if RunState(state).open),
        success_rate=counts.get(RunState.SUCCEEDED, 0) / judged if judged else None,
        last_run_at=last,
    )


def runs(
    network: Network,
    *,
    playbook: Playbook | None = None,
    station: Station | None = None,
    states: Sequence[str] | None = None,
    before: str | None = None,
) -> QuerySet[PlaybookRun]:
    """Runs, the newest first; ``before``: older than the run of this id."""
    found = PlaybookRun.objects.filter(network=network).select_related("playbook", "version", "station")
    if playbook is not None:
        found = found.filter(playbook=playbook)
    if station is not None:
        found = found.filter(station=station)
    if states is not None:
        found = found.filter(state__in=states)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def open_at(stations: Iterable[Station]) -> dict[int, PlaybookRun]:
    """By station, the run that is at work there. One query."""
    runs = PlaybookRun.objects.filter(
        station__in={each.pk for each in stations}, state__in=OPEN_RUN_STATES
    ).select_related("playbook")
    return {run.station_id: run for run in runs.order_by("pk")}


def with_steps(found: QuerySet[PlaybookRun]) -> QuerySet[PlaybookRun]:
    """The same with what each step came to."""
    steps = RunStep.objects.select_related("command").order_by("attempt", "index")
    return found.prefetch_related(Prefetch("steps", steps))


def halt(network: Network) -> Halt:
    """Whether playbooks may do anything there."""
    of_all = PlaybookKillSwitch.objects.filter(pk=1).first()
    own = PlaybookControl.objects.filter(network=network).first()
    said = of_all if of_all is not None and of_all.stopped else own
    if said is None:
        return Halt(stopped=False, of_all=False, reason="", changed_by="", changed_at=None)
    return Halt(
        stopped=said.stopped,
        of_all=said is of_all,
        reason=said.stop_reason,
        changed_by=said.changed_by,
        changed_at=said.changed_at,
    )
