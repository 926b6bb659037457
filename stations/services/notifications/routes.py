"""Routes: made, changed, deleted, and what is wrong with them."""

from collections.abc import Mapping
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import EventCounter, Network
from emobi.core.services import audit
from stations.models import Channel, IncidentKind, NotificationReader, NotificationRoute, Severity

MOST_ROUTES = 100
MOST_RECIPIENTS = 50
MOST_WORDS = 100
LONGEST_WAIT_S = 7 * 86_400

NO_MAIL_SERVER = "No mail server is set (EMOBI_EMAIL_URL): e-mails wait, for three days."

FIELDS = (
    "name",
    "channel",
    "recipients",
    "severities",
    "kinds",
    "sites",
    "tags",
    "on_resolved",
    "quiet_from",
    "quiet_to",
    "time_zone",
    "digest_s",
    "remind_s",
    "enabled",
)


def problem(route: NotificationRoute) -> str | None:
    """Why nobody is told by this route now; None: they are."""
    if not route.enabled:
        return "It is switched off."
    if route.channel == Channel.EMAIL and not settings.EMOBI_EMAIL_URL:
        return NO_MAIL_SERVER
    return None


def find(network: Network, route_id: str) -> NotificationRoute:
    """One of a network's routes.

    Raises:
        NotFound: If it has none of that id.
    """
    found = NotificationRoute.objects.filter(network=network, pk=route_id).first()
    if found is None:
        raise NotFound("There is no such route.")
    return found


def create(
    network: Network, fields: Mapping[str, Any], *, by: str, address: str | None = None
) -> NotificationRoute:
    """Add a route. It is told of what happens from now on.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If there is one of that name, or very many.
    """
    route = NotificationRoute(
        id=ulid.new(), network=network, created_at=clock.now(), created_by=by[:200], **fields
    )
    _check(route)
    with unit_of_work.begin():
        if NotificationRoute.objects.filter(network=network).count() >= MOST_ROUTES:
            raise Conflict(f"A network has up to {MOST_ROUTES} routes.")
        counter = EventCounter.objects.filter(network=network).first()
        NotificationReader.objects.get_or_create(
            network=network, defaults={"sequence": counter.value if counter else 0}
        )
        _save(route, force_insert=True)
        audit.record(network.pk, by, "notification_route.created", route.name, _told(route), address)
    return route


def change(
    route: NotificationRoute, fields: Mapping[str, Any], *, by: str, address: str | None = None
) -> NotificationRoute:
    """Change what is given.

    Raises:
        Invalid: If a value can't be taken.
        Conflict: If another one has the name.
    """
    with unit_of_work.begin():
        found = NotificationRoute.objects.select_for_update(no_key=True).get(pk=route.pk)
        before = _told(found)
        for name, value in fields.items():
            setattr(found, name, value)
        _check(found)
        _save(found)
        after = _told(found)
        detail = {name: {"from": before[name], "to": after[name]} for name in fields}
        audit.record(found.network_id, by, "notification_route.changed", found.name, detail, address)
    return found


def delete(route: NotificationRoute, *, by: str, address: str | None = None) -> None:
    """Delete it. What waits to be told by it is told."""
    with unit_of_work.begin():
        audit.record(route.network_id, by, "notification_route.deleted", route.name, _told(route), address)
        route.delete()


def checked_address(text: str, field: str = "recipients") -> str:
    """An e-mail address that a letter can go to, given in this field.

    Raises:
        Invalid: If it is none: a line break in it would be a header of its own.
    """
    cleaned = text.strip()
    try:
        validate_email(cleaned)
    except ValidationError:
        raise Invalid(f"{text[:64]!r} is no e-mail address.", field) from None
    return cleaned


def _save(route: NotificationRoute, *, force_insert: bool = False) -> None:
    try:
        with transaction.atomic():
            route.save(force_insert=force_insert)
    except IntegrityError as error:
        if "notification_route_name_once" not in str(error):
            raise
        raise Conflict(f"There is a route {route.name} already.") from error


def _check(route: NotificationRoute) -> None:
    route.name = route.name.strip()
    if not route.name or not route.name.isprintable() or len(route.name) > 80:
        raise Invalid("Give it a name, of up to 80 characters.", "name")
    if route.channel not in Channel.values:
        raise Invalid(f"One of {', '.join(Channel.values)}.", "channel")
    route.recipients = list(dict.fromkeys(checked_address(each) for each in route.recipients))
    if route.channel == Channel.EMAIL and not 0 < len(route.recipients) <= MOST_RECIPIENTS:
        raise Invalid(f"Name recipients, up to {MOST_RECIPIENTS}.", "recipients")
    for name, known in (("severities", Severity.values), ("kinds", IncidentKind.values)):
        strange = [each for each in getattr(route, name) if each not in known]
        if strange:
            raise Invalid(f"{strange[0][:64]!r}: one of {', '.join(known)}.", name)
    for name in ("sites", "tags"):
        words = getattr(route, name)
        if len(words) > MOST_WORDS or any(not 0 < len(word) <= 120 for word in words):
            raise Invalid(f"Up to {MOST_WORDS}, of up to 120 characters.", name)
    _check_times(route)


def _check_times(route: NotificationRoute) -> None:
    if (route.quiet_from is None) != (route.quiet_to is None):
        raise Invalid("Quiet hours have a begin and an end.", "quiet_to")
    try:
        ZoneInfo(route.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Invalid(
            f"{route.time_zone[:64]!r} is no time zone; one is Europe/Berlin.", "time_zone"
        ) from None
    for name in ("digest_s", "remind_s"):
        if not 0 <= getattr(route, name) <= LONGEST_WAIT_S:
            raise Invalid("Up to seven days.", name)
    if 0 < route.remind_s < 300:
        raise Invalid("At least 300 s, or 0 for never.", "remind_s")


def _told(route: NotificationRoute) -> dict[str, object]:
    told: dict[str, object] = {}
    for name in FIELDS:
        value = getattr(route, name)
        told[name] = value.isoformat("minutes") if isinstance(value, time) else value
    return told
