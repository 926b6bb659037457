"""Times as stations write them. For what we write to them there is `emobi.core.clock.iso`.

OCPP asks for RFC 3339. Stations leave out the zone, the minutes of the offset or the seconds, and count
fractions to the tenth of a microsecond.
"""

from datetime import UTC, datetime
from functools import lru_cache

from emobi.core import checks

# What is longer is no time, and not to be kept.
_LONGEST = 100


def read(text: object) -> datetime | None:
    """The moment that ``text`` names, in UTC; without a zone it is taken for UTC.

    None for what is no time, and for one that no clock that works can have said: 1970, the year 200000.
    """
    return _read(text) if isinstance(text, str) and len(text) <= _LONGEST else None


# A message says one time in several places.
@lru_cache(maxsize=256)
def _read(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip().upper())
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    sane = checks.sane_time(moment)
    return None if sane is None else sane.astimezone(UTC)
