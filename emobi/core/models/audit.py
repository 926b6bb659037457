"""Who did what. Append-only."""

from django.db import models

from emobi.core.models.network import Network


class AuditEntry(models.Model):
    """One action of a person, key or automation."""

    network = models.ForeignKey(Network, models.CASCADE, null=True, related_name="audit_entries")
    at = models.DateTimeField()
    actor = models.CharField(max_length=200, help_text='"user:alice", "key:ek_abc", "system:liveness".')
    action = models.CharField(max_length=64, help_text="noun.verb, e.g. station.created")
    target = models.CharField(max_length=255, help_text="What it was done to, e.g. the station's identity.")
    detail = models.JSONField(default=dict, help_text="Before and after, reason; never a secret.")
    address = models.GenericIPAddressField(null=True, help_text="Where the request came from.")

    class Meta:
        indexes = [models.Index(fields=["network", "-id"], name="audit_newest")]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"
