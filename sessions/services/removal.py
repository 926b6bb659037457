"""A station leaves its network for good."""

from emobi.core import unit_of_work
from emobi.core.errors import Conflict
from sessions.models import ChargingSession
from stations.models import Station
from stations.services.registry import registration


def remove(station: Station, *, with_history: bool, by: str, address: str | None = None) -> None:
    """Delete a station, and with it what it said of itself: variables, commands, sessions, meter values.

    Its events, its OCPP messages and the audit log stay, by their own retention. Its socket is closed; when
    it comes back it is unknown.

    Args:
        station: Which one.
        with_history: Delete its charging sessions too. They may be needed for a bill, so it has to be said.
        by: Who does it, as in the audit log.
        address: Where the request came from.

    Raises:
        Conflict: If it has charging sessions, and ``with_history`` isn't given.
    """
    with unit_of_work.begin():
        if not with_history and ChargingSession.objects.filter(station=station).exists():
            raise Conflict(
                f"{station.identity} has charging sessions. Delete it with history=true and they go too, "
                "or keep it with its registration rejected."
            )
        registration.unregister(station, by=by, address=address)
