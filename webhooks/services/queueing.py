"""Events become deliveries, deliveries are settled: the rows of the courier, in few statements.

Within one (endpoint, station) deliveries go out in the order of their events. Of those that wait, only the
one in front is ``pending`` once it has failed; the others are ``held`` until it is delivered or dead. So what
is next is found without looking at what may not go yet, however much that is.

One courier at a time works for an endpoint (`webhooks.couriers`); people may change rows meanwhile.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet

from emobi.core import batch, clock, cloudevents
from emobi.core.models import EventCounter
from webhooks import retry
from webhooks.models import Delivery, DeliveryState, Endpoint
from webhooks.sender import Result
from webhooks.services import endpoints

# Events looked at in one statement.
PORTION = 1000


@dataclass(frozen=True, kw_only=True)
class Settled:
    """What came of one attempt.

    Attributes:
        early: It was made before its time, to see whether the receiver is back: a failure doesn't count.
        jitter: Between 0 and 1.
    """

    delivery: Delivery
    url: str
    result: Result
    early: bool
    jitter: float

    @property
    def not_before(self) -> datetime | None:
        """Until when the receiver wants nothing else either."""
        return None if self.result.ok else retry.not_before(self.result.headers, self.result.at)


# Nothing, if the endpoint was deleted or disabled meanwhile, or another courier has been here.
_FAN_OUT = """
WITH moved AS (
    UPDATE webhooks_endpoint SET fanned_out_to = %(to)s
    WHERE id = %(endpoint)s AND enabled AND fanned_out_to = %(after)s RETURNING id
), made AS (
    INSERT INTO webhooks_delivery
        (endpoint_id, event_id, sequence, station, type, state, attempts, next_attempt_at, created_at)
    SELECT moved.id, e.id, e.sequence, coalesce(e.station, ''), e.type,
        CASE WHEN EXISTS (
            SELECT 1 FROM webhooks_delivery h
            WHERE h.endpoint_id = %(endpoint)s AND h.station = coalesce(e.station, '')
                AND h.state = 'pending' AND h.attempts > 0
        ) THEN 'held' ELSE 'pending' END, 0, %(now)s, %(now)s
    FROM moved, core_event e
    WHERE e.network_id = %(network)s AND e.sequence > %(after)s AND e.sequence <= %(to)s
        AND e.type = ANY(%(types)s)
    ORDER BY e.sequence
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM moved
"""


def newest(endpoints_: Iterable[Endpoint]) -> Mapping[int, int]:
    """The sequence number of the newest event of each of the endpoints' networks that has one."""
    networks = {endpoint.network_id for endpoint in endpoints_}
    return dict(EventCounter.objects.filter(network__in=networks).values_list("network", "value"))


def fan_out(endpoint: Endpoint, newest: int) -> bool:
    """Make deliveries of events that an endpoint hasn't been told of; whether there is more to do.

    The instance is brought up to date with its row.
    """
    if newest <= endpoint.fanned_out_to:
        return False
    _fan_out(endpoint, min(newest, endpoint.fanned_out_to + PORTION))
    return newest > endpoint.fanned_out_to


def _fan_out(endpoint: Endpoint, to: int) -> None:
    parameters: dict[str, str | int | datetime | list[str]] = {
        "endpoint": endpoint.pk,
        "network": endpoint.network_id,
        "after": endpoint.fanned_out_to,
        "to": to,
        "types": sorted(cloudevents.types(",".join(endpoint.types))),
        "now": clock.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FAN_OUT, parameters)
        if cursor.fetchone() == (1,):
            endpoint.fanned_out_to = to


def next_ones(endpoint: Endpoint, *, but: Collection[int], limit: int, early: bool = False) -> list[Delivery]:
    """Deliveries that may go now, with their events, in the order of these.

    Args:
        endpoint: Whose.
        but: Those that are on their way.
        limit: How many at most.
        early: Those, too, that are to wait for another attempt.
    """
    return list(due(endpoint, but=but, early=early).select_related("event")[:limit])


def due(endpoint: Endpoint, *, but: Collection[int], early: bool = False) -> QuerySet[Delivery]:
    """The same as a query, without the events."""
    found = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.PENDING).exclude(pk__in=but)
    if not early:
        found = found.filter(next_attempt_at__lte=clock.now())
    return found.order_by("sequence")


