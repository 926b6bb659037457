"""The whole network in four figures."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Sum

from dashboard import figures
from dashboard.statuses import Shown
from sessions.models import ChargingSession, SessionState
from stations.models import Availability, Connectivity, Connector, Station


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """How a network is doing. A silent station is neither online nor offline: a probe is under way."""

    stations: int
    online: int
    silent: int
    offline: int
    never: int
    charging: int
    power_w: Decimal
    faulted: int

    @property
    def values(self) -> dict[str, object]:
        """The figures, as a live page gets them."""
        return {
            "online": self.online_figure,
            "online_more": self.online_share,
            "charging": figures.count(self.charging),
            "charging_more": figures.power(self.power_w),
            "faulted": self.faults.value,
            "faulted_more": self.faulted_more,
            "offline": figures.count(self.offline),
            "offline_more": self.offline_more,
            "stations": str(self.stations),
        }

    @property
    def online_figure(self) -> str:
        return f"{figures.count(self.online)} / {figures.count(self.stations)}"

    @property
    def online_share(self) -> str:
        return f"{100 * self.online / self.stations:.1f} %" if self.stations else "no station yet"

    @property
    def faults(self) -> Shown:
        """Faulted EVSEs; a fault shows by its shape too."""
        return Shown("faulted" if self.faulted else "none", figures.count(self.faulted))

    @property
    def faulted_more(self) -> str:
        return "as last reported" if self.faulted else "none"

    @property
    def offline_more(self) -> str:
        others = ((self.silent, "silent"), (self.never, "never connected"))
        return (
            " · ".join(f"{figures.count(number)} {word}" for number, word in others if number)
            or "none silent"
        )


def read(network_id: int) -> Fleet:
    """Count a network; three queries."""
    by_connectivity = dict(
        Station.objects.filter(network=network_id)
        .order_by()
        .values_list("connectivity")
        .annotate(stations=Count("pk"))
    )
    flowing = ChargingSession.objects.filter(
        network=network_id, state=SessionState.ACTIVE, charging_state="Charging"
    ).aggregate(sessions=Count("pk"), power_w=Sum("power_w"))
    faulted = (
        Connector.objects.filter(station__network=network_id, status=Availability.FAULTED, evse_id__gt=0)
        .values("station", "evse_id")
        .distinct()
        .count()
    )
    return Fleet(
        stations=sum(by_connectivity.values()),
        online=by_connectivity.get(Connectivity.ONLINE, 0),
        silent=by_connectivity.get(Connectivity.SILENT, 0),
        offline=by_connectivity.get(Connectivity.OFFLINE, 0),
        never=by_connectivity.get(Connectivity.NEVER, 0),
        charging=flowing["sessions"],
        power_w=flowing["power_w"] or Decimal(0),
        faulted=faulted,
    )
