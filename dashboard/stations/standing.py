"""What became of a list of stations since it was drawn.

Nothing moves under the pointer: the page is told how many rows would move, which fit no longer, and how many
it doesn't show yet; whoever looks decides when it is drawn anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, quote, unquote

from dashboard.stations import station_list
from dashboard.stations.station_filter import StationFilter
from dashboard.stations.station_rows import StationRow
from emobi.core.models import Network

_BETWEEN = "|"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A list as it would be now, against the one that is shown.

    Attributes:
        moved: Rows that would stand elsewhere.
        gone: Keys of rows that fit no longer.
        fresh: Rows that would be there, and aren't.
    """

    moved: int
    gone: Sequence[str]
    fresh: int

    @property
    def values(self) -> Mapping[str, object]:
        """As a live page gets it."""
        return {"moved": self.moved, "gone": self.gone, "fresh": self.fresh}


def topic(wanted: StationFilter, rows: Sequence[StationRow]) -> str:
    """What a page subscribes to that shows these rows of that list."""
    shown = _BETWEEN.join(quote(row.station.identity, safe="") for row in rows)
    return f"list:{wanted.query}{_BETWEEN}{shown}"


def of(network: Network, asked: str) -> Standing:
    """Read a `topic`, and the database."""
    query, _, names = asked.partition(_BETWEEN)
    wanted = StationFilter.read(dict(parse_qsl(query.removeprefix("?"))))
    shown = [unquote(name) for name in names.split(_BETWEEN) if name][: station_list.PAGE]
    found = station_list.bare(network, wanted)
    now = list(found.values_list("identity", flat=True)[: station_list.PAGE])
    there, here = set(now), set(shown)
    missing = here - there
    # What isn't on this page any more may still be on another.
    fitting = set(_fitting(network, wanted, missing)) if missing else set()
    stay = [name for name in shown if name in there]
    moved = sum(1 for before, after in zip(stay, _in(now, here), strict=True) if before != after)
    return Standing(
        moved=moved + len(missing & fitting),
        gone=sorted(f"station:{name}" for name in missing - fitting),
        fresh=len(there - here),
    )


def _in(names: Sequence[str], wanted: set[str]) -> list[str]:
    return [name for name in names if name in wanted]


def _fitting(network: Network, wanted: StationFilter, names: set[str]) -> Sequence[str]:
    found = station_list.bare(network, replace(wanted, after="")).filter(identity__in=names)
    return list(found.values_list("identity", flat=True))
