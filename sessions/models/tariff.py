"""Tariffs: what charging costs."""

from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core import checks
from emobi.core.models import Network
from sessions import costs


class Tariff(models.Model):
    """Prices of a network. A row never changes its prices: sessions that began with it end with it.

    Taxes are in the prices. Without ``text`` drivers are told the prices in words.
    """

    network = models.ForeignKey(Network, models.CASCADE, related_name="tariffs", db_index=False)
    name = models.CharField(max_length=40)
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as EUR.")
    price_per_kwh = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    price_per_minute = models.DecimalField(
        max_digits=12, decimal_places=4, default=0, help_text="From the start of the session to its end."
    )
    start_fee = models.DecimalField(max_digits=12, decimal_places=4, default=0)
    text = models.CharField(max_length=512, blank=True, help_text="What drivers are shown at the station.")
    default = models.BooleanField(default=False, help_text="For tokens that have no tariff of their own.")
    update_every_s = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="How often stations are sent the cost of a session that runs (CostUpdated); empty: never.",
    )
    created_at = models.DateTimeField(db_default=Now())
    replaced_at = models.DateTimeField(null=True, editable=False, help_text="NULL: in force.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "network",
                Lower("name"),
                name="tariff_name_once",
                condition=models.Q(replaced_at=None),
            ),
            models.UniqueConstraint(
                fields=["network"],
                name="tariff_one_default",
                condition=models.Q(default=True, replaced_at=None),
            ),
            models.CheckConstraint(
                condition=models.Q(currency__regex=r"^[A-Z]{3}$"), name="tariff_currency_known"
            ),
            models.CheckConstraint(
                condition=models.Q(update_every_s=None) | models.Q(update_every_s__gte=15),
                name="tariff_update_every_s_possible",
            ),
            *checks.numbers("tariff", ["price_per_kwh", "price_per_minute", "start_fee"], 0, 1e7),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def words(self) -> str:
        """What drivers are told of it."""
        return self.text or costs.in_words(self)
