"""Maintenance that is planned: from when until when, at which stations."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Network


class WindowState(models.TextChoices):
    """Planned, running, over; or taken back before it began."""

    PLANNED = "planned"
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"


class MaintenanceWindow(models.Model):
    """A time in which stations are in maintenance without anybody switching it.

    It is for a site, with all stations that it has when the window begins, or for stations by identity.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="maintenance_windows", db_index=False)
    site = models.CharField(max_length=120, blank=True, help_text="Empty: for the stations of identities.")
    identities = models.JSONField(default=list, blank=True)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    author = models.CharField(max_length=200, help_text="As in the audit log.")
    state = models.CharField(max_length=9, choices=WindowState, default=WindowState.PLANNED)
    covers = models.JSONField(
        default=list, blank=True, help_text="Keys of the stations that it is for, since it began."
    )
    switched = models.JSONField(
        default=list, blank=True, help_text="Those of them whose maintenance it has begun, and is to end."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("begins_at")), name="maintenance_window_lasts"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="maintenance_window_has_reason"),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="maintenance_window_newest"),
            models.Index(
                fields=["begins_at"],
                name="maintenance_window_due",
                condition=models.Q(state__in=["planned", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site or ', '.join(self.identities[:3])} ({self.state})"
