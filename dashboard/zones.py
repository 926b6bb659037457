"""The time zone of whoever looks. Everything is kept in UTC; only what people read is turned."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest
from django.utils import timezone

from emobi.core.models import Preferences
from emobi.core.models.preferences import BROWSER, STATION
from stations.models import Station

# In which `time.js` says what zone the browser is in.
COOKIE = "zone"


def of(request: HttpRequest, preferences: Preferences) -> ZoneInfo:
    """The zone that somebody chose, their browser's if they chose that; UTC where none is known.

    So too for who chose each station's: pages about none in particular are in UTC (`enter`).
    """
    chosen = preferences.zone
    return _named(request.COOKIES.get(COOKIE, "") if chosen == BROWSER else chosen)


def enter(preferences: Preferences, station: Station) -> None:
    """From here on what the request shows is in the zone of the station, if that was chosen and is known."""
    if preferences.zone == STATION and station.zone:
        timezone.activate(_named(station.zone))


@lru_cache(maxsize=600)
def _named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
