"""Screens on a wall: they see the overview of one network, and nothing else."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models.network import Network


class WallToken(models.Model):
    """What opens the overview on a screen that nobody signs in at. Of its text only a hash is kept."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="wall_tokens")
    name = models.CharField(max_length=120, help_text="Where the screen hangs.")
    secret_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
