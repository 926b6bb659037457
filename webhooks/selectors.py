"""Reads of endpoints and their deliveries. What is another network's doesn't exist."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, QuerySet

from emobi.core.errors import NotFound
from emobi.core.models import Network
from webhooks.models import Delivery, DeliveryState, Endpoint


def endpoints(network: Network, *, before: str | None = None) -> QuerySet[Endpoint]:
    """Endpoints of a network, the newest first."""
    found = Endpoint.objects.filter(network=network)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def endpoint(network: Network, endpoint_id: str) -> Endpoint:
    """One endpoint.

    Raises:
        NotFound: If the network has none with that id.
    """
    found = Endpoint.objects.select_related("network").filter(network=network, pk=endpoint_id).first()
    if found is None:
        raise NotFound("There is no such webhook.")
    return found


def deliveries(
    endpoint: Endpoint,
    *,
    state: DeliveryState | None = None,
    types: Collection[str] | None = None,
    station: str | None = None,
    event_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
) -> QuerySet[Delivery]:
    """Deliveries to an endpoint, the newest first.

    Args:
        endpoint: Whose.
        state: Only those.
        types: Of events.
        station: Whose events, by its identity as they spell it.
        event_id: Of that event: what receivers get as ``webhook-id``.
        since: By when they were queued.
        until: The same; not included.
        before: Only those with a lower id.
    """
    found = Delivery.objects.filter(endpoint=endpoint)
    if state is not None:
        found = found.filter(state=state)
    if types is not None:
        found = found.filter(type__in=types)
    if station is not None:
        found = found.filter(station=station)
    if event_id is not None:
        found = found.filter(event=event_id)
    if since is not None:
        found = found.filter(created_at__gte=since)
    if until is not None:
        found = found.filter(created_at__lt=until)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def delivery(network: Network, delivery_id: int) -> Delivery:
    """One delivery with its event and its endpoint.

    Raises:
        NotFound: If the network has none with that id.
    """
    found = (
        Delivery.objects.select_related("event", "endpoint")
        .filter(endpoint__network=network, pk=delivery_id)
        .first()
    )
    if found is None:
        raise NotFound("There is no such delivery.")
    return found


def backlogs(found: Collection[Endpoint]) -> dict[str, dict[str, int]]:
    """Of each endpoint, how many deliveries wait, and how many are dead."""
    counts = {one.pk: {"waiting": 0, "dead": 0} for one in found}
    rows = (
        Delivery.objects.filter(endpoint__in=found)
        .exclude(state=DeliveryState.DELIVERED)
        .values_list("endpoint", "state")
        .annotate(count=Count("pk"))
    )
    for endpoint_id, state, count in rows:
        counts[endpoint_id]["dead" if state == DeliveryState.DEAD else "waiting"] += count
    return counts
