"""How webhooks are doing: of the last 24 hours, from their attempts."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Count, DurationField, ExpressionWrapper, F, Max, Q

from dashboard import figures, plots
from emobi.core import clock, events
from emobi.core.models import Network
from webhooks import selectors
from webhooks.models import Attempt, Delivery, DeliveryState, Endpoint

LATELY = timedelta(hours=24)
# Latencies are of so many of the newest deliveries.
MOST_TIMES = 2000


@dataclass(frozen=True, kw_only=True)
class Doing:
    """An endpoint, and its last 24 hours.

    Attributes:
        success_percent: Of attempts; None: there were none.
        p95_ms: Until its answer; None as above.
        last_error: Of the newest attempt that failed.
    """

    endpoint: Endpoint
    waiting: int
    dead: int
    attempts: int
    success_percent: float | None
    p95_ms: float | None
    last_error: str

    @property
    def state(self) -> str:
        """In a word."""
        if not self.endpoint.enabled:
            return "disabled"
        return "failing" if self.endpoint.failing_since else "working"

    @property
    def tone(self) -> str:
        """How bad that is."""
        return {"disabled": "fault", "failing": "wait"}.get(self.state, "")

    @property
    def disabling(self) -> str:
        """What comes of it if it is disabled, for whoever is about to."""
        match self.waiting:
            case 0:
                waits = "What happens from now on waits"
            case 1:
                waits = "1 delivery waits, with what happens from now on,"
            case many:
                waits = f"{figures.count(many)} deliveries wait, with what happens from now on,"
        return f"{waits} until it is resumed: then it is told all of it."


_OK = Q(status__gte=200, status__lt=300)


def doing(found: Sequence[Endpoint]) -> list[Doing]:
    """How each is doing; as many queries for any number."""
    since = clock.now() - LATELY
    tried = Attempt.objects.filter(delivery__endpoint__in=found, at__gte=since)
    counts = {
        row["delivery__endpoint"]: row
        for row in tried.order_by()
        .values("delivery__endpoint")
        .annotate(all=Count("pk"), good=Count("pk", filter=_OK), worst=Max("pk", filter=~_OK))
    }
    failed = Attempt.objects.in_bulk([row["worst"] for row in counts.values() if row["worst"]])
    backlogs, p95 = selectors.backlogs(found), _p95(found)
    made = []
    for endpoint in found:
        row = counts.get(endpoint.pk)
        last = failed.get(row["worst"]) if row else None
        made.append(
            Doing(
                endpoint=endpoint,
                **backlogs[endpoint.pk],
                attempts=row["all"] if row else 0,
                success_percent=100 * row["good"] / row["all"] if row else None,
                p95_ms=p95.get(endpoint.pk),
                last_error=words(last) if last else "",
            )
        )
    return made


def _p95(found: Collection[Endpoint]) -> Mapping[str, float | None]:
    """By endpoint, of its newest attempts."""
    times: dict[str, list[float]] = {}
    newest = Attempt.objects.filter(delivery__endpoint__in=found, at__gte=clock.now() - LATELY)
    rows = newest.order_by("-pk").values_list("delivery__endpoint", "duration_ms")[:MOST_TIMES]
    for endpoint_id, duration_ms in rows:
        times.setdefault(endpoint_id, []).append(float(duration_ms))
    return {endpoint_id: plots.percentile(values, 95) for endpoint_id, values in times.items()}


def words(attempt: Attempt) -> str:
    """What came of an attempt."""
    return attempt.error or f"HTTP {attempt.status}"


def latency(network: Network, endpoint: Endpoint | None = None) -> plots.Histogram:
    """From an event until it was delivered at the first attempt, of the newest deliveries."""
    delivered = Delivery.objects.filter(
        endpoint__network=network,
        state=DeliveryState.DELIVERED,
        attempts=0,
        ended_at__isnull=False,
        created_at__gte=clock.now() - LATELY,
    )
    if endpoint is not None:
        delivered = delivered.filter(endpoint=endpoint)
    # What was delivered again, or from before the webhook, says nothing of how fast it is.
    took = ExpressionWrapper(F("ended_at") - F("event__time"), output_field=DurationField())
    rows = delivered.order_by("-pk").filter(created_at__lt=F("event__time") + timedelta(minutes=5))
    values = [
        max(0.0, time.total_seconds() * 1000)
        for time in rows.annotate(took=took).values_list("took", flat=True)[:MOST_TIMES]
    ]
    return plots.Histogram(caption="From the event to the receiver's answer", unit="ms", values=values)


def types() -> list[tuple[str, list[str]]]:
    """Types of events by their noun, for the picker."""
    nouns: dict[str, list[str]] = {}
    for name in sorted(events.TYPES):
        nouns.setdefault(name.partition(".")[0], []).append(name)
    return list(nouns.items())


@lru_cache
def snippets() -> list[tuple[str, str]]:
    """How receivers verify what they get, as docs/webhooks.md has it: (language, code)."""
    guide = Path(settings.ROOT) / "docs" / "webhooks.md"
    text = guide.read_text() if guide.exists() else ""
    blocks = re.findall(r"^```(python|js|javascript|bash)\n(.*?)^```$", text, re.M | re.S)
    names = {"python": "Python", "js": "Node", "javascript": "Node", "bash": "curl"}
    return [(names[language], code.strip()) for language, code in blocks]
