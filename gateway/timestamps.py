"""Times as stations write them. For what we write to them there is `emobi.core.clock.iso`.

OCPP asks for RFC 3339. Stations leave out the zone, the minutes of the offset or the seconds, and count
fractions to the tenth of a microsecond.
"""

from datetime import UTC, datetime

from emobi.core import checks


def read(text: object) -> datetime | None:
    """The moment that ``text`` names, in UTC; without a zone it is taken for UTC.

    None for what is no time, and for one that no clock that works can have said: 1970, the year 200000.
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    sane = checks.sane_time(moment)
    return None if sane is None else sane.astimezone(UTC)
