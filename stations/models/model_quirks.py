"""Quirks that all stations of a model have."""

from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core.models import Network


class ModelQuirks(models.Model):
    """What is done differently for the stations of a model, or for those of one firmware of it."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="model_quirks", db_index=False)
    vendor = models.CharField(max_length=255, help_text="As its stations say it in BootNotification.")
    model = models.CharField(max_length=255)
    firmware_version = models.CharField(max_length=255, blank=True, help_text="Empty: every firmware.")
    quirks = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name_plural = "model quirks"
        constraints = [
            models.UniqueConstraint(
                "network",
                Lower("vendor"),
                Lower("model"),
                Lower("firmware_version"),
                name="model_quirks_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(vendor="") & ~models.Q(model=""), name="model_quirks_of_a_model"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, (self.vendor, self.model, self.firmware_version)))
