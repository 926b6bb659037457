"""Planned maintenance: begun and ended by a sweep, through the switch that an operator has (`registration`).

    planned ── its time has come ──► running ── its end has come, or somebody ends it ──► over
       └────── taken back ─────────► cancelled

A window ends the maintenance that it has begun, and no other: of a station that was in maintenance already,
or that another window still covers, it isn't its to end.

Stations are switched in portions, a transaction each: what a station tells isn't to wait for two thousand
others. Until it has gone through all of them a window is planned still, with the stations that it covers so
far; and one that is over keeps those that it is still to end. Who is interrupted goes on there.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations import selectors
from stations.models import MaintenanceWindow, Station, WindowState
from stations.services.registry import registration

log = logging.getLogger(__name__)

ACTOR = "system:maintenance"
MOST_STATIONS = 2000
# Stations that one transaction switches, each by itself: their rows are locked until its commit.
PORTION = 50
LONGEST = timedelta(days=90)
MOST_OPEN = 500


def plan(
    network: Network,
    *,
    site: str = "",
    identities: Sequence[str] = (),
    begins_at: datetime,
    ends_at: datetime,
    reason: str,
    by: str,
    address: str | None = None,
) -> MaintenanceWindow:
    """Plan maintenance of a site, or of stations by identity. One that has begun already begins at once.

    Raises:
        Invalid: If it is for nobody or too many, too long, over, without a reason, or an identity is none.
        Conflict: If as many are planned as may be.
    """
    site, reason = site.strip(), reason.strip()
    if not reason:
        raise Invalid("Say what is done there.", "reason")
    if ends_at <= begins_at:
        raise Invalid("It must end after it begins.", "ends_at")
    if ends_at <= clock.now():
        raise Invalid("That is over already.", "ends_at")
    if ends_at - begins_at > LONGEST:
        raise Invalid(f"At most {LONGEST.days} days.", "ends_at")
    if bool(site) == bool(identities):
        raise Invalid("Name a site, or stations, and not both.", "site")
    if len(identities) > MOST_STATIONS:
        raise Invalid(f"At most {MOST_STATIONS} stations.", "identities")
    named = [station.identity for station in selectors.named(network, identities)]
    if site and not Station.objects.filter(network=network, site=site).exists():
        raise Invalid("No station is at that site.", "site")
    if _open(network).count() >= MOST_OPEN:
        raise Conflict(f"A network has up to {MOST_OPEN} windows that aren't over.")
    with unit_of_work.begin():
        made = MaintenanceWindow.objects.create(
            id=ulid.new(),
            network=network,
            site=site[:120],
            identities=named,
            begins_at=begins_at,
            ends_at=ends_at,
            reason=reason[:300],
            author=by[:200],
        )
        audit.record(network.pk, by, "maintenance_window.planned", _target(made), _told(made), address)
    return made


def find(network: Network, window_id: str) -> MaintenanceWindow:
    """A window of the network.

    Raises:
        NotFound: If it has none of that id.
    """
    found = MaintenanceWindow.objects.filter(network=network, pk=window_id).first()
    if found is None:
        raise NotFound("There is no such maintenance window.")
    return found


def newest(
    network: Network,
    *,
    state: str | None = None,
    site: str | None = None,
    station: Station | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
) -> QuerySet[MaintenanceWindow]:
    """Those of a network, the newest first.

    Args:
        network: The network.
        state: As `WindowState`.
        site: That of the window.
        station: One that they are for; until they begin, by its identity and the site that it has now.
        since: They last until then, or longer, as planned.
        until: They begin before then.
        before: Older than the window of this id.
    """
    exact = {"state": state, "site": site, "ends_at__gt": since, "begins_at__lt": until, "pk__lt": before}
    found = MaintenanceWindow.objects.filter(network=network)
    found = found.filter(**{field: wanted for field, wanted in exact.items() if wanted is not None})
    if station is not None:
        meant = Q(identities__contains=[station.identity])
        if station.site:
            meant |= Q(site=station.site)
        to_begin = Q(state=WindowState.PLANNED) | Q(covers=[])
        found = found.filter(Q(covers__contains=[station.pk]) | to_begin & meant)
    return found.order_by("-pk")


def end(window: MaintenanceWindow, *, by: str, address: str | None = None) -> bool:
    """Take back one that hasn't begun, end one that runs; False if it is over already."""
    with unit_of_work.begin():
        locked = MaintenanceWindow.objects.select_for_update(no_key=True).get(pk=window.pk)
        if locked.state not in (WindowState.PLANNED, WindowState.RUNNING):
            return False
        begun = locked.state == WindowState.RUNNING or bool(locked.covers)
        locked.state = WindowState.OVER if begun else WindowState.CANCELLED
        locked.save(update_fields=["state"])
        action = "maintenance_window.ended" if begun else "maintenance_window.cancelled"
        audit.record(locked.network_id, by, action, _target(locked), {"id": locked.pk}, address)
    _go_on(window.pk)
    window.refresh_from_db()
    return True


