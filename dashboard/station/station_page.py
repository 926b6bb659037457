"""What every tab of a station's page shows of it: its head, and what it was asked last."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from dashboard import zones
from dashboard.access import Access
from dashboard.commands import command_lives
from dashboard.commands.command_lives import Life
from dashboard.found import or_404
from dashboard.station import evse_cards, tabs
from dashboard.station.evse_cards import EvseCard
from dashboard.station.tabs import Tab
from dashboard.stations import station_rows
from dashboard.stations.station_rows import StationRow
from emobi.core.models import Network
from sessions import selectors as charging
from sessions.models import ChargingSession
from stations import incidents, selectors
from stations.models import Station

# How many sessions are shown, the newest first.
SESSIONS = 50
INCIDENTS = 5

# The security profiles of OCPP, in words. Source: security whitepaper, edition 3, table 2.
PROFILES = {
    0: "no password",
    1: "password, not encrypted",
    2: "password over TLS",
    3: "client certificate over TLS",
}


@dataclass(frozen=True, kw_only=True)
class Now:
    """What of a station changes while one looks at it, whatever the tab."""

    row: StationRow
    lives: list[Life]
    running: list[ChargingSession]

    @property
    def station(self) -> Station:
        return self.row.station

    @property
    def shapes(self) -> dict[str, str]:
        """What has to be drawn anew when it changes, by the part of the page."""
        station = self.station
        return {
            "commands": command_lives.shape_of(self.lives),
            self.row.key: f"{station.registration}/{station.maintenance}/{bool(drift(station))}",
        }


def now(network: Network, identity: str, watcher: User | None = None) -> Now:
    """A station as it is; four queries. With a ``watcher`` its head knows their star.

    Raises:
        NotFound: If the network has none of that identity.
    """
    return of(selectors.station(network, identity, watcher))


def of(station: Station) -> Now:
    """The same for a station that came with its connection and connectors; two queries."""
    running = charging.active_sessions([station.pk])[station.pk]
    return Now(
        row=station_rows.of_one(station, running), lives=command_lives.recent(station), running=running
    )


def find(access: Access, identity: str, *, watched: bool = False) -> Now:
    """A station of the network that is looked at; what is shown from here on is in its zone, if so chosen.

    With ``watched`` its head knows the star of whoever looks.

    Raises:
        Http404: If the network has none of that identity.
    """
    found = or_404(now, access.network, identity, access.user if watched else None)
    zones.enter(access.preferences, found.station)
    return found


def cards(now: Now) -> list[EvseCard]:
    """Its connectors with what their meters said last; one query where something runs."""
    return evse_cards.of(now.station, now.running)


def newest_sessions(station: Station) -> Sequence[ChargingSession]:
    """Its newest sessions."""
    return list(ChargingSession.objects.filter(station=station).order_by("-pk")[:SESSIONS])


def shape_of(sessions: Sequence[ChargingSession]) -> str:
    """Changes when their list has to be drawn anew."""
    return " ".join(f"{session.pk}/{session.state}" for session in sessions)


def shape_by(told: Iterable[str]) -> str:
    """A short name of what is told: another one where anything of it is other."""
    return f"{zlib.crc32(chr(0).join(told).encode()):08x}"


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


def context(now: Now, access: Access, tab: Tab) -> dict[str, Any]:
    """What the templates of every tab find."""
    station = now.station
    return {
        "now": now,
        "station": station,
        "row": now.row,
        "connection": station_rows.connection_of(station),
        "profile": profile(station),
        "drift": drift(station),
        "shape": now.shapes[now.row.key],
        "tab": tab,
        "tabs": tabs.links(station, access.role, tab),
        "speaks": not station.ocpp_version or station.ocpp_version in tab.versions,
        "watched": selectors.is_watched(station),
        "incidents": list(incidents.unresolved_of(station)[:INCIDENTS]),
        "section": "stations",
    }


def read(access: Access, identity: str, tab: Tab) -> tuple[Station, dict[str, Any]]:
    """A station of the network that is looked at, and what every tab shows of it.

    Raises:
        Http404: If the network has none of that identity.
    """
    found = find(access, identity, watched=True)
    return found.station, context(found, access, tab)
