"""What we ask of a station, as a row: the row is the command, whoever sends it."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Network
from stations import masking, sealed_params
from stations.models.station import Station


class CommandState(models.TextChoices):
    """queued → sent → one of the rest, or from queued straight to an end."""

    QUEUED = "queued"
    SENT = "sent"
    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    UNSUPPORTED = "unsupported"
    EXPIRED = "expired"
    CANCELLED = "cancelled"

    @property
    def open(self) -> bool:
        """Whether an end is still to come."""
        return self in (CommandState.QUEUED, CommandState.SENT)

    @property
    def completed(self) -> bool:
        """Whether the station gave a useful answer, be it a refusal."""
        return self in (CommandState.ACCEPTED, CommandState.SCHEDULED, CommandState.REJECTED)


# Ends at which the station didn't do, nor said that it will, what was asked.
UNSUCCESSFUL_COMMAND_STATES = ("rejected", "failed", "unknown", "unsupported", "expired", "cancelled")


class Command(models.Model):
    """One command to one station. At most once on the wire: ``sent`` is committed before the bytes go out."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="commands", db_index=False)
    station = models.ForeignKey(Station, models.CASCADE, related_name="commands", db_index=False)
    name = models.CharField(max_length=40)
    params = models.JSONField(default=dict, help_text="Without its secrets.")
    sealed = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
    )
    state = models.CharField(max_length=12, choices=CommandState, default=CommandState.QUEUED)
    outcome = models.JSONField(
        null=True,
        help_text="The station's answer in its normal form, with raw; while sent: what is known so far.",
    )
    report = models.JSONField(
        null=True, help_text="How far the report has come that it asked for; its parts have what it says."
    )
    requested_by = models.CharField(max_length=200, help_text="As in the audit log.")
    idempotency_key = models.CharField(max_length=200, null=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    said_at = models.DateTimeField(
        null=True, help_text="When its newest CALL was sent; NULL: it has no other than the first."
    )
    ended_at = models.DateTimeField(null=True)
    # Where it was sent: an answer counts only from there.
    epoch = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=36, blank=True)
    looked_at = models.DateTimeField(
        null=True, help_text="When a gateway saw that its station is away and its version could say it."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "idempotency_key"], name="command_idempotency_key_once"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="command_newest"),
            models.Index(fields=["station", "-id"], name="command_of_station"),
            # What operators look for among many that went well: ends without success, effects not seen.
            models.Index(
                fields=["network", "-id"],
                name="command_unsuccessful",
                condition=models.Q(state__in=UNSUCCESSFUL_COMMAND_STATES),
            ),
            models.Index(
                fields=["network", "-id"],
                name="command_effect_unseen",
                condition=models.Q(outcome__verification__state="not_seen")
                | models.Q(outcome__verification__state="pending"),
            ),
            # what gateways and sweeps look for
            models.Index(
                fields=["station", "id"],
                name="command_open",
                condition=models.Q(state__in=["queued", "sent"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"

    @property
    def shown_params(self) -> dict[str, Any]:
        """``params`` for people and for the API."""
        shown: dict[str, Any] = masking.value(self.params)
        return shown

    @property
    def asked_params(self) -> dict[str, Any]:
        """``params`` with their secrets, as they are to be said; after its end they are gone.

        Raises:
            Conflict: If they can't be read any more.
        """
        return sealed_params.opened(self.params, self.sealed)

    def keep_params(self, params: Mapping[str, Any], hidden: Collection[str]) -> None:
        """Take over ``params``, their secrets sealed; ``hidden`` as in `masking.value`."""
        self.params, self.sealed = sealed_params.closed(params, hidden)
