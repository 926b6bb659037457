"""Endpoints: made, changed, given new secrets, disabled and resumed."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db import connection

from emobi.core import clock, cloudevents, events, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.events import Event, Subject
from emobi.core.models import EventCounter, Network
from emobi.core.services import audit
from emobi.core.signatures import new_secret
from webhooks import targets
from webhooks.models import Attempt, DeliveryState, Endpoint

MOST_ENDPOINTS = 100
# While a receiver changes to a new secret, messages carry a signature by each.
ROTATION = timedelta(hours=24)
# So long an endpoint may fail before people are told.
TOLD_AFTER = timedelta(hours=1)
SYSTEM = "system:webhooks"


def create(
    network: Network,
    url: str,
    types: Sequence[str],
    description: str = "",
    *,
    by: str,
    address: str | None = None,
) -> Endpoint:
    """Add an endpoint. It is told of what happens from now on.

    Raises:
        Invalid: If the URL isn't one that we send to, or a type is none.
        Conflict: If the network has very many already.
    """
    with unit_of_work.begin():
        # Two that are made at one moment count each other.
        Network.objects.select_for_update(no_key=True).get(pk=network.pk)
        if Endpoint.objects.filter(network=network).count() >= MOST_ENDPOINTS:
            raise Conflict(f"A network has up to {MOST_ENDPOINTS} webhooks.")
        counter = EventCounter.objects.filter(network=network).first()
        made = Endpoint.objects.create(
            id=ulid.new(),
            network=network,
            url=targets.judged(url),
            types=_types(types),
            description=description,
            fanned_out_to=counter.value if counter else 0,
            created_by=by[:200],
        )
        detail = {"url": made.url, "types": made.types}
        audit.record(network.pk, by, "webhook.created", made.pk, detail, address)
    made.refresh_from_db()
    return made


def change(
    endpoint: Endpoint,
    *,
    by: str,
    address: str | None = None,
    url: str | None = None,
    types: Sequence[str] | None = None,
    description: str | None = None,
    enabled: bool | None = None,
) -> Endpoint:
    """Change what is given. Resumed, it is told of everything since it was disabled.

    Raises:
        Invalid: If the URL isn't one that we send to, or a type is none.
        NotFound: If it was deleted meanwhile.
    """
    with unit_of_work.begin():
        found = _locked(endpoint)
        before = {"url": found.url, "types": found.types, "enabled": found.enabled}
        if url is not None:
            found.url = targets.judged(url)
            # What the one before asked for is nothing to another.
            found.not_before = found.not_before if found.url == before["url"] else None
        if types is not None:
            found.types = _types(types)
        if description is not None:
            found.description = description
        begins_anew = enabled is not None and enabled != found.enabled
        if enabled and not found.enabled:
            _resume(found)
        elif enabled is False and found.enabled:
            found.enabled, found.disabled_reason = False, f"by {by}"[:200]
        found.save()
        if begins_anew and found.failing_told_at is not None:
            # Somebody has seen to it. What fails from here on is told anew, however the last time ended.
            _tell(found, None, events.WebhookRecovered(webhook_id=found.pk, url=found.url))
        after = {"url": found.url, "types": found.types, "enabled": found.enabled}
        audit.record(
            found.network_id, by, "webhook.changed", found.pk, {"before": before, "after": after}, address
        )
    return found


def _resume(endpoint: Endpoint) -> None:
    endpoint.enabled, endpoint.disabled_reason = True, ""
    endpoint.failures, endpoint.failing_since, endpoint.not_before = 0, None, None
    endpoint.deliveries.filter(state=DeliveryState.PENDING).update(next_attempt_at=clock.now())


def delete(endpoint: Endpoint, *, by: str, address: str | None = None) -> None:
    """Delete it, and the history of its deliveries."""
    with unit_of_work.begin(), connection.cursor() as cursor:
        # Who delivers waits for this row meanwhile, and finds it gone.
        if Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first() is None:
            return
        audit.record(endpoint.network_id, by, "webhook.deleted", endpoint.pk, {"url": endpoint.url}, address)
        if endpoint.failing_told_at is not None:
            _tell(endpoint, None, events.WebhookRecovered(webhook_id=endpoint.pk, url=endpoint.url))
        # Django would read all of them to delete what hangs on each.
        for statement in _DELETE:
            cursor.execute(statement, [endpoint.pk])
        endpoint.delete()


_DELETE = (
    """
    DELETE FROM webhooks_attempt WHERE delivery_id IN (
        SELECT id FROM webhooks_delivery WHERE endpoint_id = %s
    )
    """,
    "DELETE FROM webhooks_delivery WHERE endpoint_id = %s",
)


def rotate_secret(
    endpoint: Endpoint,
    *,
    by: str,
    address: str | None = None,
    may_end: Collection[datetime] | None = None,
) -> Endpoint:
    """Give it a new secret; the one before it goes on to sign, too, for a while.

    Two sign at a time: the secret before that one ends at once.

    Args:
        endpoint: Whose.
        by: Who rotates it.
        address: Where from.
        may_end: Such a secret is ended only if it would have been valid until one of these times: as
            somebody has read, and not since. None: whichever there is.

    Raises:
        Conflict: If another one would end.
        NotFound: If it was deleted meanwhile.
    """
    with unit_of_work.begin():
        found = _locked(endpoint)
        ends_at = rotating_until(found)
        if ends_at is not None and may_end is not None and ends_at not in may_end:
            raise Conflict("The secret before this one is still valid: another new one would end it at once.")
        found.previous_secret, found.previous_secret_until = found.secret, clock.now() + ROTATION
        found.secret = new_secret()
        found.save(update_fields=["secret", "previous_secret", "previous_secret_until"])
        detail = {} if ends_at is None else {"ended": "the secret before", "valid_until": clock.iso(ends_at)}
        audit.record(endpoint.network_id, by, "webhook.secret_rotated", endpoint.pk, detail, address)
    endpoint.refresh_from_db()
    return endpoint


def _locked(endpoint: Endpoint) -> Endpoint:
    found = Endpoint.objects.select_for_update().filter(pk=endpoint.pk).first()
    if found is None:
        raise NotFound(f"There is no webhook {endpoint.pk}.")
    return found


def rotating_until(endpoint: Endpoint) -> datetime | None:
    """Until when messages are signed with the secret before, too; None: they aren't."""
    until = endpoint.previous_secret_until
    return until if until is not None and clock.now() < until and endpoint.previous_secret else None


