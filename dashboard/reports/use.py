"""Utilisation, as the pages show it: occupied beside charging, by weekday and hour."""

from collections import Counter
from dataclasses import dataclass

from django.utils import timezone

from dashboard import figures, plots
from dashboard.reports.periods import Period
from emobi.core.models import Network
from sessions import utilisation
from sessions.utilisation import WeekHour
from stations.models import Station


@dataclass(frozen=True, kw_only=True)
class Use:
    """Of all EVSEs together, as far as the time is over.

    Attributes:
        occupied: Share of the time with a charging session, by weekday and hour of whoever looks.
        charging: The same, of the time in which energy flowed.
        whole_s: How long all EVSEs were there, added up; so are the others.
        untold_s: Of ``occupied_s``, of which no reading tells whether energy flowed.
        peak_w: The most at once, each session taken at its mean power; None: none brought energy.
    """

    occupied: plots.HeatMap
    charging: plots.HeatMap
    whole_s: float
    occupied_s: float
    charging_s: float
    untold_s: float
    peak_w: float | None

    @property
    def occupied_percent(self) -> float | None:
        """None: there was no EVSE."""
        return _percent(self.occupied_s, self.whole_s)

    @property
    def charging_percent(self) -> float | None:
        """None: there was no EVSE, or no session tells."""
        if self.occupied_s and self.untold_s >= self.occupied_s:
            return None
        return _percent(self.charging_s, self.whole_s)

    @property
    def untold_percent(self) -> float | None:
        return _percent(self.untold_s, self.occupied_s)


def read(network: Network, shown: Period, station: Station | None = None) -> Use:
    """Of a network, or of one of its stations. Three queries."""
    end = min(shown.end, max(shown.complete_to, shown.begin))
    spent = utilisation.spent(network, shown.begin, end, timezone.get_current_timezone(), station)
    shares = [_shares(part, spent.whole) for part in (spent.occupied, spent.charging)]
    top = max((value for row in shares[0] for value in row if value is not None), default=0.0)
    told = not spent.occupied or spent.untold.total() < spent.occupied.total()
    return Use(
        occupied=_heat("Occupied, by weekday and hour", shares[0], top),
        charging=_heat("Charging, by weekday and hour", shares[1] if told else [[None] * 24] * 7, top),
        whole_s=spent.whole.total(),
        occupied_s=spent.occupied.total(),
        charging_s=spent.charging.total(),
        untold_s=spent.untold.total(),
        peak_w=utilisation.peak(network, shown.begin, shown.end, station),
    )


def _shares(spent: Counter[WeekHour], whole: Counter[WeekHour]) -> list[list[float | None]]:
    return [[_percent(spent[day, hour], whole[day, hour]) for hour in range(24)] for day in range(1, 8)]


def _percent(part: float, whole: float) -> float | None:
    # Sessions that a station never ended may overlap.
    return min(100.0, 100 * part / whole) if whole else None


def _heat(caption: str, values: list[list[float | None]], top: float) -> plots.HeatMap:
    return plots.HeatMap(
        caption=caption,
        unit="%",
        values=values,
        digits=0 if top >= 10 else 1,
        top=top,
        zone_word=figures.zone(),
    )
