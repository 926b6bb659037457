"""Where one can go: the main navigation, and the keys after ``g`` that lead there.

A room adds a line. Who may not go there isn't shown it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dashboard.access import Access
from dashboard.incidents import incident_rows
from emobi.core.models import Role


@dataclass(frozen=True, kw_only=True)
class Place:
    """One room's first page."""

    section: str
    """What the room's pages call themselves in their context's ``section``."""
    name: str
    url: str
    """The name of its URL."""
    key: str = ""
    """After ``g``; "" has none."""
    role: Role = Role.VIEWER
    """Whose it is at least."""
    count: Callable[[int], int] | None = None
    """How many things there wait for somebody, in the network of that id: one query, cheap."""


# In the order of the navigation. Letters that are kept for rooms: o overview, s stations,
# m messages, c charging sessions, f firmware, i incidents, p playbooks, w webhooks, r reports.
PLACES: tuple[Place, ...] = (
    Place(section="overview", name="Overview", url="dashboard:overview", key="o"),
    Place(section="stations", name="Stations", url="dashboard:stations", key="s"),
    Place(
        section="incidents",
        name="Incidents",
        url="dashboard:incidents",
        key="i",
        count=incident_rows.open_count,
    ),
    Place(section="messages", name="Messages", url="dashboard:messages", key="m"),
    Place(section="sessions", name="Sessions", url="dashboard:charging-sessions", key="c"),
    Place(section="playbooks", name="Playbooks", url="dashboard:playbooks", key="p"),
    Place(section="firmware", name="Firmware", url="dashboard:firmware-store", key="f"),
    Place(section="webhooks", name="Webhooks", url="dashboard:webhooks", key="w"),
    Place(section="reports", name="Reports", url="dashboard:reports", key="r"),
    Place(section="audit", name="Audit", url="dashboard:audit", role=Role.AUDITOR),
    Place(section="settings", name="Settings", url="dashboard:profile"),
)


def waiting(network_id: int) -> dict[str, str]:
    """How many things wait in each room that counts them, as live pages get it."""
    return {place.section: str(place.count(network_id)) for place in PLACES if place.count is not None}


def of(access: Access) -> list[Place]:
    """Where somebody may go."""
    return [place for place in PLACES if access.role.includes(place.role)]
