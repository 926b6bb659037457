"""The monitors of stations' device models (2.0.1): what they watch, and tell of by NotifyEvent."""

from django.db import models

from emobi.core import checks
from stations.models.station import Station


class Monitor(models.Model):
    """One monitor, as last set or reported. Its id is the station's, and may change with a boot."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="monitors", db_index=False)
    monitor_id = models.BigIntegerField()
    component = models.CharField(max_length=50)
    component_instance = models.CharField(max_length=50, blank=True)
    evse_id = models.PositiveIntegerField(null=True)
    connector_id = models.PositiveIntegerField(null=True)
    variable = models.CharField(max_length=50)
    variable_instance = models.CharField(max_length=50, blank=True)
    type = models.CharField(max_length=20, help_text="MonitorEnumType of 2.0.1.")
    value = models.FloatField(null=True, help_text="In the variable's unit; in seconds for periodic types.")
    severity = models.PositiveSmallIntegerField(null=True, help_text="From 0, danger, to 9.")
    transaction = models.BooleanField(default=False, help_text="Watches only while a transaction runs.")
    ours = models.BooleanField(default=False, help_text="We set it; else it came with the station.")
    reported_at = models.DateTimeField(help_text="When it was last set or reported, by our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "monitor_id"], name="monitor_once"),
            *checks.places("monitor", ["evse_id", "connector_id"]),
            *checks.integers("monitor", ["monitor_id"]),
            *checks.numbers("monitor", ["severity"], 0, 9),
            *checks.numbers("monitor", ["value"], -1e300, 1e300),
        ]

    def __str__(self) -> str:
        return f"{self.component}.{self.variable}: {self.type}"
