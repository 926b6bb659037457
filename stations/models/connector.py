"""The connectors of a station as last reported; the station itself is EVSE 0, connector 0."""

from django.db import models

from emobi.core import checks
from stations.models.station import Station


class Availability(models.TextChoices):
    """ConnectorStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.22."""

    AVAILABLE = "Available"
    OCCUPIED = "Occupied"
    RESERVED = "Reserved"
    UNAVAILABLE = "Unavailable"
    FAULTED = "Faulted"


class Connector(models.Model):
    """One plug's last reported status. It is learnt from what the station says, in either version."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="connectors", db_index=False)
    evse_id = models.PositiveIntegerField(help_text="From 1; 0 is the station itself.")
    connector_id = models.PositiveIntegerField(help_text="From 1 within the EVSE; 0 for EVSE 0.")
    status = models.CharField(
        max_length=12, choices=Availability, blank=True, help_text="Empty: never reported."
    )
    detail = models.CharField(max_length=40, blank=True, help_text="1.6's finer word, e.g. SuspendedEV.")
    error_code = models.CharField(max_length=50, blank=True, help_text="Empty: no error.")
    vendor_error_code = models.CharField(max_length=255, blank=True)
    info = models.CharField(max_length=500, blank=True)
    problems = models.JSONField(
        default=list, help_text="Components that have a problem now, as NotifyEvent names them (2.0.1)."
    )
    fault_id = models.CharField(max_length=26, blank=True, help_text="Of the fault that is open now.")
    type = models.CharField(max_length=40, blank=True, help_text="ConnectorEnumType, from the device model.")
    station_time = models.DateTimeField(null=True, help_text="Of the status, by the station's clock.")
    changed_at = models.DateTimeField(help_text="When status or error last changed, by our clock.")
    reported_at = models.DateTimeField(help_text="When it was last reported, by our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "evse_id", "connector_id"], name="connector_once"),
            *checks.times("connector", ["station_time"]),
            *checks.places("connector", ["evse_id", "connector_id"]),
        ]

    def __str__(self) -> str:
        return f"EVSE {self.evse_id}, connector {self.connector_id}"
