"""How much the stations of a network may draw now, as far as that is known.

Of each station the least counts of what its EVSEs say that they can deliver (2.0.1's variable Power), its
ChargingStationMaxProfile, and limits that others set for all of it. A station of which none is known could
draw anything: then there is no limit of the network.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from emobi.core import clock
from emobi.core.models import Network
from sessions import charging_abilities, limit_timelines
from sessions.limit_timelines import Held, Limit, Window
from sessions.models import InstalledProfile
from stations.commands.charging_profiles import ProfilePurpose, RateUnit
from stations.models import Registration, Station, Variable

_PURPOSES = (ProfilePurpose.STATION_MAX, ProfilePurpose.EXTERNAL_CONSTRAINTS)
_PHASES = 3


@dataclass(frozen=True, slots=True)
class Known:
    """Of how many stations a limit is known, of how many there are, and what those come to."""

    stations: int
    of: int
    watts: Decimal

    @property
    def whole_kw(self) -> float | None:
        """The limit of the network; None where a station's isn't known."""
        return float(self.watts) / 1000 if self.of and self.stations == self.of else None

    @property
    def words(self) -> str:
        """What is known, as a finding says it."""
        if self.whole_kw is not None:
            return f"at most {self.whole_kw:,.1f} kW"
        if not self.stations:
            return "no limit is known"
        return f"a limit is known of {self.stations:,} of {self.of:,} stations: {self.watts / 1000:,.1f} kW"


def known(network: Network) -> Known:
    """What is known now; three queries."""
    of = Station.objects.filter(network=network, registration=Registration.ACCEPTED).count()
    limits: dict[int, list[Decimal]] = defaultdict(list)
    for station, rated in _rated(network).items():
        limits[station].append(rated)
    for station, watts in _profiles(network):
        limits[station].append(watts)
    return Known(stations=len(limits), of=of, watts=sum(map(min, limits.values()), Decimal(0)))


def _rated(network: Network) -> dict[int, Decimal]:
    """What the EVSEs of a station can deliver together."""
    said = Variable.objects.filter(
        station__network=network, station__registration=Registration.ACCEPTED, component="EVSE",
        variable="Power", attribute="Actual", evse_id__gt=0, connector_id=None,
    )  # fmt: skip
    found: dict[int, Decimal] = defaultdict(Decimal)
    for each in said.only("station_id", "characteristics"):
        rating = charging_abilities.rating(each)
        if rating is not None:
            found[each.station_id] += rating
    return found


def _profiles(network: Network) -> Iterator[tuple[int, Decimal]]:
    """What profiles and external limits for the whole of a station allow now, one by one."""
    rows = InstalledProfile.objects.filter(
        station__network=network,
        station__registration=Registration.ACCEPTED,
        purpose__in=_PURPOSES,
        evse_id=0,
    )
    held: dict[int, list[Held]] = defaultdict(list)
    for row in rows:
        held[row.station_id].append(Held(evse_id=0, profile=row.profile))
    now = Window(since=clock.now(), length_s=1, began_s=0)
    for station, profiles in held.items():
        for purpose in _PURPOSES:
            for limit in limit_timelines.of_purpose(profiles, purpose, 0, now).at(0):
                yield station, _watts(limit)


def _watts(limit: Limit) -> Decimal:
    rate = Decimal(str(limit.period.limit))
    if limit.unit == RateUnit.WATT:
        return rate
    return rate * settings.EMOBI_GRID_VOLTAGE_V * (limit.period.number_phases or _PHASES)
