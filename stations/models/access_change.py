"""Guided changes of how a station gets in: its password, its security profile."""

from django.db import models

from stations.models.station import Station


class AccessChangeKind(models.TextChoices):
    """What is changed. Source: OCPP 2.0.1 part 2, A01 and A05."""

    PASSWORD = "password"
    SECURITY_PROFILE = "security_profile"


class AccessChangeState(models.TextChoices):
    """running → succeeded, once the station has come in with the new."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AccessChange(models.Model):
    """One change, step by step. What let the station in before does so until it has proved the new."""

    id = models.CharField(max_length=26, primary_key=True)
    station = models.ForeignKey(Station, models.CASCADE, related_name="access_changes", db_index=False)
    kind = models.CharField(max_length=16, choices=AccessChangeKind)
    params = models.JSONField(default=dict, help_text="What was asked for; never a password.")
    steps = models.JSONField(help_text="In their order: step, state, command_id, attempts, reason.")
    state = models.CharField(max_length=9, choices=AccessChangeState, default=AccessChangeState.RUNNING)
    reason = models.CharField(max_length=300, blank=True)
    credential = models.CharField(
        max_length=64,
        blank=True,
        help_text="Digest of the hash of the password before.",
    )
    requested_by = models.CharField(max_length=200, help_text="As in the audit log.")
    created_at = models.DateTimeField()
    moved_at = models.DateTimeField(help_text="When its last step began or ended.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station"],
                condition=models.Q(state="running"),
                name="access_change_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="access_change_newest")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.state})"