def sweep() -> None:
    """Begin and end what is due. Safe to run any time."""
    now = clock.now()
    to_begin = Q(state=WindowState.PLANNED, begins_at__lte=now)
    to_end = Q(state=WindowState.RUNNING, ends_at__lte=now) | Q(state=WindowState.OVER) & ~Q(switched=[])
    ids = [
        window_id
        for due in (to_begin, to_end)
        for window_id in MaintenanceWindow.objects.filter(due).order_by("pk").values_list("pk", flat=True)
    ]
    for window_id in ids:
        try:
            _go_on(window_id)
        except Exception:
            # Our own fault with one of them is no reason to leave the others.
            log.exception("maintenance window %s can't go on", window_id)


def _go_on(window_id: str) -> None:
    """Do all that is due with it, unless somebody else is at it."""
    while _take_portion(window_id):
        pass


def _take_portion(window_id: str) -> bool:
    """Whether there is more to do at once."""
    with unit_of_work.begin():
        locked_now = MaintenanceWindow.objects.select_for_update(skip_locked=True, no_key=True)
        window = locked_now.filter(pk=window_id).first()
        if window is None:
            return False
        now = clock.now()
        more = False
        if window.state in (WindowState.PLANNED, WindowState.RUNNING) and window.ends_at <= now:
            # One that was slept through has switched nothing.
            window.state = WindowState.OVER
        if window.state == WindowState.PLANNED and window.begins_at <= now:
            more = _switch_on(window)
        elif window.state == WindowState.OVER:
            more = _switch_off(window)
        window.save(update_fields=["state", "covers", "switched"])
    return more


def _switch_on(window: MaintenanceWindow) -> bool:
    """Begin the next stations' maintenance; whether there may be more of them. After the last it runs."""
    meant = {"site": window.site} if window.site else {"identity__in": window.identities}
    stations = Station.objects.filter(
        network=window.network_id, pk__gt=max(window.covers, default=0), **meant
    )
    portion = min(PORTION, MOST_STATIONS - len(window.covers))
    found = list(stations.order_by("pk")[:portion])
    off = [station for station in found if not station.maintenance]
    window.covers = [*window.covers, *(station.pk for station in found)]
    window.switched = [*window.switched, *(station.pk for station in off)]
    for station in off:
        registration.change(station, {"maintenance": True}, by=ACTOR)
    if len(found) == PORTION:
        return True
    window.state = WindowState.RUNNING
    return False


def _switch_off(window: MaintenanceWindow) -> bool:
    """End the next stations' maintenance, or leave it to another window; whether there are more of them."""
    left = set(window.switched[:PORTION])
    window.switched = window.switched[PORTION:]
    others = MaintenanceWindow.objects.select_for_update(no_key=True).filter(
        # Also one that has begun with some of its stations.
        network=window.network_id,
        state__in=[WindowState.PLANNED, WindowState.RUNNING],
        ends_at__gt=clock.now(),
    )
    for other in others.exclude(pk=window.pk).exclude(covers=[]).order_by("pk"):
        taken_over = left & set(other.covers)
        if taken_over:
            left -= taken_over
            other.switched = sorted({*other.switched, *taken_over})
            other.save(update_fields=["switched"])
    for station in Station.objects.filter(pk__in=left, maintenance=True).order_by("pk"):
        registration.change(station, {"maintenance": False}, by=ACTOR)
    return bool(window.switched)


def _open(network: Network) -> QuerySet[MaintenanceWindow]:
    return newest(network).filter(state__in=[WindowState.PLANNED, WindowState.RUNNING])


def _target(window: MaintenanceWindow) -> str:
    return (window.site or ", ".join(window.identities))[:255]


def _told(window: MaintenanceWindow) -> dict[str, object]:
    return {
        "id": window.pk,
        "from": clock.iso(window.begins_at),
        "to": clock.iso(window.ends_at),
        "reason": window.reason,
    }
