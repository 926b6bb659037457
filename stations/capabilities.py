"""What a station can do, derived: what its version has words for, and what it has shown to do."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q

from stations.commands import catalogue
from stations.models import Command, CommandState, Station

WORKED = (CommandState.ACCEPTED, CommandState.SCHEDULED)
REFUSED = (CommandState.REJECTED, CommandState.FAILED, CommandState.UNSUPPORTED)


@dataclass(frozen=True, kw_only=True)
class Capability:
    """One command of the catalogue.

    Attributes:
        in_version: Whether the version that the station spoke last has words for it; None: it never spoke.
        worked_at: When the station last did it, by our clock.
        refused_at: When it last refused it, or couldn't.
    """

    in_version: bool | None
    worked_at: datetime | None = None
    refused_at: datetime | None = None


def of(station: Station) -> dict[str, Capability]:
    """By command; one query."""
    seen = {
        name: (worked_at, refused_at)
        for name, worked_at, refused_at in Command.objects.filter(station=station)
        .values("name")
        .annotate(
            worked_at=Max("ended_at", filter=Q(state__in=WORKED)),
            refused_at=Max("ended_at", filter=Q(state__in=REFUSED)),
        )
        .values_list("name", "worked_at", "refused_at")
    }
    capabilities = {}
    for name, entry in catalogue.ENTRIES.items():
        worked_at, refused_at = seen.get(name, (None, None))
        in_version = station.ocpp_version in entry.versions if station.ocpp_version else None
        capabilities[name] = Capability(in_version=in_version, worked_at=worked_at, refused_at=refused_at)
    return capabilities
