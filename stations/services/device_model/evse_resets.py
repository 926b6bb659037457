"""Whether the reset of one EVSE shows (OCPP 2.0.1, use cases B11 and B12).

No boot follows it. The station may say that the EVSE is out of service meanwhile (B11.FR.08), and then what
it is after that; or it says anew what it is, as after a boot, though nothing has changed.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from stations.models import Availability, Station
from stations.reports import StatusReport
from stations.services.commanding import following
from stations.services.commanding.awaited import RESET_REASONS, Effect


def reported(station: Station, report: StatusReport, status: str, *, before: str, since: datetime) -> None:
    """Tell of a status that was reported, to who waits for a reset. No query where nobody does.

    Args:
        station: Whose.
        report: What was said.
        status: The connector's from now on.
        before: The connector's status before, "" for none.
        since: When it became that, by our clock.
    """
    if not following.awaits(station, Effect.EVSE_RESET):
        return
    back = before == Availability.UNAVAILABLE and status != Availability.UNAVAILABLE
    again = status == before and not following.was_triggered(station, "StatusNotification")

    def shows(like: Mapping[str, Any]) -> bool:
        asked_at = datetime.fromisoformat(like["asked_at"])
        return like["evse_id"] == report.evse_id and (back or (again and since < asked_at))

    facts = {"connector_id": report.connector_id, "status": status}
    following.seen_where(station, Effect.EVSE_RESET, shows, facts)


def booted(station: Station, reason: str | None) -> None:
    """A station that restarts as a whole resets each of its EVSEs."""
    if reason in RESET_REASONS:
        following.seen_where(station, Effect.EVSE_RESET, lambda _like: True, {"reason": reason})
