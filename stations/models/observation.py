"""What stations told us beside their business: deviations from OCPP, security events, monitored events."""

from django.db import models

from emobi.core import checks
from stations.models.station import Station


class Deviation(models.Model):
    """A way in which a station's messages differ from OCPP, counted by where and how."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="deviations", db_index=False)
    action = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    rule = models.CharField(max_length=64)
    detail = models.CharField(max_length=300, blank=True)
    count = models.PositiveBigIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "action", "path", "rule"], name="deviation_counted"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.path}: {self.rule}"


class SecurityEventEntry(models.Model):
    """A station's SecurityEventNotification, kept as long as the station; then see `security_events`."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="security_events", db_index=False)
    type = models.CharField(max_length=255)
    tech_info = models.TextField(blank=True)
    station_time = models.DateTimeField(null=True)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            # A queue that is sent again after a reconnect says nothing new.
            models.UniqueConstraint(
                fields=["station", "type", "station_time", "tech_info"], name="security_event_once"
            ),
            *checks.times("security_event", ["station_time"]),
        ]
        verbose_name_plural = "security event entries"

    def __str__(self) -> str:
        return self.type


class MonitoredEvent(models.Model):
    """One entry of NotifyEvent (2.0.1): a monitor of the device model went off."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="monitored_events", db_index=False)
    event_id = models.BigIntegerField()
    station_time = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    trigger = models.CharField(max_length=20)
    component = models.CharField(max_length=50)
    evse_id = models.PositiveIntegerField(null=True)
    connector_id = models.PositiveIntegerField(null=True)
    variable = models.CharField(max_length=50)
    actual_value = models.TextField()
    cleared = models.BooleanField(default=False)
    transaction_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict, help_text="techCode, techInfo, cause, severity and the rest.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "event_id", "station_time"],
                name="monitored_event_once",
                nulls_distinct=False,
            ),
            *checks.times("monitored_event", ["station_time"]),
            *checks.integers("monitored_event", ["event_id"]),
            *checks.places("monitored_event", ["evse_id", "connector_id"]),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="monitored_event_newest")]

    def __str__(self) -> str:
        return f"{self.component}.{self.variable}"
