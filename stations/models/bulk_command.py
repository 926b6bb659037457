"""One command to many stations, at a pace."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from emobi.core.models import Network, Role
from stations import masking, sealed_params
from stations.models.command import Command
from stations.models.station import Station


class BulkState(models.TextChoices):
    """Running or paused until every station has ended, too many have failed, or somebody takes it back."""

    RUNNING = "running"
    PAUSED = "paused"
    FINISHED = "finished"
    STOPPED = "stopped"
    CANCELLED = "cancelled"


class BulkCommand(models.Model):
    """A command that is asked of stations one after the other; each gets a `Command` of its own."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="bulk_commands", db_index=False)
    name = models.CharField(max_length=40)
    params = models.JSONField(default=dict, help_text="Without its secrets.")
    sealed = models.TextField(
        blank=True,
        default="",
        db_default="",
        help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
    )
    requested_by = models.CharField(max_length=200, help_text="As in the audit log.")
    role = models.CharField(max_length=8, choices=Role)
    idempotency_key = models.CharField(max_length=200, null=True)
    fingerprint = models.CharField(max_length=64, help_text="Of all that was asked, secrets and all; keyed.")
    state = models.CharField(max_length=9, choices=BulkState, default=BulkState.RUNNING)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it ended before its last station.")
    per_second = models.FloatField(help_text="Stations that are asked in a second, at most.")
    concurrency = models.PositiveIntegerField(help_text="Commands that are under way at once, at most.")
    stop_at_failure_rate = models.FloatField(null=True, help_text="0 to 1; NULL: whatever happens.")
    expires_in_s = models.FloatField(help_text="How long each command may wait for its station.")
    created_at = models.DateTimeField(db_default=Now())
    next_at = models.DateTimeField(help_text="When the pace allows the next station.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "idempotency_key"], name="bulk_command_idempotency_key_once"
            ),
            *checks.numbers("bulk_command", ["per_second"], 0.001, 1000),
            *checks.numbers("bulk_command", ["concurrency"], 1, 100_000),
            *checks.numbers("bulk_command", ["stop_at_failure_rate"], 0, 1),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="bulk_command_newest"),
            models.Index(fields=["id"], name="bulk_command_running", condition=models.Q(state="running")),
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
        """``params`` with their secrets; after its end they are gone.

        Raises:
            Conflict: If they can't be read any more.
        """
        return sealed_params.opened(self.params, self.sealed)

    def keep_params(self, params: Mapping[str, Any], hidden: Collection[str]) -> None:
        """Take over ``params``, their secrets sealed; ``hidden`` as in `masking.value`."""
        self.params, self.sealed = sealed_params.closed(params, hidden)


class BulkTarget(models.Model):
    """A station of a bulk command. Without command and refusal it wasn't asked yet, or never will be."""

    bulk = models.ForeignKey(BulkCommand, models.CASCADE, related_name="targets", db_index=False)
    position = models.PositiveIntegerField()
    station = models.ForeignKey(Station, models.CASCADE, related_name="+")
    command = models.OneToOneField(Command, models.CASCADE, null=True, related_name="bulk_target")
    refusal = models.CharField(max_length=300, blank=True, help_text="Why it may not be asked.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["bulk", "position"], name="bulk_target_in_order"),
            models.UniqueConstraint(fields=["bulk", "station"], name="bulk_target_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bulk_id}: {self.station_id}"
