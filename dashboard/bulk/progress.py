"""How far a bulk command has come, and what came of each station."""

import csv
import io
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from asgiref.sync import sync_to_async

from dashboard import statuses
from dashboard.commands import command_words
from dashboard.statuses import Shown
from emobi.core.models import Network
from stations import selectors
from stations.models import BulkCommand, BulkState, BulkTarget, CommandState
from stations.services.commanding import bulk_commands

PAGE = 100
AT_ONCE = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

STATES = {
    BulkState.RUNNING: Shown("sent", "Running"),
    BulkState.PAUSED: Shown("suspended", "Paused"),
    BulkState.FINISHED: Shown("accepted", "Finished"),
    BulkState.STOPPED: Shown("failed", "Stopped"),
    BulkState.CANCELLED: Shown("unavailable", "Cancelled"),
}
WAITING = Shown("pending", "Not asked yet")
NEVER_ASKED = Shown("unavailable", "Never asked")
REFUSED = Shown("refused", "May not be asked")


@dataclass(frozen=True, kw_only=True)
class Progress:
    """A bulk command as its page shows it."""

    bulk: BulkCommand
    title: str
    state: Shown
    total: int
    ended: int
    counts: Sequence[tuple[Shown, int, str]]

    @property
    def goes_on(self) -> bool:
        return self.bulk.state in (BulkState.RUNNING, BulkState.PAUSED)

    @property
    def percent(self) -> float:
        return 100 * self.ended / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one station."""

    target: BulkTarget
    state: Shown
    said: str


def of(bulks: Sequence[BulkCommand]) -> Sequence[Progress]:
    """Of each how far it is. One query."""
    counted = bulk_commands.counts(bulks)
    return [_of(bulk, counted[bulk.pk]) for bulk in bulks]


def _of(bulk: BulkCommand, counts: dict[str, int]) -> Progress:
    known = [state.value for state in CommandState] + [bulk_commands.REFUSED, bulk_commands.WAITING]
    waiting = counts.get(bulk_commands.WAITING, 0)
    under_way = sum(counts.get(state.value, 0) for state in CommandState if state.open)
    total = sum(counts.values())
    words = command_words.WORDS.get(bulk.name)
    return Progress(
        bulk=bulk,
        title=words.title if words else bulk.name,
        state=STATES[BulkState(bulk.state)],
        total=total,
        ended=total - waiting - under_way,
        counts=[(_shown(name, bulk), counts[name], name) for name in known if counts.get(name)],
    )


def rows(bulk: BulkCommand, *, state: str = "", after: int | None = None) -> Sequence[Row]:
    """A page of its stations as they are asked; of one more than fits, to tell that there is more."""
    found = selectors.bulk_targets(bulk, after=after)
    if state == bulk_commands.REFUSED:
        found = found.exclude(refusal="")
    elif state == bulk_commands.WAITING:
        found = found.filter(command=None, refusal="")
    elif state:
        found = found.filter(command__state=state)
    return [_row(target, bulk) for target in found[: PAGE + 1]]


def _row(target: BulkTarget, bulk: BulkCommand) -> Row:
    command = target.command
    name = command.state if command else bulk_commands.REFUSED if target.refusal else bulk_commands.WAITING
    outcome = (command.outcome if command else None) or {}
    said = outcome.get("reason") or outcome.get("status") or target.refusal or ""
    return Row(target, _shown(name, bulk), str(said))


def _shown(name: str, bulk: BulkCommand) -> Shown:
    if name == bulk_commands.WAITING:
        return WAITING if bulk.state in (BulkState.RUNNING, BulkState.PAUSED) else NEVER_ASKED
    return REFUSED if name == bulk_commands.REFUSED else statuses.COMMAND[CommandState(name)]


async def chunks(bulk: BulkCommand) -> AsyncGenerator[str]:
    """What came of each station, as CSV."""
    yield _csv([("station", "state", "said", "ended_at")])
    after: int | None = None
    while True:
        found = await sync_to_async(_targets)(bulk, after)
        yield _csv([_cells(_row(target, bulk)) for target in found])
        if len(found) < AT_ONCE:
            return
        after = found[-1].position


def _targets(bulk: BulkCommand, after: int | None) -> Sequence[BulkTarget]:
    return list(selectors.bulk_targets(bulk, after=after)[:AT_ONCE])


def _cells(row: Row) -> tuple[str, ...]:
    command = row.target.command
    ended = command.ended_at.isoformat() if command and command.ended_at else ""
    return tuple(map(_inert, (row.target.station.identity, row.state.word, row.said, ended)))


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(lines: Sequence[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()


def newest(network: Network) -> Sequence[Progress]:
    """The last ones of a network. Two queries."""
    return of(list(selectors.bulk_commands(network)[:50]))
