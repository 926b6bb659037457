"""Meter readings, in base units."""

from django.db import models

from emobi.core import checks
from stations.models import Station


class MeterValue(models.Model):
    """What a meter showed at one moment: MeterValueType of OCPP, with all its sampled values.

    The three figures that pages plot and sessions add up have columns of their own; ``samples`` holds all,
    each as `emobi.core.events.Sample`.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="meter_values", db_index=False)
    session = models.CharField(max_length=26, null=True, help_text="Id of the charging session; NULL: none.")
    evse_id = models.PositiveIntegerField(null=True, help_text="0: the main meter.")
    at = models.DateTimeField(help_text="By the station's clock.")
    received_at = models.DateTimeField(help_text="By our clock.")
    context = models.CharField(max_length=24, blank=True)
    energy_wh = models.FloatField(null=True)
    power_w = models.FloatField(null=True)
    soc_percent = models.FloatField(null=True)
    samples = models.JSONField()

    class Meta:
        constraints = [
            *checks.times("meter_value", ["at"]),
            *checks.places("meter_value", ["evse_id"]),
            *checks.numbers("meter_value", ["energy_wh", "power_w"], -1e12, 1e12),
            *checks.numbers("meter_value", ["soc_percent"], 0, 100),
        ]
        indexes = [
            models.Index(
                fields=["session", "at"],
                name="meter_value_of_session",
                condition=models.Q(session__isnull=False),
            ),
            models.Index(fields=["station", "-id"], name="meter_value_of_station"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.energy_wh} Wh"
