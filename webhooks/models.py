"""Endpoints, what is to be delivered to them, and every attempt at it."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Event, Network
from emobi.core.signatures import new_secret

_SECRET = r"^whsec_[A-Za-z0-9+/]{32,}={0,2}$"


class Endpoint(models.Model):
    """An HTTP server of the network's own, that is told of events.

    ``fanned_out_to`` is the sequence number up to which events have become deliveries: the numbers have no
    gap and grow in commit order (`emobi.core.models.event`), so that none is missed, and none made twice.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="webhooks", db_index=False)
    url = models.CharField(max_length=2000)
    types = models.JSONField(help_text='Types of events without "emobi."; session.* takes all of a noun.')
    description = models.CharField(max_length=200, blank=True)
    secret = models.CharField(max_length=100, default=new_secret)
    previous_secret = models.CharField(max_length=100, blank=True)
    previous_secret_until = models.DateTimeField(
        null=True, help_text="Until then messages are signed with the secret before, too."
    )
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=200, blank=True)
    failures = models.PositiveIntegerField(default=0, help_text="Attempts that failed, since one succeeded.")
    failing_since = models.DateTimeField(null=True)
    failing_told_at = models.DateTimeField(
        null=True, help_text="When people were told that it fails; NULL: it does well, as far as they know."
    )
    not_before = models.DateTimeField(
        null=True, help_text="Until then it isn't sent to: its last answer with Retry-After says so."
    )
    fanned_out_to = models.BigIntegerField(help_text="Sequence number of the network's events.")
    created_by = models.CharField(max_length=200, help_text="As in the audit log.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(secret__regex=_SECRET), name="webhook_endpoint_secret_sound"
            ),
        ]
        indexes = [models.Index(fields=["network", "-id"], name="webhook_endpoint_newest")]

    def __str__(self) -> str:
        return self.description or self.url


class DeliveryState(models.TextChoices):
    """pending → delivered | dead. Held: it waits for an earlier one of its station, that failed."""

    PENDING = "pending"
    HELD = "held"
    DELIVERED = "delivered"
    DEAD = "dead"


class Delivery(models.Model):
    """One event for one endpoint."""

    endpoint = models.ForeignKey(Endpoint, models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(Event, models.CASCADE, related_name="+", db_index=False)
    # Copies, so that what is next is found in one index.
    sequence = models.BigIntegerField()
    station = models.CharField(max_length=255, blank=True, help_text="Empty: about no station.")
    type = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=DeliveryState, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="That failed, by the schedule.")
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="webhook_delivery_once")]
        indexes = [
            models.Index(fields=["endpoint", "-id"], name="webhook_delivery_newest"),
            # what is next
            models.Index(
                fields=["endpoint", "sequence"],
                name="webhook_delivery_pending",
                condition=models.Q(state="pending"),
            ),
            # what waits behind what failed
            models.Index(
                fields=["endpoint", "station"],
                name="webhook_delivery_open",
                condition=models.Q(state__in=["pending", "held"]),
            ),
        ]
        verbose_name_plural = "deliveries"

    def __str__(self) -> str:
        return f"{self.type} {self.station}".strip()


class Attempt(models.Model):
    """One POST, and what came back."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="tries")
    at = models.DateTimeField()
    url = models.CharField(max_length=2000)
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the answer; NULL: there was none.")
    error = models.CharField(max_length=200, blank=True)
    response_headers = models.JSONField(default=dict)
    response_body = models.TextField(blank=True, help_text="Its first 4 KiB.")
    duration_ms = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.status or self.error)
