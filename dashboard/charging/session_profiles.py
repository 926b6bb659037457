"""The charging profiles in force for a session that runs, and what they come to now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from dashboard import figures
from dashboard.station.profiles import Row
from emobi.core import clock
from sessions import charging_abilities, held_profiles
from sessions.charging_abilities import Abilities
from sessions.held_profiles import Composite
from sessions.models import ChargingSession, InstalledProfile, SessionState
from stations.commands.charging_profiles import RateUnit


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the profiles at a session's station."""

    session: ChargingSession
    rows: Sequence[InstalledProfile]
    running: Sequence[ChargingSession]
    abilities: Abilities

    def composite(self, since: datetime, duration_s: int) -> Composite:
        """What all of them come to at the session's EVSE, in W."""
        return held_profiles.composite_of(
            self.session.station, self.rows, self.running,
            evse_id=self.session.evse_id or 0, since=since, duration_s=duration_s, unit=RateUnit.WATT,
            abilities=self.abilities,
        )  # fmt: skip


def known(session: ChargingSession) -> Known | None:
    """None: it is over, or its EVSE isn't known. The station's profiles are those that we know of."""
    if session.state != SessionState.ACTIVE or not session.evse_id:
        return None
    return Known(
        session=session,
        rows=list(held_profiles.rows(session.station)),
        running=held_profiles.active(session.station),
        abilities=charging_abilities.of(session.station),
    )


@dataclass(frozen=True, kw_only=True)
class InForce:
    """What limits a session now.

    Attributes:
        limit: Of all profiles together, with its unit; "" where none limits it.
        untold: Who limits it beside them, by an amount that the station doesn't tell.
    """

    rows: Sequence[Row]
    limit: str
    untold: Sequence[str]


def in_force(found: Known) -> InForce:
    """Those that limit the session now. No query."""
    now = clock.wall()
    here = [
        row
        for row in held_profiles.held(found.rows, found.running)
        if row.evse_id in (0, found.session.evse_id) and _lasts(row.valid_from, row.valid_to, now)
    ]
    composite = found.composite(now, 60)
    limit = composite.periods[0].limit if composite.periods else None
    return InForce(
        rows=[Row(profile=row, held=True) for row in here],
        limit="" if limit is None else figures.power(float(limit)),
        untold=composite.untold,
    )


def _lasts(since: datetime | None, until: datetime | None, now: datetime) -> bool:
    return (since is None or since <= now) and (until is None or now < until)
