"""Logs that stations were asked to upload, and those that came to us."""

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from stations.models.command import Command
from stations.models.station import Station


class StationLog(models.Model):
    """A log that a command asked for. Its file, if it came to us, is named for its id.

    The token is the whole right to upload it: for this log, once, until ``expires_at``.
    """

    id = models.CharField(max_length=26, primary_key=True)
    station = models.ForeignKey(Station, models.CASCADE, related_name="logs", db_index=False)
    command = models.OneToOneField(Command, models.CASCADE, related_name="log")
    type = models.CharField(max_length=20)
    token = models.CharField(max_length=43, unique=True, null=True, help_text="NULL: it was to go elsewhere.")
    expires_at = models.DateTimeField(null=True)
    filename = models.CharField(max_length=255, blank=True, help_text="As the station calls it.")
    status = models.CharField(max_length=40, blank=True, help_text="As last reported.")
    status_at = models.DateTimeField(null=True)
    size = models.BigIntegerField(null=True, help_text="In bytes; NULL: it hasn't come to us.")
    sha256 = models.CharField(max_length=64, blank=True)
    stored_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size=None, sha256="", stored_at=None)
                | models.Q(size__gte=0, stored_at__isnull=False),
                name="station_log_stored_wholly",
            ),
            *checks.times("station_log", ["expires_at", "status_at", "stored_at"]),
        ]
        indexes = [
            models.Index(fields=["station", "-id"], name="station_log_newest"),
            # what is to be forgotten
            models.Index(fields=["created_at"], name="station_log_oldest"),
        ]

    def __str__(self) -> str:
        return self.filename or self.type
