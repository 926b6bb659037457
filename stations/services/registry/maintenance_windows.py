"""Planned maintenance: begun and ended by a sweep, through the switch that an operator has (`registration`).

    planned ── its time has come ──► running ── its end has come, or somebody ends it ──► over
       └────── taken back ─────────► cancelled

A window ends the maintenance that it has begun, and no other: of a station that was in maintenance already,
or that another window still covers, it isn't its to end.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from emobi.core.services import audit
from stations import selectors
from stations.models import MaintenanceWindow, Station, WindowState
from stations.services.registry import registration

log = logging.getLogger(__name__)

ACTOR = "system:maintenance"
# Each is switched by itself, all in one transaction.
MOST_STATIONS = 2000
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


def newest(network: Network) -> QuerySet[MaintenanceWindow]:
    """Those of a network, the newest first."""
    return MaintenanceWindow.objects.filter(network=network).order_by("-pk")


def end(window: MaintenanceWindow, *, by: str, address: str | None = None) -> bool:
    """Take back one that hasn't begun, end one that runs; False if it is over already."""
    with unit_of_work.begin():
        locked = MaintenanceWindow.objects.select_for_update(no_key=True).get(pk=window.pk)
        if locked.state not in (WindowState.PLANNED, WindowState.RUNNING):
            return False
        running = locked.state == WindowState.RUNNING
        if running:
            _switch_off(locked)
        locked.state = WindowState.OVER if running else WindowState.CANCELLED
        locked.save(update_fields=["state", "switched"])
        action = "maintenance_window.ended" if running else "maintenance_window.cancelled"
        audit.record(locked.network_id, by, action, _target(locked), {"id": locked.pk}, address)
    window.refresh_from_db()
    return True


def sweep() -> None:
    """Begin and end what is due. Safe to run any time."""
    now = clock.now()
    due = MaintenanceWindow.objects.filter(state=WindowState.PLANNED, begins_at__lte=now)
    over = MaintenanceWindow.objects.filter(state=WindowState.RUNNING, ends_at__lte=now)
    for window_id in [*due.values_list("pk", flat=True), *over.values_list("pk", flat=True)]:
        try:
            _go_on(window_id)
        except Exception:
            # Our own fault with one of them is no reason to leave the others.
            log.exception("maintenance window %s can't go on", window_id)


def _go_on(window_id: str) -> None:
    with unit_of_work.begin():
        locked_now = MaintenanceWindow.objects.select_for_update(skip_locked=True, no_key=True)
        window = locked_now.filter(pk=window_id).first()
        if window is None:
            return
        now = clock.now()
        if window.state == WindowState.PLANNED and window.begins_at <= now:
            # One that was slept through switches nothing.
            window.state = WindowState.RUNNING
            if window.ends_at > now:
                _switch_on(window)
        if window.state == WindowState.RUNNING and window.ends_at <= now:
            window.state = WindowState.OVER
            _switch_off(window)
        window.save(update_fields=["state", "covers", "switched"])


def _switch_on(window: MaintenanceWindow) -> None:
    stations = Station.objects.filter(network=window.network_id).order_by("pk")
    meant = {"site": window.site} if window.site else {"identity__in": window.identities}
    found = list(stations.filter(**meant)[:MOST_STATIONS])
    window.covers = [station.pk for station in found]
    off = [station for station in found if not station.maintenance]
    window.switched = [station.pk for station in off]
    for station in off:
        registration.change(station, {"maintenance": True}, by=ACTOR)


def _switch_off(window: MaintenanceWindow) -> None:
    others = MaintenanceWindow.objects.select_for_update(no_key=True).filter(
        network=window.network_id, state=WindowState.RUNNING, ends_at__gt=clock.now()
    )
    left = set(window.switched)
    for other in others.exclude(pk=window.pk).order_by("pk"):
        taken_over = left & set(other.covers)
        if taken_over:
            left -= taken_over
            other.switched = sorted({*other.switched, *taken_over})
            other.save(update_fields=["switched"])
    for station in Station.objects.filter(pk__in=left, maintenance=True).order_by("pk"):
        registration.change(station, {"maintenance": False}, by=ACTOR)
    window.switched = []


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
