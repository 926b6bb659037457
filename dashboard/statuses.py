"""States as people see them: a glyph and a colour, named by ``status``, and a word that is never left out."""

from collections.abc import Iterable
from dataclasses import dataclass

from stations.models import Availability, CommandState, Connectivity, Connector, Registration


@dataclass(frozen=True, slots=True)
class Shown:
    """A state.

    Attributes:
        status: Names glyph (``#g-…``) and colour (``data-status``).
        word: What it is called.
    """

    status: str
    word: str

    @property
    def value(self) -> dict[str, str]:
        """As a live page gets it."""
        return {"s": self.status, "w": self.word}


@dataclass(frozen=True, slots=True)
class Group:
    """Connectors of one station that are in the same state: a glyph each, unless they are too many."""

    shown: Shown
    count: int

    @property
    def glyphs(self) -> range:
        return range(self.count if self.count <= MOST_GLYPHS else 1)

    @property
    def value(self) -> dict[str, object]:
        """As a live page gets it."""
        return {**self.shown.value, "n": self.count, "g": len(self.glyphs)}


MOST_GLYPHS = 6

UNKNOWN = Shown("unknown", "Unknown")
CHARGING = Shown("charging", "Charging")

CONNECTIVITY = {
    Connectivity.ONLINE: Shown("online", "Online"),
    Connectivity.SILENT: Shown("silent", "Silent"),
    Connectivity.OFFLINE: Shown("offline", "Offline"),
    Connectivity.NEVER: Shown("never", "Never connected"),
}
REGISTRATION = {
    Registration.ACCEPTED: Shown("accepted", "Accepted"),
    Registration.PENDING: Shown("pending", "Pending"),
    Registration.REJECTED: Shown("rejected", "Rejected"),
}
AVAILABILITY = {
    Availability.AVAILABLE: Shown("available", "Available"),
    Availability.OCCUPIED: Shown("occupied", "Occupied"),
    Availability.RESERVED: Shown("reserved", "Reserved"),
    Availability.UNAVAILABLE: Shown("unavailable", "Unavailable"),
    Availability.FAULTED: Shown("faulted", "Faulted"),
}
# What makes Occupied finer: 1.6's own words, and ChargingStateEnumType of 2.0.1's transactions.
OCCUPIED = {
    "Preparing": Shown("preparing", "Preparing"),
    "Charging": CHARGING,
    "SuspendedEV": Shown("suspended", "Suspended by EV"),
    "SuspendedEVSE": Shown("suspended", "Suspended by EVSE"),
    "Finishing": Shown("finishing", "Finishing"),
    "EVConnected": Shown("preparing", "EV connected"),
    "Idle": Shown("finishing", "Idle"),
}
COMMAND = {
    CommandState.QUEUED: Shown("pending", "Queued"),
    CommandState.SENT: Shown("sent", "Sent"),
    CommandState.ACCEPTED: Shown("accepted", "Accepted"),
    CommandState.SCHEDULED: Shown("scheduled", "Scheduled"),
    CommandState.REJECTED: Shown("rejected", "Rejected"),
    CommandState.FAILED: Shown("failed", "Failed"),
    CommandState.UNKNOWN: Shown("unknown-end", "Unknown"),
    CommandState.UNSUPPORTED: Shown("unavailable", "Unsupported"),
    CommandState.EXPIRED: Shown("unavailable", "Expired"),
    CommandState.CANCELLED: Shown("unavailable", "Cancelled"),
}
# In which order states call for attention.
_ORDER = (
    "faulted",
    "charging",
    "suspended",
    "finishing",
    "preparing",
    "occupied",
    "reserved",
    "unavailable",
    "available",
    "unknown",
)


def of_connector(connector: Connector, charging_state: str = "") -> Shown:
    """What a connector last said of itself, made finer by the session that runs there."""
    if not connector.status:
        return OCCUPIED.get(charging_state, UNKNOWN)
    shown = AVAILABILITY.get(Availability(connector.status), UNKNOWN)
    if connector.status != Availability.OCCUPIED:
        return shown
    return OCCUPIED.get(connector.detail) or OCCUPIED.get(charging_state) or shown


def grouped(states: Iterable[Shown]) -> tuple[Group, ...]:
    """How many are in which state, what needs attention first."""
    counts: dict[Shown, int] = {}
    for state in states:
        counts[state] = counts.get(state, 0) + 1
    by_need = sorted(counts, key=lambda state: (_ORDER.index(state.status), state.word))
    return tuple(Group(state, counts[state]) for state in by_need)
