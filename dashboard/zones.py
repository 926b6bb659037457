"""The time zone of whoever looks. Everything is kept in UTC; only what people read is turned."""

from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.http import HttpRequest

from emobi.core.models import Preferences
from emobi.core.models.preferences import BROWSER

# In which `time.js` says what zone the browser is in.
COOKIE = "zone"


def of(request: HttpRequest, preferences: Preferences) -> ZoneInfo:
    """The zone that somebody chose, their browser's if they chose that; UTC where none is known."""
    chosen = preferences.zone
    return _named(request.COOKIES.get(COOKIE, "") if chosen == BROWSER else chosen)


@lru_cache(maxsize=600)
def _named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
