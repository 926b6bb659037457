"""`/webhooks` and `/deliveries`: whom the network tells of its events, and what became of it."""

from datetime import datetime
from typing import Annotated, Any

import orjson
from django.http import HttpRequest
from ninja import Path, Query, Router, Status
from pydantic import BaseModel, Field, model_validator

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.events import Envelope
from emobi.api.fields import Bound, Time, body
from emobi.core import clock, cloudevents
from emobi.core.models import Role
from webhooks import selectors
from webhooks.models import Attempt, Delivery, DeliveryState, Endpoint
from webhooks.services import deliveries, endpoints, trials

router = Router(tags=["webhooks"])
of_delivery = Router(tags=["webhooks"])

MOST_NAMED = 500
LARGEST_ID = 2**63 - 1

Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Url = Annotated[str, Field(min_length=1, max_length=2000, description="https.")]
Types = Annotated[
    list[Annotated[str, Field(max_length=64)]],
    Field(
        min_length=1,
        max_length=100,
        description="Types of events, with or without `emobi.`; `session.*` takes all of a noun, `*` all.",
    ),
]
Description = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class WebhookIn(BaseModel):
    """A new webhook."""

    model_config = body({"url": "https://billing.example.org/emobi", "types": ["session.*"]})

    url: Url
    types: Types
    description: Description = ""


class WebhookChanges(BaseModel):
    """What is to be different."""

    model_config = body({"enabled": True}, {"types": ["session.*", "station.fault"]})

    url: Url | None = None
    types: Types | None = None
    description: Description | None = None
    enabled: bool | None = Field(
        None, description="true resumes a disabled one: it is told of everything since then."
    )


class WebhookOut(BaseModel):
    """A webhook, and how it is doing."""

    id: str
    url: str
    types: list[str]
    description: str | None
    enabled: bool
    disabled_reason: str | None
    failing_since: Time | None = Field(description="The first failure since the last success.")
    waiting: int = Field(description="Deliveries that haven't succeeded yet.")
    dead: int = Field(description="Dead letters: deliveries that were given up.")
    previous_secret_until: Time | None = Field(
        description="Until then messages are signed with the secret before, too."
    )
    created_at: Time
    created_by: str


