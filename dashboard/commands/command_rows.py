"""The commands of a whole network as its list, its file and its live page show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from dashboard import figures
from dashboard.commands import command_lives, command_search
from dashboard.commands.command_lives import Life
from dashboard.commands.command_search import CommandSearch
from dashboard.station import tabs
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.models import Network, Role
from stations.models import BulkTarget, Command, CommandState, RunStep

ROWS = 50
EXPORTED_AT_ONCE = 200
EXPORT_COLUMNS = (
    "command_id", "created_at", "station", "command", "params", "requested_by", "bulk_id", "playbook_run_id",
    "state", "status", "reason", "effect", "sent_at", "ended_at", "message_id",
)  # fmt: skip

EFFECTS: Mapping[str, Shown] = {
    command_search.VERIFIED: Shown("accepted", "Verified"),
    command_search.NOT_SEEN: Shown("failed", "Not verified"),
    command_search.PENDING: Shown("pending", "Awaited"),
}
NOT_FOLLOWED = Shown("none", "Not followed")
NOT_YET = Shown("none", "Not yet")


@dataclass(frozen=True, kw_only=True)
class CommandRow:
    """A command, told in a line.

    Attributes:
        bulk: The id of the bulk command that it is of; "": of none.
        run: The same of the run of a playbook.
    """

    life: Life
    bulk: str
    run: str

    @property
    def command(self) -> Command:
        return self.life.command

    @property
    def verification(self) -> str:
        """What its outcome says of its effect; "": it isn't followed, or not yet."""
        verification = (self.command.outcome or {}).get("verification") or {}
        return str(verification.get("state", ""))

    @property
    def may_change(self) -> bool:
        """Whether anything of it is still to come: its end, or the sight of its effect."""
        return CommandState(self.command.state).open or self.verification == command_search.PENDING

    @property
    def asker(self) -> tuple[str, str]:
        """Who asked: the kind in words, and the name."""
        kind, _, name = self.command.requested_by.partition(":")
        asker = command_search.ASKERS.get(kind)
        return (asker.one, name) if asker and name else ("", self.command.requested_by)

    @property
    def effect(self) -> Shown:
        """Whether what it was to bring about was seen."""
        if shown := EFFECTS.get(self.verification):
            return shown
        return NOT_YET if CommandState(self.command.state).open else NOT_FOLLOWED

    @property
    def took(self) -> str:
        """From when it was asked to when it was sent, and from then to its answer."""
        command = self.command
        if command.sent_at is None:
            if command.ended_at is None:
                waits = (command.expires_at - command.created_at).total_seconds()
                return f"waits {figures.duration(waits)} at most"
            return f"never sent, over after {command_lives.between(command.created_at, command.ended_at)}"
        sent = f"sent after {command_lives.between(command.created_at, command.sent_at)}"
        if command.ended_at is None:
            return f"{sent} → waits for the answer"
        ended = "no answer within" if command.state == CommandState.UNKNOWN else "answered after"
        return f"{sent} → {ended} {command_lives.between(command.sent_at, command.ended_at)}"

    @property
    def values(self) -> Mapping[str, Any]:
        """As a live page gets it."""
        return {
            "state": self.life.shown.value,
            "answer": self.life.answer,
            "effect": self.effect.value,
            "seen": self.life.seen,
            "took": self.took,
        }

    def href(self, role: Role) -> str:
        """Where its life is shown: among all that its station was asked, or for whoever has no such tab
        among the newest."""
        station = self.command.station
        if role.includes(tabs.COMMANDS.role):
            return f"{tabs.address(station, tabs.COMMANDS)}?at={self.command.pk}#{self.command.pk}"
        return f"{reverse('dashboard:station', args=[station.identity])}#lives"


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, the newest first; ``next`` is where to go on, "" at the end."""

    rows: Sequence[CommandRow]
    next: str
    problems: Sequence[str]


def page(network: Network, search: CommandSearch) -> Page:
    """A page of the list; three queries."""
    found, problems = command_search.find(network, search)
    commands = list(_whole(found)[: ROWS + 1])
    after = search.from_(commands[ROWS - 1].pk) if len(commands) > ROWS else ""
    return Page(rows=of(commands[:ROWS]), next=after, problems=problems)


def of(commands: Sequence[Command]) -> list[CommandRow]:
    """Rows of these commands, that have their stations; two queries."""
    ids = [each.pk for each in commands]
    bulks = dict(BulkTarget.objects.filter(command__in=ids).values_list("command", "bulk"))
    runs = dict(RunStep.objects.filter(command__in=ids).values_list("command", "run"))
    return [
        CommandRow(life=Life(command=each), bulk=bulks.get(each.pk, ""), run=runs.get(each.pk, ""))
        for each in commands
    ]


def live(network: Network, ids: Sequence[str]) -> Mapping[str, Mapping[str, Any]]:
    """What a live page shows of these commands of the network, by their keys; one query."""
    found = _whole(Command.objects.filter(network=network, pk__in=ids))
    rows = (CommandRow(life=Life(command=each), bulk="", run="") for each in found)
    return {row.life.key: row.values for row in rows}


def exported(network: Network, search: CommandSearch, after: str) -> tuple[list[dict[str, Any]], str]:
    """A page of the list for a file; secrets are masked, as everywhere."""
    found, _ = command_search.find(network, replace(search, after=after))
    commands = list(_whole(found)[: EXPORTED_AT_ONCE + 1])
    rows = [_told(row) for row in of(commands[:EXPORTED_AT_ONCE])]
    return rows, commands[EXPORTED_AT_ONCE - 1].pk if len(commands) > EXPORTED_AT_ONCE else ""


def _whole(found: QuerySet[Command]) -> QuerySet[Command]:
    """With their stations; without what may be long, and no list shows."""
    return found.select_related("station").defer("report", "sealed")


def _told(row: CommandRow) -> dict[str, Any]:
    command = row.command
    outcome = command.outcome or {}
    return {
        "command_id": command.pk,
        "created_at": clock.iso(command.created_at),
        "station": command.station.identity,
        "command": command.name,
        "params": command.shown_params,
        "requested_by": command.requested_by,
        "bulk_id": row.bulk or None,
        "playbook_run_id": row.run or None,
        "state": command.state,
        "status": outcome.get("status"),
        "reason": outcome.get("reason"),
        "effect": row.verification or None,
        "sent_at": clock.iso(command.sent_at),
        "ended_at": clock.iso(command.ended_at),
        "message_id": command.message_id or None,
    }
