"""What stands in the way of a reservation, for its form to say before it is sent.

A station keeps a place from the moment in which it agrees: whatever stands there now is in the same time.
"""

from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Q

from dashboard import figures
from dashboard.commands.command_fields import Asked
from emobi.core import clock
from stations import selectors
from stations.models import Reservation, Station

COMMAND = "reserve"
# More aren't told of.
MOST = 5


def standing(station: Station, filled: Mapping[str, str]) -> Sequence[Reservation]:
    """The newest reservations where one is asked for, one more than is told: one query.

    Everywhere, as long as no EVSE is chosen; one for any EVSE may be used up at each.
    """
    found = selectors.reservations(station, active=True).filter(expires_at__gt=clock.wall())
    evse_id = _evse_id(filled)
    if evse_id:
        found = found.filter(Q(evse_id=evse_id) | Q(evse_id=None))
    return list(found[: MOST + 1])


def told(asked: Asked) -> str:
    """Who has the place until when, and whether somebody charges there."""
    said = [*_reserved(asked), *_charging(asked)]
    there = " there" if _evse_id(asked.filled) else ""
    return " ".join(said) or f"No session runs{there} now, and nothing is reserved{there}."


def _reserved(asked: Asked) -> Iterator[str]:
    number = asked.filled.get("reservation_id", "").strip()
    for each in asked.reserved[:MOST]:
        place = f"EVSE {each.evse_id}" if each.evse_id else "One EVSE, whichever,"
        whose = f"for {figures.masked(each.id_token)} until {figures.local(each.expires_at)}"
        if str(each.reservation_id) == number:
            yield f"It replaces reservation {number}: {place} {whose}."
        else:
            yield f"{place} is reserved already, {whose} (reservation {each.reservation_id})."
    if len(asked.reserved) > MOST:
        yield "There are more reservations."


def _charging(asked: Asked) -> Iterator[str]:
    """Sessions where a place is asked for; one may be anywhere if its EVSE isn't known."""
    evse_id = _evse_id(asked.filled)
    running = [each for each in asked.running if not evse_id or each.evse_id in (evse_id, 0, None)]
    for session in running[:MOST]:
        where = f"at EVSE {session.evse_id}" if session.evse_id else "at an EVSE that isn't known"
        yield f"A session runs {where}."
    if len(running) > MOST:
        yield f"{len(running) - MOST} more sessions run."


def _evse_id(filled: Mapping[str, str]) -> int | None:
    """The one that is chosen; None or 0: any. A form that is shown as JSON doesn't say."""
    text = filled.get("evse_id", "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