class WebhookWithSecret(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str


class TestIn(BaseModel):
    """What to send."""

    model_config = body({"type": "session.started"})

    type: str | None = Field(None, max_length=64, description="null: one that the webhook takes.")


class ReplayIn(BaseModel):
    """What to deliver again: deliveries by their ids, or a time range."""

    model_config = body(
        {"from": "2026-11-22T00:00:00Z", "to": "2026-11-23T00:00:00Z"},
        {"delivery_ids": [4711, 4712]},
    )

    since: Bound | None = Field(None, alias="from", description="By the events' times; 30 days back.")
    until: Bound | None = Field(None, alias="to", description="Not included; null: now.")
    only_dead: bool = Field(
        True,
        description="Dead letters. false: all events of the range, from before the webhook, too.",
    )
    delivery_ids: list[Annotated[int, Field(ge=1, le=LARGEST_ID)]] | None = Field(
        None, min_length=1, max_length=MOST_NAMED
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> "ReplayIn":
        if (self.since is None) == (self.delivery_ids is None):
            raise ValueError("give either from or delivery_ids")
        return self


class Replayed(BaseModel):
    """How many deliveries wait for it."""

    deliveries: int


class Request(BaseModel):
    """What is sent."""

    url: str
    headers: dict[str, str]
    body: Envelope


class Response(BaseModel):
    """What came back."""

    at: Time
    status: int | None = Field(description="null: there was no answer.")
    error: str | None = Field(description="Why there was none.")
    headers: dict[str, str]
    body: str = Field(description="Its first 4 KiB.")
    duration_ms: int


class AttemptOut(Response):
    """One POST, and what came back."""

    url: str


class Tested(BaseModel):
    """What was sent and what came back."""

    ok: bool
    request: Request
    response: Response


class DeliveryOut(BaseModel):
    """One event for one webhook."""

    delivery_id: int
    webhook_id: str
    event_id: str
    type: str
    station: str | None
    sequence: str
    state: DeliveryState = Field(description="held: it waits for an earlier one of its station.")
    attempts: int = Field(description="That failed, by the schedule.")
    next_attempt_at: Time | None
    created_at: Time
    ended_at: Time | None


class DeliveryDetail(DeliveryOut):
    """The same with its event and all attempts, the newest first."""

    event: Envelope
    tries: list[AttemptOut]


def shown(endpoint: Endpoint, backlog: dict[str, int]) -> dict[str, Any]:
    """A webhook as the API shows it."""
    return {
        "id": endpoint.pk,
        "url": endpoint.url,
        "types": endpoint.types,
        "description": endpoint.description or None,
        "enabled": endpoint.enabled,
        "disabled_reason": endpoint.disabled_reason or None,
        "failing_since": endpoint.failing_since,
        **backlog,
        "previous_secret_until": endpoints.rotating_until(endpoint),
        "created_at": endpoint.created_at,
        "created_by": endpoint.created_by,
    }


def _one(endpoint: Endpoint) -> dict[str, Any]:
    return shown(endpoint, selectors.backlogs([endpoint])[endpoint.pk])


def _with_secret(endpoint: Endpoint) -> dict[str, Any]:
    return _one(endpoint) | {"secret": endpoint.secret}


@router.get("", response=paging.Page[WebhookOut], summary="Webhooks, the newest first")
def list_webhooks(
    request: HttpRequest, cursor: paging.Cursor = None, limit: paging.Limit = 100
) -> dict[str, Any]:
    """How each is doing."""
    found = list(selectors.endpoints(auth.network_of(request), before=paging.decode(cursor))[: limit + 1])
    backlogs = selectors.backlogs(found)
    return {
        "items": [shown(endpoint, backlogs[endpoint.pk]) for endpoint in found[:limit]],
        "next": paging.encode(found[limit - 1].pk) if len(found) > limit else None,
    }


@router.post("", response={201: WebhookWithSecret}, summary="Add a webhook")
def create_webhook(request: HttpRequest, body: WebhookIn) -> Status[dict[str, Any]]:
    """Needs the role admin. The answer has its secret, this once. It is told of what happens from now on."""
    key = auth.demand(request, Role.ADMIN)
    made = endpoints.create(
        key.network,
        body.url,
        body.types,
        body.description,
        by=auth.actor(key),
        address=client_address(request),
    )
    return Status(201, _with_secret(made))


@router.get("/{segment:webhook_id}", response=WebhookOut, summary="One webhook")
def read_webhook(request: HttpRequest, webhook_id: str) -> dict[str, Any]:
    """How it is doing."""
    return _one(selectors.endpoint(auth.network_of(request), webhook_id))


@router.patch("/{segment:webhook_id}", response=WebhookOut, summary="Change, disable or resume a webhook")
def change_webhook(request: HttpRequest, webhook_id: str, body: WebhookChanges) -> dict[str, Any]:
    """Needs the role admin."""
    key = auth.demand(request, Role.ADMIN)
    found = selectors.endpoint(key.network, webhook_id)
    changes = body.model_dump(exclude_unset=True)
    return _one(endpoints.change(found, by=auth.actor(key), address=client_address(request), **changes))


@router.delete("/{segment:webhook_id}", response={204: None}, summary="Delete a webhook")
def delete_webhook(request: HttpRequest, webhook_id: str) -> Status[None]:
    """Needs the role admin. The history of its deliveries goes with it."""
    key = auth.demand(request, Role.ADMIN)
    found = selectors.endpoint(key.network, webhook_id)
    endpoints.delete(found, by=auth.actor(key), address=client_address(request))
    return Status(204, None)


@router.post(
    "/{segment:webhook_id}/rotate-secret", response=WebhookWithSecret, summary="Give a webhook a new secret"
)
def rotate_webhook_secret(
    request: HttpRequest,
    webhook_id: str,
    end_previous: Annotated[
        bool, Query(description="`false`: refuse with 409 while `previous_secret_until` is to come.")
    ] = True,
) -> dict[str, Any]:
    """Needs the role admin. For 24 h messages are signed with the secret before, too; one from before that
    ends at once.
    """
    key = auth.demand(request, Role.ADMIN)
    found = selectors.endpoint(key.network, webhook_id)
    made = endpoints.rotate_secret(
        found,
        by=auth.actor(key),
        address=client_address(request),
        may_end=None if end_previous else (),
    )
    return _with_secret(made)


@router.post("/{segment:webhook_id}/test", response=Tested, summary="Try a webhook out")
def send_test(request: HttpRequest, webhook_id: str, body: TestIn) -> dict[str, Any]:
    """Needs the role operator. Sends one event with a new id, the newest of its type where there is one, and
    waits for the answer, 15 s at most. Nothing is tried again, and nothing else changes.
    """
    key = auth.demand(request, Role.OPERATOR)
    found = selectors.endpoint(key.network, webhook_id)
    trial = trials.send(found, body.type, by=auth.actor(key), address=client_address(request))
    result = trial.result
    return {
        "ok": result.ok,
        "request": {
            "url": trial.message.url,
            "headers": {"content-type": cloudevents.CONTENT_TYPE, **trial.headers},
            "body": orjson.loads(trial.message.body),
        },
        "response": {
            "at": result.at,
            "status": result.status,
            "error": result.error or None,
            "headers": result.headers,
            "body": result.body,
            "duration_ms": result.duration_ms,
        },
    }


@router.get(
    "/{segment:webhook_id}/deliveries",
    response=paging.Page[DeliveryOut],
    summary="A webhook's deliveries, the newest first",
)
def list_deliveries(
    request: HttpRequest,
    webhook_id: str,
    state: Annotated[DeliveryState | None, Query()] = None,
    type: Annotated[str, Query(max_length=1000, description="As in `GET /events`.")] = "*",
    station: Annotated[str | None, Query(max_length=255, description="Identity of a station.")] = None,
    since: Annotated[Bound | None, Query(alias="from")] = None,
    until: Annotated[Bound | None, Query(alias="to", description="Not included.")] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Kept for 30 days."""
    found = selectors.deliveries(
        selectors.endpoint(auth.network_of(request), webhook_id),
        state=state,
        types=None if type == "*" else cloudevents.types(type),
        station=station,
        since=since,
        until=until,
        before=paging.decode_number(cursor),
    )
    return paging.page(found, limit, key=lambda one: one.pk, shown=_delivery)


@router.post(
    "/{segment:webhook_id}/replay", response={202: Replayed}, summary="Deliver many again to a webhook"
)
def replay_webhook(request: HttpRequest, webhook_id: str, body: ReplayIn) -> Status[dict[str, Any]]:
    """Needs the role operator. Each with the id that it had."""
    key = auth.demand(request, Role.OPERATOR)
    found = selectors.endpoint(key.network, webhook_id)
    by, address = auth.actor(key), client_address(request)
    if body.delivery_ids is not None:
        count = deliveries.redeliver_many(found, body.delivery_ids, by=by, address=address)
    else:
        count = deliveries.replay(found, *_range(body), only_dead=body.only_dead, by=by, address=address)
    return Status(202, {"deliveries": count})


def _range(body: ReplayIn) -> tuple[datetime, datetime]:
    now = clock.now()
    return body.since or now, body.until or now


@of_delivery.get("/{segment:delivery_id}", response=DeliveryDetail, summary="One delivery with its attempts")
def read_delivery(request: HttpRequest, delivery_id: Id) -> dict[str, Any]:
    """What was sent, and what came back each time."""
    network = auth.network_of(request)
    found = selectors.delivery(network, delivery_id)
    return _delivery(found) | {
        "event": cloudevents.envelope(found.event, network.slug),
        "tries": [_attempt(one) for one in found.tries.order_by("-pk")],
    }


@of_delivery.post(
    "/{segment:delivery_id}/redeliver", response={202: DeliveryOut}, summary="Deliver one again"
)
def redeliver(request: HttpRequest, delivery_id: Id) -> Status[dict[str, Any]]:
    """Needs the role operator. With the id that it had; at once if it waits for its next attempt."""
    key = auth.demand(request, Role.OPERATOR)
    found = selectors.delivery(key.network, delivery_id)
    again = deliveries.redeliver(found, by=auth.actor(key), address=client_address(request))
    return Status(202, _delivery(again))


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "delivery_id": delivery.pk,
        "webhook_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "type": delivery.type,
        "station": delivery.station or None,
        "sequence": str(delivery.sequence),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at if delivery.state == DeliveryState.PENDING else None,
        "created_at": delivery.created_at,
        "ended_at": delivery.ended_at,
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "at": attempt.at,
        "url": attempt.url,
        "status": attempt.status,
        "error": attempt.error or None,
        "headers": attempt.response_headers,
        "body": attempt.response_body,
        "duration_ms": attempt.duration_ms,
    }