def secrets(endpoint: Endpoint) -> list[str]:
    """What messages are signed with: the newest first."""
    return [endpoint.secret, *([endpoint.previous_secret] if rotating_until(endpoint) else [])]


def give_up(endpoint_id: str, reason: str) -> None:
    """Disable an endpoint that can't be told, and say so. What waits for it is kept until it is resumed."""
    with unit_of_work.begin():
        found = Endpoint.objects.select_for_update().filter(pk=endpoint_id, enabled=True).first()
        if found is None:
            return
        found.enabled, found.disabled_reason, found.failing_told_at = False, reason[:200], clock.now()
        found.save(update_fields=["enabled", "disabled_reason", "failing_told_at"])
        audit.record(found.network_id, SYSTEM, "webhook.disabled", found.pk, {"reason": reason})
        told = events.WebhookDisabled(
            webhook_id=found.pk, url=found.url, reason=reason, failing_since=found.failing_since
        )
        events.record(Subject(network_id=found.network_id), told)


def review(endpoint: Endpoint, now: datetime, reason: str) -> None:
    """Tell, once, that an endpoint has failed for an hour, and that it is back afterwards.

    The instance says how it is doing.
    """
    if _is_news(endpoint, now):
        told = events.WebhookFailing(
            webhook_id=endpoint.pk, url=endpoint.url, reason=reason, failing_since=endpoint.failing_since
        )
        _tell(endpoint, now, told)
    elif endpoint.failing_since is None and endpoint.failing_told_at is not None:
        _tell(endpoint, None, events.WebhookRecovered(webhook_id=endpoint.pk, url=endpoint.url))


def review_waiting(endpoint: Endpoint, now: datetime) -> None:
    """The same while its next attempt is far away: the hour passes without one."""
    if _is_news(endpoint, now):
        failed = endpoint.deliveries.filter(state=DeliveryState.PENDING, attempts__gt=0)
        last = Attempt.objects.filter(delivery__in=failed).order_by("-pk").first()
        reason = "its attempts fail" if last is None else last.error or f"answered {last.status}"
        review(endpoint, now, reason)


def _is_news(endpoint: Endpoint, now: datetime) -> bool:
    failing = endpoint.failing_since is not None and endpoint.failing_since <= now - TOLD_AFTER
    return endpoint.enabled and failing and endpoint.failing_told_at is None


def _tell(endpoint: Endpoint, told_at: datetime | None, event: Event) -> None:
    before, endpoint.failing_told_at = endpoint.failing_told_at, told_at
    with unit_of_work.begin():
        # It may have been deleted meanwhile, or told by somebody else.
        row = Endpoint.objects.filter(pk=endpoint.pk, failing_told_at=before)
        if row.update(failing_told_at=told_at):
            events.record(Subject(network_id=endpoint.network_id), event)


def _types(names: Sequence[str]) -> list[str]:
    if not names:
        raise Invalid("Name a type of events, or * for all.", "types")
    for name in names:
        if "," in name:
            raise Invalid(f"{name[:64]!r}: one type an item.", "types")
        try:
            cloudevents.types(name)
        except Invalid as reason:
            raise Invalid(str(reason), "types") from None
    return [name.strip().removeprefix(cloudevents.PREFIX) for name in names]
