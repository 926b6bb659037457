"""Spans that don't count in the uptime: added and withdrawn by people, with their reasons; never changed."""

from datetime import datetime

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.services import audit
from stations.models import OutageExclusion, Station


def add(
    station: Station,
    *,
    evse_id: int | None,
    from_at: datetime,
    to_at: datetime,
    reason: str,
    by: str,
    address: str | None = None,
) -> OutageExclusion:
    """Have a span not count, for one EVSE or (None) the whole station.

    Raises:
        Invalid: If it has no length, or no reason is given.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it doesn't count.", "reason")
    if to_at <= from_at:
        raise Invalid("It must end after it begins.", "to")
    with unit_of_work.begin():
        made = OutageExclusion.objects.create(
            network_id=station.network_id,
            station=station,
            identity=station.identity,
            evse_id=evse_id or 0,
            from_at=from_at,
            to_at=to_at,
            reason=reason[:500],
            author=by[:200],
            created_at=clock.now(),
        )
        audit.record(station.network_id, by, "outage_exclusion.added", station.identity, _told(made), address)
    return made


def withdraw(
    station: Station, exclusion_id: int, *, reason: str, by: str, address: str | None = None
) -> OutageExclusion:
    """Have it count again from now on; that it didn't stays in the ledger.

    Raises:
        NotFound: If the station has no such exclusion.
        Invalid: If no reason is given.
        Conflict: If it was withdrawn before.
    """
    reason = reason.strip()
    if not reason:
        raise Invalid("Say why it counts after all.", "reason")
    with unit_of_work.begin():
        locked = OutageExclusion.objects.select_for_update(no_key=True)
        found = locked.filter(station=station, pk=exclusion_id).first()
        if found is None:
            raise NotFound("There is no such exclusion.")
        if found.withdrawn_at is not None:
            raise Conflict("It was withdrawn before.")
        found.withdrawn_at = clock.now()
        found.withdrawn_by = by[:200]
        found.withdrawn_reason = reason[:500]
        found.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
        detail = _told(found) | {"withdrawn": reason}
        audit.record(station.network_id, by, "outage_exclusion.withdrawn", found.identity, detail, address)
    return found


def _told(exclusion: OutageExclusion) -> dict[str, object]:
    return {
        "exclusion_id": exclusion.pk,
        "evse_id": exclusion.evse_id or None,
        "from": clock.iso(exclusion.from_at),
        "to": clock.iso(exclusion.to_at),
        "reason": exclusion.reason,
    }
