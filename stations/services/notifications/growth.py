"""Incidents grow to places whose people haven't heard of them: they are told what the others were told.

Needs no event of its own: what an incident takes, and who was told of it, are rows.
"""

from collections.abc import Iterable

from django.db.models import Exists, Max, OuterRef, Q

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from emobi.core.walls import apart
from stations import notifications
from stations.models import (
    Channel,
    Incident,
    IncidentEntry,
    IncidentState,
    Notification,
    NotificationReader,
    NotificationRoute,
    RaisedNotification,
)
from stations.services.notifications import telling

# Lines of a timeline that say that there are more stations than there were.
GREW = ("grew", "took_in", "reopened")
MOST_NAMED = 50


def tell_all() -> None:
    """Tell who has to hear of what has grown, in all networks. Safe to run any time, and twice at once."""
    for_places = NotificationRoute.objects.filter(enabled=True).exclude(Q(sites=[]) & Q(tags=[]))
    networks = for_places.order_by().values_list("network_id", flat=True).distinct()
    for network_id in list(networks):
        with apart(network_id, "incidents that have grown"):
            _tell(network_id, list(for_places.filter(network_id=network_id).order_by("pk")))


def _tell(network_id: int, routes: Iterable[NotificationRoute]) -> None:
    with unit_of_work.begin():
        # Whoever holds it reads the events of their openings, or has read them.
        held = NotificationReader.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
        reader = held.select_related("network").filter(network_id=network_id).first()
        if reader is None:
            return
        grown = IncidentEntry.objects.filter(incident=OuterRef("pk"), what__in=GREW)
        found = list(
            Incident.objects.filter(Exists(grown), network=network_id)
            .exclude(state=IncidentState.RESOLVED)
            .order_by("pk")
        )
        # An opening that isn't read yet tells its people first: the next look is early enough for the others.
        unread = Event.objects.filter(
            network_id=network_id, type__in=telling.WORDS, sequence__gt=reader.sequence
        )
        if found and unread.exists():
            return
        for incident in found:
            _tell_one(reader.network, incident, routes)


def _tell_one(network: Network, incident: Incident, routes: Iterable[NotificationRoute]) -> None:
    grown = incident.entries.filter(what__in=GREW).aggregate(at=Max("at"))["at"]
    since = incident.begun_at
    told = set(
        Notification.objects.filter(
            network=network, cause=f"incident:{incident.pk}", created_at__gte=since
        ).values_list("recipient", flat=True)
    )
    waiting = [route for route in routes if route.created_at <= grown and not _is_told(route, incident, told)]
    if not waiting:
        return
    stations = list(
        incident.affected.filter(recovered_at=None)
        .order_by("pk")
        .values_list("station__identity", "station__site", "station__tags")[:10_000]
    )
    data = {
        "severity": incident.severity,
        "kind": incident.kind,
        "title": incident.title,
        "summary": incident.summary,
        "began_at": clock.iso(incident.first_at),
        "stations": len({identity for identity, _, _ in stations}),
        "identities": list(dict.fromkeys(identity for identity, _, _ in stations))[:MOST_NAMED],
    }
    sites, tags = {site for _, site, _ in stations}, {tag for _, _, its in stations for tag in its}
    for route in waiting:
        if notifications.concerns(route, data, sites, tags):
            telling.tell_of_incident(
                network, route, incident.pk, data, "has grown", key=f"has grown {incident.occurrences}"
            )


def _is_told(route: NotificationRoute, incident: Incident, told: set[str]) -> bool:
    if route.channel != Channel.WEBHOOK:
        return told.issuperset(route.recipients)
    raised = RaisedNotification.objects.filter(route=route, at__gte=incident.begun_at)
    return raised.filter(key__startswith=f"incident:{incident.pk} ").exists()
