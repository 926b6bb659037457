"""What the palette finds: pages, stations, incidents, sessions, commands of the station one looks at."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db.models import Q
from django.urls import Resolver404, resolve, reverse

from dashboard import places
from dashboard.access import Access
from dashboard.commands import command_forms
from emobi.core.models import Network, Role
from sessions.models import ChargingSession
from stations.models import Incident, IncidentState, Station

MOST = 8

# Beside the rooms of the main navigation.
PAGES = (
    ("Connect a station", "dashboard:connect", Role.VIEWER),
    ("Messages, live", "dashboard:messages-live", Role.VIEWER),
    ("All commands", "dashboard:all-commands", Role.VIEWER),
    ("Bulk commands", "dashboard:bulk-commands", Role.VIEWER),
    ("Rules of incidents", "dashboard:incident-rules", Role.VIEWER),
    ("Profile", "dashboard:profile", Role.VIEWER),
    ("Password, passkeys, codes", "mfa_index", Role.VIEWER),
    ("Users and roles", "dashboard:users", Role.ADMIN),
    ("API keys and screens", "dashboard:keys", Role.ADMIN),
    ("Templates of configuration", "dashboard:config-templates", Role.VIEWER),
    ("Planned maintenance", "dashboard:maintenance-windows", Role.VIEWER),
    ("Notifications", "dashboard:notifications", Role.ADMIN),
    ("System", "dashboard:system", Role.ENGINEER),
    ("About", "dashboard:about", Role.VIEWER),
)


@dataclass(frozen=True, kw_only=True)
class Find:
    """One thing to go to."""

    kind: str
    name: str
    more: str
    href: str


def find(access: Access, text: str, here: str) -> list[Find]:
    """What ``text`` means to somebody who looks at the path ``here``; at most five queries."""
    words = text.lower().split()
    station = _looked_at(access.network, here)
    found: list[Find] = []
    if station is not None and access.may_operate:
        found += islice(_commands(access, station, text), MOST)
    found += [each for each in _pages(access) if all(word in each.name.lower() for word in words)][:MOST]
    if words:
        found += _stations(access.network, text.strip())
        found += _incidents(access.network, text.strip())
        found += _sessions(access.network, text.strip())
    return found


def _looked_at(network: Network, here: str) -> Station | None:
    """The station whose page is open, if it is one's."""
    try:
        identity = resolve(here).kwargs.get("identity")
    except Resolver404:
        return None
    return Station.objects.filter(network=network, identity=identity).first() if identity else None


def _commands(access: Access, station: Station, text: str) -> Iterator[Find]:
    for group, offers in command_forms.offers(station, access.role, text):
        for offer in offers:
            if not offer.reason:
                href = reverse("dashboard:command", args=[station.identity, offer.entry.command])
                yield Find(
                    kind="Command", name=offer.words.title, more=f"{station.identity} · {group}", href=href
                )


def _pages(access: Access) -> Iterator[Find]:
    for place in places.of(access):
        more = f"g {place.key}" if place.key else ""
        yield Find(kind="Page", name=place.name, more=more, href=reverse(place.url))
    for name, url, role in PAGES:
        if access.role.includes(role):
            yield Find(kind="Page", name=name, more="", href=reverse(url))


def _stations(network: Network, text: str) -> list[Find]:
    called = Q(identity__icontains=text) | Q(name__icontains=text)
    found = Station.objects.filter(called, network=network).order_by("identity")[:MOST]
    return [
        Find(
            kind="Station",
            name=each.identity,
            more=" ".join(filter(None, _about(each))),
            href=reverse("dashboard:station", args=[each.identity]),
        )
        for each in found
    ]


def _about(station: Station) -> tuple[str, ...]:
    return station.name, station.get_connectivity_display(), station.vendor, station.model


def _incidents(network: Network, text: str) -> list[Find]:
    """Those that aren't resolved, by a part of their title."""
    found = Incident.objects.filter(network=network, title__icontains=text).exclude(
        state=IncidentState.RESOLVED
    )
    return [
        Find(
            kind="Incident",
            name=each.title,
            more=each.get_severity_display(),
            href=reverse("dashboard:incident", args=[each.pk]),
        )
        for each in found.order_by("-pk")[:MOST]
    ]


def _sessions(network: Network, text: str) -> list[Find]:
    """By an id said in full: of the session, or the station's own of the transaction."""
    found = (
        ChargingSession.objects.filter(Q(pk=text) | Q(transaction_id=text), network=network)
        .select_related("station")
        .order_by("-started_at")[:MOST]
    )
    return [
        Find(
            kind="Session",
            name=each.transaction_id or each.pk,
            more=f"{each.station.identity}, EVSE {each.evse_id}",
            href=reverse("dashboard:charging-session", args=[each.pk]),
        )
        for each in found
    ]
