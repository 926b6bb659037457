"""What people have delivered again, and what may be forgotten."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from emobi.core import clock, cloudevents, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import Event
from emobi.core.services import audit
from webhooks.models import Delivery, DeliveryState, Endpoint

KEPT_FOR = timedelta(days=30)
ENDED = (DeliveryState.DELIVERED, DeliveryState.DEAD)
# One statement's worth of what is forgotten.
PORTION = 10_000
MOST_REPLAYED = 100_000


def redeliver(delivery: Delivery, *, by: str, address: str | None = None) -> Delivery:
    """Deliver it once more, or at once if it waits; with the same webhook-id, and a schedule of its own.

    Whatever is delivered again, a wait that the receiver asked for (``Retry-After``) is over with it.

    Raises:
        Conflict: If it waits for an earlier one of its station, or its endpoint is disabled.
    """
    with unit_of_work.begin():
        found = Delivery.objects.select_for_update().get(pk=delivery.pk)
        if found.state == DeliveryState.HELD:
            raise Conflict("It waits for an earlier delivery of its station.")
        _demand_enabled(found.endpoint)
        if found.state in ENDED:
            found.state, found.attempts, found.ended_at = DeliveryState.PENDING, 0, None
        found.next_attempt_at = clock.now()
        found.save(update_fields=["state", "attempts", "ended_at", "next_attempt_at"])
        _note(found.endpoint, by, address, {"delivery_id": found.pk})
    return found


def redeliver_many(
    endpoint: Endpoint, delivery_ids: Sequence[int], *, by: str, address: str | None = None
) -> int:
    """The same for several; how many there are of those that are named and have ended."""
    with unit_of_work.begin():
        _demand_enabled(endpoint)
        wanted = Delivery.objects.filter(endpoint=endpoint, state__in=ENDED, pk__in=delivery_ids)
        count = _again(wanted)
        _note(endpoint, by, address, {"delivery_ids": list(delivery_ids)})
    return count


def to_replay(endpoint: Endpoint, since: datetime, until: datetime, *, only_dead: bool) -> int:
    """How many `replay` would deliver again, with the same args. It raises what that would."""
    _check_range(since, until)
    _demand_enabled(endpoint)
    count = 0 if only_dead else _counted(_missing(endpoint, since, until), "events")
    return count + _counted(_ended(endpoint, since, until, only_dead=only_dead), "deliveries")


def replay(
    endpoint: Endpoint,
    since: datetime,
    until: datetime,
    *,
    only_dead: bool,
    by: str,
    address: str | None = None,
) -> int:
    """Deliver the events of a time range again, by their own times; how many.

    Args:
        since: At most 30 days ago.
        until: Not included.
        only_dead: Only dead letters; else everything that the endpoint's types take, also what happened
            before there was the endpoint.

    Raises:
        Invalid: If the range is none, too old or holds too much.
        Conflict: If the endpoint is disabled.
    """
    _check_range(since, until)
    with unit_of_work.begin():
        _demand_enabled(endpoint)
        count = 0 if only_dead else _add_missing(endpoint, since, until)
        count += _again(_ended(endpoint, since, until, only_dead=only_dead))
        detail = {"from": since, "to": until, "only_dead": only_dead, "deliveries": count}
        _note(endpoint, by, address, detail)
    return count


def _check_range(since: datetime, until: datetime) -> None:
    if since >= until:
        raise Invalid("The range ends before it begins.", "to")
    if since < clock.now() - KEPT_FOR:
        raise Invalid(f"Up to {KEPT_FOR.days} days back.", "from")


def _ended(endpoint: Endpoint, since: datetime, until: datetime, *, only_dead: bool) -> QuerySet[Delivery]:
    states = [DeliveryState.DEAD] if only_dead else ENDED
    return Delivery.objects.filter(
        endpoint=endpoint, state__in=states, event__time__gte=since, event__time__lt=until
    )


def _counted(found: QuerySet[Delivery] | QuerySet[Event], what: str) -> int:
    count = found[: MOST_REPLAYED + 1].count()
    if count > MOST_REPLAYED:
        raise _too_many(what)
    return count


def _too_many(what: str) -> Invalid:
    return Invalid(f"That is more than {MOST_REPLAYED} {what}: take a shorter range.", "to")


def _again(found: QuerySet[Delivery]) -> int:
    ids = list(found.values_list("pk", flat=True)[: MOST_REPLAYED + 1])
    if len(ids) > MOST_REPLAYED:
        raise _too_many("deliveries")
    return Delivery.objects.filter(pk__in=ids).update(
        state=DeliveryState.PENDING, attempts=0, ended_at=None, next_attempt_at=clock.now()
    )


def _missing(endpoint: Endpoint, since: datetime, until: datetime) -> QuerySet[Event]:
    """What happened before there was the endpoint, or before it took these types."""
    return Event.objects.filter(
        network=endpoint.network_id,
        sequence__lte=endpoint.fanned_out_to,
        time__gte=since,
        time__lt=until,
        type__in=cloudevents.types(",".join(endpoint.types)),
    ).exclude(pk__in=Delivery.objects.filter(endpoint=endpoint).values("event"))


def _add_missing(endpoint: Endpoint, since: datetime, until: datetime) -> int:
    now = clock.now()
    found = list(_missing(endpoint, since, until).order_by("sequence")[: MOST_REPLAYED + 1])
    if len(found) > MOST_REPLAYED:
        raise _too_many("events")
    rows = [
        Delivery(
            endpoint=endpoint,
            event=event,
            sequence=event.sequence,
            station=event.station or "",
            type=event.type,
            next_attempt_at=now,
            created_at=now,
        )
        for event in found
    ]
    return len(Delivery.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True))


def _demand_enabled(endpoint: Endpoint) -> None:
    if not endpoint.enabled:
        raise Conflict("The webhook is disabled: resume it first.")


def _note(endpoint: Endpoint, by: str, address: str | None, detail: dict[str, object]) -> None:
    # What the receiver asked for (Retry-After): who has it delivered again now knows better.
    Endpoint.objects.filter(pk=endpoint.pk, not_before__isnull=False).update(not_before=None)
    audit.record(endpoint.network_id, by, "webhook.redelivered", endpoint.pk, detail, address)
    unit_of_work.current().nudge("webhooks")


_FORGET = """
WITH old AS (
    SELECT id FROM webhooks_delivery
    WHERE state IN ('delivered', 'dead') AND ended_at < %s LIMIT %s
), tries AS (DELETE FROM webhooks_attempt WHERE delivery_id IN (SELECT id FROM old))
DELETE FROM webhooks_delivery WHERE id IN (SELECT id FROM old)
"""


def forget_the_old() -> None:
    """Forget deliveries that ended too long ago to be replayed, a portion at a time. Safe to run any time."""
    before = clock.now() - KEPT_FOR
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [before, PORTION])
        while cursor.rowcount == PORTION:
            cursor.execute(_FORGET, [before, PORTION])
