"""What there is to tell becomes notifications: from incidents by their routes, and from whoever asks for it.

Events are read in the order of their commits, by a cursor that is moved together with what comes of them, so
that each is told once; two readers at once do the work of one.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from emobi.core import clock, events, ulid, unit_of_work
from emobi.core.errors import Invalid
from emobi.core.events import Subject
from emobi.core.models import Event, EventCounter, Network
from emobi.core.walls import apart
from stations import notifications
from stations.models import (
    Channel,
    Incident,
    IncidentState,
    IncidentStation,
    Notification,
    NotificationReader,
    NotificationRoute,
    RaisedNotification,
    Severity,
)
from stations.services.notifications.routes import checked_address

PORTION = 200
WORDS = {
    events.IncidentOpened.type: "opened",
    events.IncidentEscalated.type: "got worse",
    events.IncidentResolved.type: "resolved",
}

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def tell(
    network: Network,
    subject: str,
    text: str,
    *,
    cause: str,
    key: str = "",
    route: NotificationRoute | None = None,
    recipients: Sequence[str] = (),
    severity: str = Severity.INFO,
    path: str = "",
) -> int:
    """Tell people something, in the open unit of work; how many are told that weren't before.

    Idempotent by ``key``: a recipient is told the same once, and a route raises one event of it.

    Args:
        network: Whose.
        subject: In one line; control characters are taken out.
        text: As plain text, of any length.
        cause: What it is about, as ``incident:ID`` or ``playbook_run:ID``.
        key: What makes two of them the same; "": the cause with the subject.
        route: Its recipients, its quiet hours and digest.
        recipients: E-mail addresses, beside the route's.
        severity: Critical ones don't wait.
        path: Of the page about it.

    Raises:
        Invalid: If a recipient is no e-mail address.
        emobi.core.unit_of_work.NoUnitOfWork: If none is open.
    """
    unit_of_work.current()
    now = clock.now()
    subject = one_line(subject)[:200]
    told = [checked_address(each) for each in recipients]
    if route is not None and route.channel == Channel.EMAIL:
        told += route.recipients
    rows = [
        Notification(
            id=ulid.new(),
            network=network,
            route=route,
            recipient=recipient,
            severity=severity,
            subject=subject,
            text=text[:20_000],
            path=path[:300],
            cause=cause[:100],
            key=(key or f"{cause} {subject}")[:200],
            due_at=notifications.due_at(route, severity, now),
            created_at=now,
        )
        for recipient in dict.fromkeys(told)
    ]
    if route is not None and route.channel == Channel.WEBHOOK:
        what = (key or f"{cause} {subject}")[:200]
        _, is_new = RaisedNotification.objects.get_or_create(route=route, key=what, defaults={"at": now})
        if is_new:
            _raise_event(network, route, subject, text, severity, cause)
    before = Notification.objects.filter(network=network, key__in={row.key for row in rows}).count()
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    after = Notification.objects.filter(network=network, key__in={row.key for row in rows}).count()
    return after - before


def try_out(route: NotificationRoute, *, by: str) -> int:
    """Tell a route's recipients, at once, that it works; how many they are."""
    with unit_of_work.begin():
        return tell(
            route.network,
            f"Test of the route {route.name}",
            f"This route works. {by} asked for this message.",
            cause=f"route:{route.pk}",
            key=f"test {ulid.new()}",
            route=route,
            # Neither quiet hours nor a digest hold a test.
            severity=Severity.CRITICAL,
        )


def _raise_event(
    network: Network, route: NotificationRoute, subject: str, text: str, severity: str, cause: str
) -> None:
    events.record(
        Subject(network_id=network.pk),
        events.NotificationRaised(
            route_id=route.pk, route=route.name, severity=severity, subject=subject, text=text, cause=cause
        ),
    )


def address_of(person: User) -> str:
    """Where letters to somebody go: their address, or their login where that is one; else ""."""
    for address in (person.email, person.get_username()):
        try:
            return checked_address(address)
        except Invalid:
            continue
    return ""


def one_line(text: str) -> str:
    """``text`` fit for a header: whoever wrote it, it is one line and no more."""
    return " ".join(_CONTROL.sub(" ", text).split())


def read_all() -> None:
    """Read what is new in all networks that have routes, and remind people. Safe to run any time."""
    behind = NotificationReader.objects.filter(network__event_counter__value__gt=F("sequence")).values_list(
        "network_id", flat=True
    )
    for network_id in behind:
        with apart(network_id, "notifications"):
            while _read(network_id):
                pass
    for route in NotificationRoute.objects.filter(enabled=True, remind_s__gt=0).select_related("network"):
        with apart(route.network_id, "reminders"):
            _remind(route)