def next_due_at(endpoint: Endpoint) -> datetime | None:
    """When the next attempt is due of all that wait; None: nothing waits."""
    waiting = due(endpoint, but=(), early=True).order_by("next_attempt_at")
    return waiting.values_list("next_attempt_at", flat=True).first()


# Whoever deletes the endpoint has its row locked, and everything of it deleted when this goes on.
_SETTLE = """
WITH said AS (
    SELECT r.* FROM jsonb_to_recordset(%s::jsonb) AS r(
        id bigint, state text, attempts int, next timestamptz, ended timestamptz,
        at timestamptz, url text, status int, error text, headers jsonb, body text, ms int
    ) JOIN webhooks_delivery d ON d.id = r.id JOIN webhooks_endpoint e ON e.id = d.endpoint_id
    FOR KEY SHARE OF e
), tried AS (
    INSERT INTO webhooks_attempt
        (delivery_id, at, url, status, error, response_headers, response_body, duration_ms)
    SELECT id, at, url, status, error, headers, body, ms FROM said
)
UPDATE webhooks_delivery d
SET state = said.state, attempts = said.attempts, next_attempt_at = said.next, ended_at = said.ended
FROM said WHERE d.id = said.id
"""

# Behind one that failed the others of its station wait, ...
_HOLD = """
UPDATE webhooks_delivery d SET state = 'held'
FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, endpoint text, station text)
WHERE d.endpoint_id = r.endpoint AND d.station = r.station AND d.state = 'pending' AND d.id <> r.id
"""

# ... until none is left that has failed. One that failed may be held itself, behind an earlier one that was
# delivered again: then those up to it go, and it is the one that the rest waits for.
_RELEASE = """
UPDATE webhooks_delivery d SET state = 'pending'
FROM jsonb_to_recordset(%s::jsonb) AS r(endpoint text, station text) CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE h.state = 'pending') AS pending,
        min(h.sequence) FILTER (WHERE h.state = 'held') AS held
    FROM webhooks_delivery h
    WHERE h.endpoint_id = r.endpoint AND h.station = r.station AND h.state IN ('pending', 'held')
        AND h.attempts > 0
) AS failed
WHERE d.endpoint_id = r.endpoint AND d.station = r.station AND d.state = 'held' AND failed.pending = 0
    AND d.sequence <= coalesce(failed.held, d.sequence)
"""


def settle(endpoint: Endpoint, settled: Sequence[Settled]) -> None:
    """Write down what came of attempts, and what follows from it for those behind them and the endpoint,
    whose instance is brought up to date.
    """
    rows = [_row(one) for one in settled]
    failed = [one.delivery for one in settled if not one.result.ok]
    # Only behind one that had failed before does anything wait.
    over = [
        one.delivery
        for one, row in zip(settled, rows, strict=True)
        if row["ended"] is not None and (one.delivery.attempts or not one.result.ok)
    ]
    if not failed and not over and _is_well(endpoint) and not any(one.early for one in settled):
        # Nothing follows from it: one trip to the database.
        batch.execute(_SETTLE, rows)
        return
    with transaction.atomic():
        batch.execute(_SETTLE, rows)
        if waiting := [one for one in failed if one not in over]:
            batch.execute(_HOLD, _places(waiting))
        if over:
            release(over)
        _note_health(endpoint, settled)


def _is_well(endpoint: Endpoint) -> bool:
    """Whether nothing speaks against it, as far as is known here."""
    since = (endpoint.failing_since, endpoint.failing_told_at, endpoint.not_before)
    return not endpoint.failures and since == (None, None, None)


