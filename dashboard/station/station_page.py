"""Everything that a station's page shows of it."""

from dataclasses import dataclass

from dashboard.commands import command_lives
from dashboard.commands.command_lives import Life
from dashboard.station import evse_cards
from dashboard.station.evse_cards import EvseCard
from dashboard.stations import station_rows
from dashboard.stations.station_rows import StationRow
from emobi.core.models import Network
from sessions import selectors as charging
from sessions.models import ChargingSession
from stations import selectors
from stations.models import Deviation, Station

SESSIONS = 8
DEVIATIONS = 20

# The security profiles of OCPP, in words. Source: security whitepaper, edition 3, table 2.
PROFILES = {
    0: "no password",
    1: "password, not encrypted",
    2: "password over TLS",
    3: "client certificate over TLS",
}


@dataclass(frozen=True, kw_only=True)
class Now:
    """What of a station changes while one looks at it."""

    row: StationRow
    cards: list[EvseCard]
    lives: list[Life]
    running: list[ChargingSession]
    sessions: list[ChargingSession]

    @property
    def station(self) -> Station:
        return self.row.station

    @property
    def shapes(self) -> dict[str, str]:
        """What has to be drawn anew when it changes, by the part of the page."""
        station = self.station
        return {
            "evses": evse_cards.shape_of(self.cards),
            "commands": command_lives.shape_of(self.lives),
            "sessions": " ".join(f"{session.pk}/{session.state}" for session in self.sessions),
            self.row.key: f"{station.registration}/{station.maintenance}/{bool(drift(station))}",
        }


def now(network: Network, identity: str) -> Now:
    """A station as it is; six queries.

    Raises:
        NotFound: If the network has none of that identity.
    """
    return of(selectors.station(network, identity))


def of(station: Station) -> Now:
    """The same for a station that came with its connection and connectors; four queries."""
    running = charging.active_sessions([station.pk])[station.pk]
    return Now(
        row=station_rows.of_one(station, running),
        cards=evse_cards.of(station, running),
        lives=command_lives.recent(station),
        running=running,
        sessions=list(ChargingSession.objects.filter(station=station).order_by("-pk")[:SESSIONS]),
    )


def deviations(station: Station) -> list[Deviation]:
    """In which ways its messages differ from OCPP, the most frequent first."""
    return list(selectors.deviations(station)[:DEVIATIONS])


def drift(station: Station) -> str:
    """How far its clock is off, if that is worth telling; "" if not."""
    skew = station.clock_skew_s
    if skew is None or abs(skew) <= 10:
        return ""
    return f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} ours"


def profile(station: Station) -> str:
    """The security profile of its newest connection, in words."""
    connection = station_rows.connection_of(station)
    number = connection.security_profile if connection else station.profile
    return f"{number}: {PROFILES.get(number, 'unknown')}"
