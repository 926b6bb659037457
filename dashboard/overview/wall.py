"""The wall: every station of a network as one letter, in a fixed order.

The letters are what a canvas is painted from: ten thousand stations are ten thousand bytes. The order is that
of the rows' keys, so that a new station is added at the end and moves no other.
"""

import zlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Max, QuerySet, Value, When

from emobi.core.models import Network
from sessions.models import ChargingSession, SessionState
from stations.models import Availability, Connectivity, Station

FINE, WORKING, ATTENTION = "fine", "working", "attention"


@dataclass(frozen=True, slots=True)
class State:
    """A state of a station, as the wall shows it.

    Attributes:
        letter: In a snapshot.
        status: Names its glyph and colour, as everywhere.
        look: What is left of it where a cell is too small for a shape: fine, working or attention.
    """

    letter: str
    status: str
    word: str
    look: str


# What matters most comes first: of several a station has the first that is true.
STATES = (
    State("m", "maintenance", "Maintenance", FINE),
    State("o", "offline", "Offline", ATTENTION),
    State("f", "faulted", "Faulted", ATTENTION),
    State("s", "silent", "Silent", ATTENTION),
    State("n", "never", "Never connected", FINE),
    State("c", "charging", "Charging", WORKING),
    State("p", "suspended", "Suspended", WORKING),
    State("r", "preparing", "Preparing or finishing", WORKING),
    State("u", "occupied", "Occupied", WORKING),
    State("b", "reserved", "Reserved", WORKING),
    State("x", "unavailable", "Unavailable", FINE),
    State("a", "available", "Available", FINE),
    State("q", "unknown", "Unknown", FINE),
)
_LETTERS = {state.status: state.letter for state in STATES}
BY_LETTER = {state.letter: state for state in STATES}

_CONNECTIVITY = {
    Connectivity.OFFLINE: "offline",
    Connectivity.SILENT: "silent",
    Connectivity.NEVER: "never",
}
# Of a station's connectors the one with the highest number speaks for it.
_CONNECTORS = (
    "unknown", "available", "unavailable", "reserved", "occupied", "preparing", "suspended", "charging",
    "faulted",
)  # fmt: skip
_RANK = {status: rank for rank, status in enumerate(_CONNECTORS)}
_SESSIONS = {
    "Charging": "charging",
    "SuspendedEV": "suspended",
    "SuspendedEVSE": "suspended",
    "EVConnected": "preparing",
    "Idle": "preparing",
}
_DETAILS = (
    ("Charging", "charging"),
    ("SuspendedEV", "suspended"),
    ("SuspendedEVSE", "suspended"),
    ("Preparing", "preparing"),
    ("Finishing", "preparing"),
)


def letters(network: Network, identities: Collection[str] | None = None) -> dict[int, str]:
    """The letters of stations by their keys, in the wall's order; of all, or of these. Two queries."""
    wanted = Station.objects.filter(network=network)
    flowing = ChargingSession.objects.filter(network=network, state=SessionState.ACTIVE)
    if identities is not None:
        wanted = wanted.filter(identity__in=identities)
        flowing = flowing.filter(station__identity__in=identities)
    running: dict[int, int] = {}
    for station, charging_state in flowing.values_list("station_id", "charging_state"):
        rank = _RANK[_SESSIONS.get(charging_state, "occupied")]
        running[station] = max(rank, running.get(station, 0))
    return {
        station: _letter(connectivity, worst or 0, running.get(station, 0), maintenance=maintenance)
        for station, connectivity, maintenance, worst in _told(wanted)
    }


def _told(stations: QuerySet[Station]) -> Iterable[tuple[int, str, bool, int | None]]:
    rank = Case(
        When(connectors__status=Availability.FAULTED, then=Value(_RANK["faulted"])),
        *[When(connectors__detail=detail, then=Value(_RANK[status])) for detail, status in _DETAILS],
        When(connectors__evse_id=0, then=Value(0)),
        When(connectors__status=Availability.OCCUPIED, then=Value(_RANK["occupied"])),
        When(connectors__status=Availability.RESERVED, then=Value(_RANK["reserved"])),
        When(connectors__status=Availability.UNAVAILABLE, then=Value(_RANK["unavailable"])),
        When(connectors__status=Availability.AVAILABLE, then=Value(_RANK["available"])),
        default=Value(0),
        output_field=IntegerField(),
    )
    found = stations.annotate(worst=Max(rank)).order_by("pk")
    return found.values_list("pk", "connectivity", "maintenance", "worst")


def _letter(connectivity: str, worst: int, running: int, *, maintenance: bool) -> str:
    if maintenance:
        return _LETTERS["maintenance"]
    away = _CONNECTIVITY.get(Connectivity(connectivity))
    # A station that is silent may well be charging; a fault of it is still one.
    if away is not None and not (away == "silent" and _CONNECTORS[worst] == "faulted"):
        return _LETTERS[away]
    # A session makes Occupied finer, and nothing else.
    finer = running if _CONNECTORS[worst] in ("unknown", "occupied") else 0
    return _LETTERS[_CONNECTORS[max(worst, finer)]]


def layout(keys: Iterable[int]) -> str:
    """Names an order: two with the same name have the same stations at the same places."""
    return f"{zlib.crc32(' '.join(map(str, keys)).encode()):08x}"


@dataclass(frozen=True, kw_only=True)
class Places:
    """A wall, and who stands where on it.

    Attributes:
        kinds: What it can be grouped by: of each kind its names, and of each station the name's number.
    """

    layout: str
    letters: str
    identities: Sequence[str]
    kinds: Mapping[str, tuple[Sequence[str], Sequence[int]]]


def places(network: Network) -> Places:
    """Of one moment, in the wall's order. Three queries."""
    now = letters(network)
    told = Station.objects.filter(network=network).order_by("pk")
    rows = told.values_list("pk", "identity", "site", "vendor", "firmware_version")
    # Between the reads stations may have come or gone.
    found = {row[0]: row[1:] for row in rows if row[0] in now}
    kinds = {}
    for number, kind in enumerate(("site", "vendor", "firmware"), start=1):
        names = sorted({row[number] for row in found.values()})
        position = {name: place for place, name in enumerate(names)}
        kinds[kind] = (names, [position[row[number]] for row in found.values()])
    return Places(
        layout=layout(found),
        letters="".join(now[key] for key in found),
        identities=[row[0] for row in found.values()],
        kinds=kinds,
    )


@dataclass(frozen=True, kw_only=True)
class Group:
    """Stations of one site, in words: how many there are, work, and need somebody."""

    site: str
    stations: int
    working: int
    attention: int


def sites(network: Network) -> tuple[Sequence[str], Sequence[int]]:
    """The names of the sites, and of each station, in the wall's order, the name's number. One query."""
    found = list(Station.objects.filter(network=network).order_by("pk").values_list("site", flat=True))
    names = sorted(set(found))
    position = {name: place for place, name in enumerate(names)}
    return names, [position[name] for name in found]


def groups(snapshot: str, names: Sequence[str], of: Sequence[int]) -> Sequence[Group]:
    """The wall as a table: for those who can't see a canvas."""
    counted: list[dict[str, int]] = [{FINE: 0, WORKING: 0, ATTENTION: 0} for _ in names]
    # Between the two reads a station may have come.
    for letter, place in zip(snapshot, of, strict=False):
        counted[place][BY_LETTER[letter].look] += 1
    return [
        Group(
            site=name, stations=sum(of_site.values()), working=of_site[WORKING], attention=of_site[ATTENTION]
        )
        for name, of_site in zip(names, counted, strict=True)
    ]
