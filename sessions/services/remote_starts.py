"""Sessions that came of a remote start, told to whoever follows the command."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from emobi.core import clock
from sessions.models import ChargingSession
from stations.models import Station
from stations.services.commanding import following
from stations.services.commanding.awaited import Effect

# A start that happened so long ago by the station's clock was kept while it was offline: it is older than
# any command that is followed. Clocks are wrong; by more than this they are told to be.
RECENTLY = timedelta(minutes=10)


def tell(station: Station, session: ChargingSession, *, at: datetime | None, offline: bool) -> None:
    """Tell of a session that has started, or of which it is known only now what started it.

    Args:
        station: Where it runs.
        session: As it is known by now.
        at: When it started, by the station's clock.
        offline: Whether the station says that it was offline then.
    """
    if not following.awaits(station, Effect.SESSION_START):
        return
    is_new = not offline and _recent(station, at)
    facts = {
        "session_id": session.pk,
        "transaction_id": session.transaction_id,
        "evse_id": session.evse_id,
        "connector_id": session.connector_id,
    }
    following.seen_where(
        station, Effect.SESSION_START, lambda like: _came_of(session, like, is_new=is_new), facts
    )


def _came_of(session: ChargingSession, asked: Mapping[str, Any], *, is_new: bool) -> bool:
    """By the command's own number; in 1.6, which has none, by the token, the EVSE and the time."""
    if "remote_start_id" in asked:
        return session.remote_start_id is not None and session.remote_start_id == asked["remote_start_id"]
    return (
        is_new
        and session.id_token.casefold() == asked["id_token"].casefold()
        and asked["evse_id"] in (None, session.evse_id)
    )


def _recent(station: Station, at: datetime | None) -> bool:
    if at is None:
        return True
    ours = at - timedelta(seconds=station.clock_skew_s or 0)
    return clock.now() - ours < RECENTLY
