"""What became of a list of stations since it was drawn.

Nothing moves under the pointer: the page is told how many rows would move, which fit no longer, and how many
it doesn't show yet; whoever looks decides when it is drawn anew.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
        shape: Of a list that is drawn anew by itself, since it shows nothing that could move; else None.
    """

    moved: int
    gone: Sequence[str]
    fresh: int
    shape: str | None = None

    @property
    def values(self) -> Mapping[str, object]:
        """As a live page gets it."""
        told: dict[str, object] = {"moved": self.moved, "gone": self.gone, "fresh": self.fresh}
        return told if self.shape is None else told | {"shape": self.shape}


def compared(shown: Sequence[str], now: Sequence[str], fitting: Collection[str]) -> Standing:
    """A list of keys that is shown, against the first of those that there are now.

    Args:
        fitting: Of those that are shown and not among the first now, which ones fit still.
    """
    there, here = set(now), set(shown)
    stay = [key for key in shown if key in there]
    still = [key for key in now if key in here]
    missing = here - there
    return Standing(
        moved=sum(1 for before, after in zip(stay, still, strict=True) if before != after)
        + len(missing.intersection(fitting)),
        gone=sorted(missing.difference(fitting)),
        fresh=len(there - here),
    )


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
    missing = set(shown) - set(now)
    # What isn't on this page any more may still be on another.
    fitting = _fitting(network, wanted, missing) if missing else ()
    return compared(_keys(shown), _keys(now), _keys(fitting))


def _keys(names: Iterable[str]) -> list[str]:
    return [f"station:{name}" for name in names]


def _fitting(network: Network, wanted: StationFilter, names: set[str]) -> Sequence[str]:
    found = station_list.bare(network, replace(wanted, after="")).filter(identity__in=names)
    return list(found.values_list("identity", flat=True))
