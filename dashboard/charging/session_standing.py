"""What became of a list of charging sessions since it was drawn: see `dashboard.stations.standing`."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from dashboard.charging import session_rows, session_search
from dashboard.charging.session_rows import SessionRow
from dashboard.charging.session_search import SessionSearch
from dashboard.stations.standing import Standing
from emobi.core.models import Network

TOPIC = "sessions:"
_BETWEEN = "|"


def topic(search: SessionSearch, rows: Sequence[SessionRow]) -> str:
    """What a page subscribes to that shows these rows of that list."""
    return f"{TOPIC}{search.query}{_BETWEEN}{_BETWEEN.join(row.session.pk for row in rows)}"


def of(network: Network, asked: str) -> Standing:
    """Read a `topic` without its kind, and the database; two queries. The newest come first: none moves."""
    query, _, ids = asked.partition(_BETWEEN)
    search = SessionSearch.read(dict(parse_qsl(query.removeprefix("?"))))
    shown = [each for each in ids.split(_BETWEEN) if each][: session_rows.ROWS]
    found, _ = session_search.find(network, replace(search, after=""))
    fitting = set(found.filter(pk__in=shown).values_list("pk", flat=True))
    newest = found.values_list("pk", flat=True)[: session_rows.ROWS]
    # What only follows where others fit no longer is no news; and an older page gets none.
    oldest = min(shown, default="")
    fresh = [] if search.after else [each for each in newest if each > oldest and each not in fitting]
    return Standing(
        moved=0,
        gone=sorted(f"session:{each}" for each in set(shown) - fitting),
        fresh=len(fresh),
    )
