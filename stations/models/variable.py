"""The device model: what a station says of its own settings, in 2.0.1's terms for both versions."""

from django.db import models

from emobi.core import checks
from stations.models.station import Station


class Variable(models.Model):
    """One attribute of a variable of a component.

    A configuration key of 1.6 is a variable too: see `docs/ocpp/mapping.md`. Values of write-only
    attributes are never stored.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="variables", db_index=False)
    component = models.CharField(max_length=50)
    component_instance = models.CharField(max_length=50, blank=True)
    evse_id = models.PositiveIntegerField(null=True)
    connector_id = models.PositiveIntegerField(null=True)
    variable = models.CharField(max_length=50)
    variable_instance = models.CharField(max_length=50, blank=True)
    attribute = models.CharField(
        max_length=8, default="Actual", help_text="Actual, Target, MinSet or MaxSet."
    )
    key = models.CharField(
        max_length=500, blank=True, help_text="1.6: the configuration key as the station spells it."
    )
    value = models.TextField(null=True, help_text="NULL: write-only, or never told.")
    mutability = models.CharField(max_length=12, blank=True, help_text="ReadOnly, WriteOnly or ReadWrite.")
    persistent = models.BooleanField(null=True)
    constant = models.BooleanField(null=True)
    characteristics = models.JSONField(
        default=dict, help_text="dataType, unit, minLimit, maxLimit, valuesList …"
    )
    reboot_required = models.BooleanField(default=False, help_text="Set, but in force only after a reboot.")
    reported_at = models.DateTimeField(help_text="By our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "station",
                    "component",
                    "component_instance",
                    "evse_id",
                    "connector_id",
                    "variable",
                    "variable_instance",
                    "attribute",
                ],
                name="variable_once",
                nulls_distinct=False,
            ),
            *checks.places("variable", ["evse_id", "connector_id"]),
        ]
        indexes = [
            # what a boot puts in force
            models.Index(
                fields=["station"],
                name="variable_reboot_required",
                condition=models.Q(reboot_required=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.component}.{self.variable}"
