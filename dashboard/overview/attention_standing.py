"""What became of the list of what needs attention since it was drawn: see `dashboard.stations.standing`.

Where it said that all is well nothing can move under a pointer: it is drawn anew as soon as that is over.
"""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote, unquote

from dashboard.overview import attention
from dashboard.overview.attention import Attention
from dashboard.overview.lately import lately
from dashboard.stations import standing
from dashboard.stations.standing import Standing
from emobi.core.models import Network

TOPIC = "attention:"
_BETWEEN = "|"
# Pages that were drawn at different moments show different rows; what there is now is read once for all.
KEPT_S = 2.0


def topic(shown: Attention) -> str:
    """What a page subscribes to that shows these."""
    return TOPIC + _BETWEEN.join(quote(key, safe=":") for key in shown.keys)


def of(network: Network, asked: str) -> Standing:
    """Read a `topic` without its kind, and the database; at most four queries."""
    most = attention.MOST_INCIDENTS + attention.MOST_STATIONS
    shown = [unquote(key) for key in asked.split(_BETWEEN) if key][:most]
    now: Sequence[str] = lately("attention", network.pk, KEPT_S, lambda: attention.keys(network))
    missing = set(shown) - set(now)
    found = standing.compared(shown, now, attention.fitting(network, missing) if missing else ())
    return found if shown else replace(found, shape="some" if now else "none")
