"""What became of a list of commands since it was drawn: see `dashboard.stations.standing`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from dashboard.commands import command_rows, command_search
from dashboard.commands.command_rows import CommandRow
from dashboard.commands.command_search import CommandSearch
from dashboard.stations.standing import Standing
from emobi.core.models import Network

TOPIC = "commands:"
# Commands that are under way, of whichever stations.
LIVES = "lives:"
_BETWEEN = "|"


def topic(search: CommandSearch, rows: Sequence[CommandRow]) -> str:
    """What a page subscribes to that shows these rows of that list."""
    return f"{TOPIC}{search.query}{_BETWEEN}{_BETWEEN.join(row.command.pk for row in rows)}"


def lives_topic(rows: Sequence[CommandRow]) -> str:
    """What it subscribes to for those of the rows that are still to change; "" if none is."""
    changing = [row.command.pk for row in rows if row.may_change]
    return f"{LIVES}{_BETWEEN.join(changing)}" if changing else ""


def lives(network: Network, asked: str) -> Mapping[str, Mapping[str, Any]]:
    """Read a `lives_topic` without its kind, and the database; one query."""
    return command_rows.live(network, _ids(asked))


def of(network: Network, asked: str) -> Standing:
    """Read a `topic` without its kind, and the database; two queries. The newest come first: none moves."""
    query, _, ids = asked.partition(_BETWEEN)
    search = CommandSearch.read(dict(parse_qsl(query.removeprefix("?"))))
    shown = _ids(ids)
    found, _ = command_search.find(network, replace(search, after=""))
    fitting = set(found.filter(pk__in=shown).values_list("pk", flat=True))
    # What only follows where others fit no longer is no news; and an older page gets none.
    newer = found.filter(pk__gt=min(shown)) if shown else found
    newest = () if search.after else newer.values_list("pk", flat=True)[: command_rows.ROWS]
    return Standing(
        moved=0,
        gone=sorted(f"command:{each}" for each in set(shown) - fitting),
        fresh=sum(each not in fitting for each in newest),
    )


def _ids(text: str) -> list[str]:
    return [each for each in text.split(_BETWEEN) if each][: command_rows.ROWS]
