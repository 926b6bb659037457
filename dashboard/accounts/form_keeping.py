"""A form that was sent after its session had ended: kept through signing in, to be sent then."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest

from emobi.core import clock

KEY = "kept_form"
# In characters. What is longer isn't typed.
LARGEST = 100_000
KEPT_FOR = timedelta(hours=1)
# What no session is to know.
_NEVER = ("password", "secret", "csrfmiddlewaretoken")


def keep(request: HttpRequest) -> bool:
    """Keep what was sent, but for files and passwords; False if there is too much of it."""
    fields = [
        [name, str(value)]
        for name, values in request.POST.lists()
        for value in values
        if not any(each in name.lower() for each in _NEVER)
    ]
    if sum(len(name) + len(value) for name, value in fields) > LARGEST:
        return False
    request.session[KEY] = {
        "to": request.get_full_path(),
        "fields": fields,
        "files": sorted(request.FILES),
        "at": clock.iso(clock.wall()),
    }
    return True


def of(request: HttpRequest) -> dict[str, Any] | None:
    """What was kept within the hour: ``to``, a path of ours; ``fields``, with values; ``files``, names."""
    kept: dict[str, Any] | None = request.session.get(KEY)
    oldest = clock.iso(clock.wall() - KEPT_FOR) or ""
    return kept if kept is not None and kept["at"] > oldest else None


def forget(request: HttpRequest) -> None:
    """Throw it away."""
    request.session.pop(KEY, None)
