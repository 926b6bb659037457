"""`/notification-routes` and `/notifications`: who is told of incidents, how, and what became of it."""

from datetime import datetime, time
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import Time, body
from emobi.core.models import Role
from stations.models import (
    Channel,
    IncidentKind,
    LetterState,
    Notification,
    NotificationRoute,
    Severity,
)
from stations.services.notifications import routes, telling

router = Router(tags=["notifications"])
of_notifications = Router(tags=["notifications"])

Name = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*\S[^\x00-\x1f\x7f]*$")]
Words = Annotated[list[Annotated[str, Field(min_length=1, max_length=120)]], Field(max_length=100)]
Addresses = Annotated[
    list[Annotated[str, Field(max_length=254)]], Field(max_length=50, description="E-mail addresses.")
]
# As clocks on the wall say it.
TimeOfDay = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
Zone = Annotated[str, Field(min_length=1, max_length=64, examples=["Europe/Berlin"])]
Seconds = Annotated[int, Field(ge=0, le=routes.LONGEST_WAIT_S)]
_ShownTime = Annotated[
    time,
    PlainSerializer(lambda value: value.isoformat("minutes"), return_type=str),
    WithJsonSchema({"type": "string", "examples": ["22:00"]}),
]


class RouteIn(BaseModel):
    """A new route. Empty lists let everything through."""

    model_config = body(
        {"name": "On call", "recipients": ["noc@example.org"], "severities": ["critical", "major"]},
        {"name": "To our chat", "channel": "webhook"},
    )

    name: Name
    channel: Channel = Channel.EMAIL
    recipients: Addresses = []
    severities: list[Severity] = []
    kinds: list[IncidentKind] = []
    sites: Words = []
    tags: Words = []
    on_resolved: bool = True
    quiet_from: TimeOfDay | None = None
    quiet_to: TimeOfDay | None = None
    time_zone: Zone = "UTC"
    digest_s: Seconds = 0
    remind_s: Seconds = 0
    enabled: bool = True


class RouteChanges(BaseModel):
    """What is to be different."""

    model_config = body({"enabled": False}, {"quiet_from": "22:00", "quiet_to": "07:00"})

    name: Name | None = None
    channel: Channel | None = None
    recipients: Addresses | None = None
    severities: list[Severity] | None = None
    kinds: list[IncidentKind] | None = None
    sites: Words | None = None
    tags: Words | None = None
    on_resolved: bool | None = None
    quiet_from: TimeOfDay | None = Field(None, description="null: no quiet hours.")
    quiet_to: TimeOfDay | None = None
    time_zone: Zone | None = None
    digest_s: Seconds | None = None
    remind_s: Seconds | None = None
    enabled: bool | None = None


class RouteOut(BaseModel):
    """Who is told of which incidents."""

    id: str
    name: str
    channel: Channel
    recipients: list[str]
    severities: list[str] = Field(description="Empty: all.")
    kinds: list[str] = Field(description="Of incidents. Empty: all.")
    sites: list[str]
    tags: list[str]
    on_resolved: bool = Field(description="Told of the end, too.")
    quiet_from: _ShownTime | None = Field(description="From then until `quiet_to` all but critical waits.")
    quiet_to: _ShownTime | None
    time_zone: str = Field(description="Of the quiet hours.")
    digest_s: int = Field(description="Gather for so long, all but critical; 0: told at once.")
    remind_s: int = Field(description="How often unacknowledged critical ones are told again; 0: never.")
    enabled: bool
    problem: str | None = Field(description="Why nobody is told by it now.")
    created_at: Time
    created_by: str


class NotificationOut(BaseModel):
    """One thing that one recipient is told."""

    id: str
    route_id: str | None
    recipient: str
    severity: str
    subject: str
    text: str
    cause: str | None
    state: str = Field(description="waiting, sent or failed.")
    due_at: Time
    sent_at: Time | None
    attempts: int
    error: str | None = Field(description="Of the last attempt.")
    created_at: Time


class Told(BaseModel):
    """How many are told."""

    recipients: int


