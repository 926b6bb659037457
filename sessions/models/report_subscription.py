"""Who is sent a report by e-mail, and how often."""

from django.db import models

from emobi.core.models import Network


class Every(models.TextChoices):
    """A week from Monday on, or a calendar month; both UTC."""

    WEEK = "week"
    MONTH = "month"


class ReportSubscription(models.Model):
    """A recipient of a network's report, each period once."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="report_subscriptions", db_index=False)
    recipient = models.CharField(max_length=254)
    every = models.CharField(max_length=5, choices=Every)
    next_at = models.DateTimeField(help_text="Then it is sent the period that ended before.")
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, help_text="As in the audit log.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "recipient", "every"], name="report_subscription_once"
            ),
        ]
        indexes = [models.Index(fields=["next_at"], name="report_subscription_due")]

    def __str__(self) -> str:
        return f"{self.every} → {self.recipient}"
