"""What became of a list of incidents since it was drawn: see `dashboard.stations.standing`.

Where it said that all is well nothing can move under a pointer: it is drawn anew as soon as that is over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl, quote, unquote

from django.contrib.auth.models import User

from dashboard.incidents import incident_rows
from dashboard.incidents.incident_filter import TABS, IncidentFilter
from dashboard.incidents.incident_rows import Row
from dashboard.stations.standing import Standing
from emobi.core.models import Network
from stations import incidents

TOPIC = "incidents:"
# How many each tab has, for whoever looks.
COUNTS = "incident-tabs:"
_BETWEEN = "|"


def topic(login: str, wanted: IncidentFilter, rows: Sequence[Row]) -> str:
    """What a page subscribes to that shows these rows of that list to the person of this ``login``."""
    shown = _BETWEEN.join(row.incident.pk for row in rows)
    return f"{TOPIC}{quote(login, safe='')}{wanted.query}{_BETWEEN}{shown}"


def of(network: Network, asked: str) -> Standing:
    """Read a `topic` without its kind, and the database; two queries. The newest come first: none moves."""
    query, _, ids = asked.partition(_BETWEEN)
    login, _, narrowed = query.partition("?")
    wanted = IncidentFilter.read(dict(parse_qsl(narrowed)))
    shown = [each for each in ids.split(_BETWEEN) if each][: incident_rows.PAGE]
    found = incidents.incidents(network, **replace(wanted, after="").wanted(unquote(login)))
    fitting = set(found.filter(pk__in=shown).values_list("pk", flat=True))
    # An older page gets none that are new, and a full one none that would be below it.
    oldest = min(shown) if len(shown) == incident_rows.PAGE else ""
    newest = () if wanted.after else found.values_list("pk", flat=True)[: incident_rows.PAGE]
    fresh = [each for each in newest if each > oldest and each not in fitting]
    standing = Standing(
        moved=0,
        gone=sorted(f"incident:{each}" for each in set(shown) - fitting),
        fresh=len(fresh),
    )
    if shown or wanted != IncidentFilter():
        return standing
    return replace(standing, shape="some" if fresh else "none")


def counts(network: Network, login: str) -> Mapping[str, str]:
    """Of each tab that counts, by its name; two queries."""
    found = incidents.open_counts(network, User.objects.filter(username=unquote(login)).first())
    return {tab: str(found[tab]) for tab, _ in TABS if tab in found}