def release(over: Sequence[Delivery]) -> None:
    """What waits behind these, that have ended, may go."""
    batch.execute(_RELEASE, _places(over))


def _row(one: Settled) -> dict[str, object]:
    result, delivery = one.result, one.delivery
    state, attempts, due, ended = DeliveryState.PENDING, delivery.attempts, delivery.next_attempt_at, None
    if result.ok:
        state, ended = DeliveryState.DELIVERED, result.at
    elif result.status == retry.GONE:
        # The endpoint is disabled by it; whoever resumes it has this one tried again.
        attempts = max(attempts, 1)
    elif not one.early:
        attempts += 1
        wished_s = retry.wished_s(result.headers, result.at)
        again_at = retry.next_attempt_at(attempts, result.at, jitter=one.jitter, wished_s=wished_s)
        if again_at is None:
            state, ended = DeliveryState.DEAD, result.at
        else:
            due = again_at
    return {
        "id": delivery.pk,
        "state": state,
        "attempts": attempts,
        "next": clock.iso(due),
        "ended": clock.iso(ended),
        "at": clock.iso(result.at),
        "url": one.url,
        "status": result.status,
        "error": result.error,
        "headers": result.headers,
        "body": result.body,
        "ms": result.duration_ms,
    }


def _places(found: Sequence[Delivery]) -> list[dict[str, object]]:
    return [{"id": one.pk, "endpoint": one.endpoint_id, "station": one.station} for one in found]


_HEALTH = ("failures", "failing_since", "not_before")


def _note_health(endpoint: Endpoint, settled: Sequence[Settled]) -> None:
    """How the endpoint is doing, in the order in which the attempts ended."""
    before = {name: getattr(endpoint, name) for name in _HEALTH}
    came_back = False
    telling = []
    for one in settled:
        if one.result.ok and _is_outdated(endpoint, one.result):
            continue
        telling.append(one)
        if one.result.ok:
            came_back |= one.early or endpoint.failures >= retry.AWAY_FAILURES
            endpoint.failures, endpoint.failing_since, endpoint.not_before = 0, None, None
        else:
            endpoint.failures += 1
            endpoint.not_before = one.not_before or endpoint.not_before
            endpoint.failing_since = endpoint.failing_since or one.result.at
    if not telling:
        return
    now = clock.now()
    if came_back:
        # What waits for another attempt needs to wait no more.
        endpoint.deliveries.filter(state=DeliveryState.PENDING, next_attempt_at__gt=now).update(
            next_attempt_at=now
        )
    changed = {name: getattr(endpoint, name) for name in _HEALTH if getattr(endpoint, name) != before[name]}
    if changed:
        # It may have been deleted meanwhile, or its wait been ended by somebody.
        Endpoint.objects.filter(pk=endpoint.pk).update(**changed)
    last = telling[-1].result
    endpoints.review(endpoint, now, last.error or f"answered {last.status}")
    if any(one.result.status == retry.GONE for one in settled):
        endpoint.enabled = False
        endpoints.give_up(endpoint.pk, "it answered 410 Gone")
    elif retry.gives_up(endpoint.failing_since, endpoint.failures, now):
        endpoint.enabled = False
        endpoints.give_up(endpoint.pk, f"it has failed since {clock.iso(endpoint.failing_since)}")


def _is_outdated(endpoint: Endpoint, success: Result) -> bool:
    """Whether it began before what failed since, or before the wait that the receiver asked for: during
    that nothing is sent.
    """
    newer = (endpoint.failing_since, endpoint.not_before)
    return any(at is not None and success.at < at for at in newer)


def release_stranded(endpoint: Endpoint) -> None:
    """Whatever became of those in front: what is held behind none of them may go."""
    held = Delivery.objects.filter(endpoint=endpoint, state=DeliveryState.HELD)
    stations = held.values_list("station", flat=True).distinct()
    batch.execute(_RELEASE, [{"endpoint": endpoint.pk, "station": station} for station in stations])