def _shown(route: NotificationRoute) -> dict[str, Any]:
    fields = {name: getattr(route, name) for name in routes.FIELDS}
    return fields | {
        "id": route.pk,
        "problem": routes.problem(route),
        "created_at": route.created_at,
        "created_by": route.created_by,
    }


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    """What was given, as the service takes it; null leaves a field as it is, but for the quiet hours."""
    fields: dict[str, Any] = {}
    for name, value in given.items():
        if name in ("quiet_from", "quiet_to"):
            fields[name] = None if value is None else datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007
        elif value is not None:
            fields[name] = value
    return fields


@router.get("", response=paging.Page[RouteOut], summary="Notification routes, by name")
def list_notification_routes(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """Each with what is wrong with it."""
    found = NotificationRoute.objects.filter(network=auth.network_of(request)).order_by("name")
    after = paging.decode(cursor)
    if after is not None:
        found = found.filter(name__gt=after)
    return paging.page(found, limit, key=lambda route: route.name, shown=_shown)


@router.post("", response={201: RouteOut}, summary="Add a notification route")
def create_notification_route(request: HttpRequest, body: RouteIn) -> Status[dict[str, Any]]:
    """Needs the role admin. It is told of what happens from now on."""
    key = auth.demand(request, Role.ADMIN)
    made = routes.create(
        key.network, _fields(body.model_dump()), by=auth.actor(key), address=client_address(request)
    )
    return Status(201, _shown(made))


@router.get("/{segment:route_id}", response=RouteOut, summary="One notification route")
def read_notification_route(request: HttpRequest, route_id: str) -> dict[str, Any]:
    """With what is wrong with it."""
    return _shown(routes.find(auth.network_of(request), route_id))


@router.patch("/{segment:route_id}", response=RouteOut, summary="Change a notification route")
def change_notification_route(request: HttpRequest, route_id: str, body: RouteChanges) -> dict[str, Any]:
    """Needs the role admin."""
    key = auth.demand(request, Role.ADMIN)
    changes = _fields(body.model_dump(exclude_unset=True))
    found = routes.find(key.network, route_id)
    return _shown(routes.change(found, changes, by=auth.actor(key), address=client_address(request)))


@router.delete("/{segment:route_id}", response={204: None}, summary="Delete a notification route")
def delete_notification_route(request: HttpRequest, route_id: str) -> Status[None]:
    """Needs the role admin. What waits to be told by it is told."""
    key = auth.demand(request, Role.ADMIN)
    routes.delete(routes.find(key.network, route_id), by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@router.post("/{segment:route_id}/test", response={202: Told}, summary="Try a notification route out")
def try_notification_route(request: HttpRequest, route_id: str) -> Status[dict[str, Any]]:
    """Needs the role admin. Tells its recipients that it works, at once."""
    key = auth.demand(request, Role.ADMIN)
    count = telling.try_out(routes.find(key.network, route_id), by=auth.actor(key))
    return Status(202, {"recipients": count})


@of_notifications.get("", response=paging.Page[NotificationOut], summary="Notifications, the newest first")
def list_notifications(
    request: HttpRequest,
    state: Annotated[LetterState | None, Query()] = None,
    cause: Annotated[str | None, Query(max_length=100, description="As `incident:ID`.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """What became of each; kept for 90 days."""
    found = Notification.objects.filter(network=auth.network_of(request)).select_related("letter")
    if state == LetterState.WAITING:
        found = found.exclude(letter__state__in=[LetterState.SENT, LetterState.FAILED])
    elif state is not None:
        found = found.filter(letter__state=state)
    if cause is not None:
        found = found.filter(cause=cause)
    before = paging.decode(cursor)
    if before is not None:
        found = found.filter(pk__lt=before)
    return paging.page(found.order_by("-pk"), limit, key=lambda one: one.pk, shown=_notification)


def _notification(one: Notification) -> dict[str, Any]:
    letter = one.letter
    sent = letter is not None and letter.state == LetterState.SENT
    return {
        "id": one.pk,
        "route_id": one.route_id,
        "recipient": one.recipient,
        "severity": one.severity,
        "subject": one.subject,
        "text": one.text,
        "cause": one.cause or None,
        "state": LetterState.WAITING if letter is None else letter.state,
        "due_at": one.due_at,
        "sent_at": letter.ended_at if letter is not None and sent else None,
        "attempts": 0 if letter is None else letter.attempts,
        "error": (letter.error or None) if letter is not None else None,
        "created_at": one.created_at,
    }
