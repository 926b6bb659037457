"""Storms: when so much changes at once that rows say less than groups do.

More than 200 status changes a second, or more than 2 % of the fleet gone within a minute. Pages then show a
banner and a line for each group, and announce it once, instead of a thousand rows.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db.models import Count, Min, QuerySet

from dashboard import figures
from emobi.core import clock
from emobi.core.events import ConnectorStatusChanged, StationOffline, StationOnline
from emobi.core.models import Event, EventCounter, Network
from stations.models import Availability, Connectivity, Connector, Station

STATUS_CHANGES_PER_S = 200.0
SHARE_OF_FLEET = 0.02
WITHIN = timedelta(minutes=1)
# A few stations are no storm, however small the network is.
FEWEST = 20
# It is over when it has been calm for as long as this.
CALM = timedelta(seconds=30)
GROUPS = 5

_TYPES = (ConnectorStatusChanged.type, StationOffline.type, StationOnline.type)


class StormWatch:
    """Follows one network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._sequence: int | None = None
        self._looked_at = clock.wall()
        self._began: datetime | None = None
        self._seen_at: datetime | None = None

    def look(self, stations: int) -> Mapping[str, object]:
        """How it is now, as a live page gets it; few queries, whose cost is bounded by what changed.

        Args:
            stations: How many the network has.
        """
        now = clock.wall()
        rate = self._rate(now)
        gone = self._gone(now)
        if rate > STATUS_CHANGES_PER_S or gone > max(FEWEST, SHARE_OF_FLEET * stations):
            self._began = self._began or now
            self._seen_at = now
        elif self._seen_at is not None and now - self._seen_at > CALM:
            self._began = self._seen_at = None
        if self._began is None:
            return {"on": "", "lines": []}
        return {"on": clock.iso(self._began), "lines": self._lines(self._began, rate)}

    def _rate(self, now: datetime) -> float:
        """Status changes a second since the last look; the first has none."""
        before, seconds = self._sequence, (now - self._looked_at).total_seconds()
        newest = EventCounter.objects.filter(network=self._network).values_list("value", flat=True).first()
        self._sequence, self._looked_at = newest or 0, now
        if before is None or seconds <= 0 or before == self._sequence:
            return 0.0
        changed = Event.objects.filter(
            network=self._network, type__in=_TYPES, sequence__gt=before, sequence__lte=self._sequence
        )
        return changed.count() / seconds

    def _gone(self, now: datetime) -> int:
        return self._offline(now - WITHIN).count()

    def _offline(self, since: datetime) -> QuerySet[Station]:
        return Station.objects.filter(
            network=self._network, connectivity=Connectivity.OFFLINE, connectivity_since__gt=since
        )

    def _lines(self, began: datetime, rate: float) -> Sequence[str]:
        """A line a group, the largest first: "1 240 offline · site Depot A · since 14:01"."""
        since = began - WITHIN
        lines = [
            f"{figures.count(number)} offline · {_place(site)} · since {first:%H:%M} UTC"
            for site, number, first in self._offline(since)
            .values_list("site")
            .annotate(number=Count("pk"), first=Min("connectivity_since"))
            .order_by("-number", "site")[:GROUPS]
        ]
        faulted = (
            Connector.objects.filter(
                station__network=self._network, status=Availability.FAULTED, changed_at__gt=since
            )
            .values_list("station__vendor", "station__model")
            .annotate(number=Count("station", distinct=True), first=Min("changed_at"))
            .order_by("-number", "station__vendor")
        )
        lines += [
            f"{figures.count(number)} faulted · {f'{vendor} {model}'.strip() or 'unknown model'} · "
            f"since {first:%H:%M} UTC"
            for vendor, model, number, first in faulted[:GROUPS]
        ]
        return [*lines, f"{rate:.0f} status changes a second"]


def _place(site: str) -> str:
    return f"site {site}" if site else "no site"
