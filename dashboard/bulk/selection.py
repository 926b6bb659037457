"""Which stations something is done with: those that were picked, or all that a filter finds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.db.models import Count, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict

from dashboard.stations import station_list
from dashboard.stations.station_filter import StationFilter
from emobi.core.models import Network
from stations.models import Connectivity, Registration, Station

# The names of so many come with a form; more are found by their filter.
MOST_PICKED = 2000
NOTHING_CHOSEN = "Choose stations first"


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What was chosen, as forms carry it along.

    Attributes:
        picked: Identities.
        query: Of the list's URL.
        is_all: Not those that were picked, but all that ``query`` finds. It is said: whoever picked nothing
            has not chosen a whole network.
    """

    picked: Sequence[str]
    query: str
    is_all: bool

    @classmethod
    def read(cls, sent: QueryDict) -> "Selection":
        """From a form."""
        picked = [name for name in sent.getlist("station") if "\0" not in name][:MOST_PICKED]
        is_all = bool(sent.get("all"))
        return cls(picked=[] if is_all else picked, query=sent.get("query", "")[:2000], is_all=is_all)

    @property
    def is_empty(self) -> bool:
        """Nothing was chosen: there is nothing to do, and that is said (`NOTHING_CHOSEN`)."""
        return not self.is_all and not self.picked

    @property
    def filter(self) -> StationFilter:
        """The list's filter."""
        return StationFilter.read(dict(parse_qsl(self.query.removeprefix("?"))) | {"after": ""})

    def stations(self, network: Network) -> QuerySet[Station]:
        """Those that are meant, by identity."""
        if self.is_all:
            found = station_list.bare(network, self.filter)
        else:
            found = Station.objects.filter(network=network, identity__in=self.picked)
        return found.annotate(sort_key=Lower("identity")).order_by("sort_key")


@dataclass(frozen=True, kw_only=True)
class Eligibility:
    """What will become of a command to these stations.

    Attributes:
        ready: They are connected and get it at once.
        away: They aren't, and get it when they connect in time.
        unsupported: Their version of OCPP can't say it.
        refused: They aren't accepted: they may be asked nothing.
    """

    total: int
    ready: int
    away: int
    unsupported: int
    refused: int


def eligibility(stations: QuerySet[Station], versions: Sequence[str]) -> Eligibility:
    """Count them. One query."""
    kinds = stations.order_by().values_list("registration", "connectivity", "ocpp_version")
    counts: Mapping[tuple[str, str, str], int] = {
        (registration, connectivity, version): number
        for registration, connectivity, version, number in kinds.annotate(number=Count("pk"))
    }
    ready = away = unsupported = refused = 0
    for (registration, connectivity, version), number in counts.items():
        if registration == Registration.REJECTED:
            refused += number
        elif version and version not in versions:
            unsupported += number
        elif connectivity == Connectivity.ONLINE:
            ready += number
        else:
            away += number
    return Eligibility(
        total=sum(counts.values()), ready=ready, away=away, unsupported=unsupported, refused=refused
    )
