"""Times as stations write them. For what we write to them there is `emobi.core.clock.iso`.

OCPP asks for RFC 3339. Stations leave out the zone, the minutes of the offset or the seconds, and count
fractions to the tenth of a microsecond.
"""

from datetime import UTC, datetime
from functools import lru_cache

from emobi.core import checks

# What is longer is no time, and not to be kept.
_LONGEST = 100

# Clocks that were never set begin at 1970, 1980 or 2000, and no station of OCPP 1.6 is older than this.
_EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)


def read(text: object) -> datetime | None:
    """The moment that ``text`` names, in UTC; without a zone it is taken for UTC.

    None for what is no time, and for one that no clock that was set can have said: 1970, 2000, the
    year 200000.
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
    return None if sane is None or sane < _EARLIEST else sane.astimezone(UTC)
