"""How the stations of a network are to be set up, as far as it is the same for many."""

from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core.models import Network


class ConfigurationTemplate(models.Model):
    """Variables and the values that they are to have, for the stations of a vendor and model."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(
        Network, models.CASCADE, related_name="configuration_templates", db_index=False
    )
    name = models.CharField(max_length=120)
    vendor = models.CharField(max_length=255, blank=True, help_text="In whatever case; empty: of any.")
    model = models.CharField(max_length=255, blank=True, help_text="In whatever case; empty: any.")
    variables = models.JSONField(help_text="Names and values, as the params of set_config have them.")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint("network", Lower("name"), name="configuration_template_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="configuration_template_named"),
        ]

    def __str__(self) -> str:
        return self.name
