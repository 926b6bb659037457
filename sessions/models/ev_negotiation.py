"""What EVs want, what they were offered, and how they mean to charge (ISO 15118)."""

from django.db import models

from emobi.core import checks
from stations.models import Station


class EvNegotiation(models.Model):
    """The newest negotiation at an EVSE; earlier ones are events. Source: OCPP 2.0.1, K15 to K17."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="ev_negotiations", db_index=False)
    evse_id = models.PositiveIntegerField()
    transaction_id = models.CharField(max_length=64, blank=True, help_text="Empty: none ran here.")
    needs = models.JSONField(help_text="As in the event ev.charging_needs.")
    needs_at = models.DateTimeField(help_text="When they came, by our clock.")
    answer = models.CharField(max_length=10)
    profile_id = models.BigIntegerField(null=True, help_text="Of the profile that we offered.")
    offers = models.PositiveIntegerField(
        default=0, help_text="How often we had to offer anew, because the EV's plan was beyond its limits."
    )
    schedule = models.JSONField(null=True, help_text="The EV's plan.")
    time_base = models.DateTimeField(null=True, help_text="When the plan begins, by the station's clock.")
    schedule_at = models.DateTimeField(null=True, help_text="When the plan came, by our clock.")
    schedule_answer = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "evse_id"], name="ev_negotiation_of_evse"),
            *checks.times("ev_negotiation", ["time_base"]),
            *checks.places("ev_negotiation", ["evse_id"]),
            *checks.integers("ev_negotiation", ["profile_id"]),
        ]

    def __str__(self) -> str:
        return f"EVSE {self.evse_id}, transaction {self.transaction_id}"
