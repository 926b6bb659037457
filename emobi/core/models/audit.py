"""Who did what. Append-only: the database refuses to change or delete an entry."""

from django.db import models

from emobi.core.models.network import Network


class AuditEntry(models.Model):
    """One action of a person, key or automation."""

    # What was done in a network outlives it.
    network = models.ForeignKey(
        Network, models.DO_NOTHING, null=True, related_name="audit_entries", db_constraint=False
    )
    at = models.DateTimeField()
    actor = models.CharField(max_length=200, help_text='"user:alice", "key:ek_abc", "system:liveness".')
    action = models.CharField(max_length=64, help_text="noun.verb, e.g. station.created")
    target = models.CharField(max_length=255, help_text="What it was done to, e.g. the station's identity.")
    detail = models.JSONField(default=dict, help_text="Before and after, reason; never a secret.")
    request_id = models.CharField(
        max_length=26, blank=True, db_default="", help_text="Of the request that did it, as logs have it."
    )
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from.")

    class Meta:
        indexes = [
            models.Index(fields=["network", "-id"], name="audit_newest"),
            models.Index(fields=["network", "target", "-id"], name="audit_of_target"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"
