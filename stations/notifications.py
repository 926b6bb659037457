"""When somebody is told: pure rules of routes. The clock is passed in."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from stations.models import NotificationRoute, Severity

# Within `WINDOW` a recipient gets so many letters; what is more comes together, a letter every `PAUSE`.
MOST_LETTERS = 5
WINDOW = timedelta(minutes=15)
PAUSE = timedelta(minutes=5)


def concerns(
    route: NotificationRoute, incident: Mapping[str, Any], sites: Collection[str], tags: Collection[str]
) -> bool:
    """Whether a route lets an incident through.

    Args:
        route: Which.
        incident: The data of an incident's event.
        sites: Those of the stations that it takes.
        tags: Theirs.
    """
    if not route.enabled:
        return False
    if route.severities and incident["severity"] not in route.severities:
        return False
    if route.kinds and incident["kind"] not in route.kinds:
        return False
    if not route.sites and not route.tags:
        return True
    return bool({*route.sites} & {*sites} or {*route.tags} & {*tags})


def due_at(route: NotificationRoute | None, severity: str, now: datetime) -> datetime:
    """When it is to be told: critical at once, others after the digest's time and the quiet hours."""
    if route is None or severity == Severity.CRITICAL:
        return now
    return after_quiet_hours(route, now + timedelta(seconds=route.digest_s))


def after_quiet_hours(route: NotificationRoute, moment: datetime) -> datetime:
    """``moment``, or the end of the quiet hours that it lies in, by the clocks of their zone."""
    if route.quiet_from is None or route.quiet_to is None or route.quiet_from == route.quiet_to:
        return moment
    local = moment.astimezone(ZoneInfo(route.time_zone))
    overnight = route.quiet_from > route.quiet_to
    after_begin, before_end = local.time() >= route.quiet_from, local.time() < route.quiet_to
    if not (after_begin or before_end if overnight else after_begin and before_end):
        return moment
    day = local.date() + timedelta(days=1) if overnight and after_begin else local.date()
    return datetime.combine(day, route.quiet_to, local.tzinfo).astimezone(moment.tzinfo)


def retry_after(failures: int) -> timedelta:
    """How long to wait after so many failures, 1 or more."""
    steps = (30, 120, 600, 1800)
    return timedelta(seconds=steps[failures - 1] if failures <= len(steps) else 3600)


# A letter that is as old as this is given up.
GIVE_UP_AFTER = timedelta(days=3)