def _read(network_id: int) -> bool:
    """Read a portion; whether there may be more."""
    with unit_of_work.begin():
        reader = (
            NotificationReader.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
            .select_related("network")
            .filter(network_id=network_id)
            .first()
        )
        if reader is None:
            return False
        last = EventCounter.objects.filter(network_id=network_id).values_list("value", flat=True).first() or 0
        found = list(
            Event.objects.filter(
                network_id=network_id, type__in=WORDS, sequence__gt=reader.sequence, sequence__lte=last
            ).order_by("sequence")[:PORTION]
        )
        routes = list(NotificationRoute.objects.filter(network_id=network_id, enabled=True).order_by("pk"))
        for event in found if routes else ():
            _tell_incident(reader.network, routes, event)
        reader.sequence = found[-1].sequence if len(found) == PORTION else last
        reader.save(update_fields=["sequence"])
    return len(found) == PORTION


def _tell_incident(network: Network, routes: Iterable[NotificationRoute], event: Event) -> None:
    data = event.data
    affected = IncidentStation.objects.filter(incident_id=data["incident_id"])
    places = list(affected.values_list("station__site", "station__tags")[:10_000])
    sites = {site for site, _ in places if site}
    tags = {tag for _, its in places for tag in its}
    over = event.type == events.IncidentResolved.type
    if over and data.get("resolution") == "merged":
        return
    for route in routes:
        # A new route is told of what happens from then on.
        if event.time < route.created_at or (over and not route.on_resolved):
            continue
        if notifications.concerns(route, data, sites, tags):
            word = WORDS[event.type]
            tell_of_incident(network, route, data["incident_id"], data, word, key=f"event:{event.pk}")


def tell_of_incident(
    network: Network, route: NotificationRoute, incident_id: str, data: Mapping[str, Any], word: str, key: str
) -> None:
    """Tell a route's people what has become of an incident, once by ``key``; ``data`` as in its events."""
    tell(
        network,
        _subject(data, word),
        _text(data, word),
        cause=f"incident:{incident_id}",
        key=f"incident:{incident_id} {key}",
        route=route,
        severity=data["severity"],
        path=_path(incident_id),
    )


def _remind(route: NotificationRoute) -> None:
    """Tell again of critical incidents that nobody has acknowledged."""
    now = clock.now()
    begun = Incident.objects.annotate(since=Coalesce("reopened_at", "opened_at"))
    waiting = begun.filter(
        Q(snoozed_until=None) | Q(snoozed_until__lt=now),
        network=route.network,
        state=IncidentState.OPEN,
        severity=Severity.CRITICAL,
        since__lte=now - timedelta(seconds=route.remind_s),
    )
    for incident in waiting.prefetch_related("affected__station"):
        stations = [row.station for row in incident.affected.all()]
        data = {"severity": incident.severity, "kind": incident.kind}
        sites = {station.site for station in stations if station.site}
        if not notifications.concerns(
            route, data, sites, {tag for station in stations for tag in station.tags}
        ):
            continue
        time_ = int((now - incident.begun_at).total_seconds() // route.remind_s)
        # An incident that began again is reminded of from the first time on.
        key = f"incident:{incident.pk} reminder {route.pk} {incident.begun_at:%s} {time_}"
        if _is_told(route, key):
            continue
        with unit_of_work.begin():
            tell(
                route.network,
                f"[{incident.severity}] not acknowledged: {incident.title}",
                f"{incident.summary}\n\nOpen since {incident.begun_at:%Y-%m-%d %H:%M} UTC.",
                cause=f"incident:{incident.pk}",
                key=key,
                route=route,
                severity=incident.severity,
                path=_path(incident.pk),
            )


def _is_told(route: NotificationRoute, key: str) -> bool:
    if route.channel == Channel.WEBHOOK:
        return RaisedNotification.objects.filter(route=route, key=key).exists()
    return Notification.objects.filter(network=route.network_id, key=key).exists()


def _subject(data: Mapping[str, Any], word: str) -> str:
    return f"[{data['severity']}] {word}: {data['title']}"


def _text(data: Mapping[str, Any], word: str) -> str:
    named = [str(identity) for identity in data["identities"]]
    more = data["stations"] - len(named[:20])
    lines = [
        f"Incident {word}: {data['title']}",
        data["summary"] or "",
        f"Severity: {data['severity']}. Began: {data['began_at']}.",
    ]
    if named:
        shown = ", ".join(named[:20]) + (f" and {more} more" if more > 0 else "")
        lines.append(f"Stations ({data['stations']}): {shown}")
    if data.get("resolution"):
        lines.append(f"Resolved {data['resolved_at']}, {data['resolution'].replace('_', ' ')}.")
    return "\n".join(line for line in lines if line)


def _path(incident_id: str) -> str:
    return f"/incidents/{incident_id}/"
