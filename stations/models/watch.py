"""Stations that somebody keeps an eye on."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from stations.models.station import Station


class Watch(models.Model):
    """A person's star at a station."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="watches", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="watches")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["station", "user"], name="watch_once")]
        verbose_name_plural = "watches"

    def __str__(self) -> str:
        return f"{self.user_id}: {self.station_id}"
