"""What drivers show: id tokens of a network."""

from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core.models import Network


class TokenStatus(models.TextChoices):
    """What an operator says of a token; expiry and concurrency are judged on top."""

    ACCEPTED = "accepted"
    BLOCKED = "blocked"


class IdToken(models.Model):
    """A token; matched without regard to case (OCPP 1.6 section 7.28; 2.0.1 IdTokenType)."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="id_tokens", db_index=False)
    id_token = models.CharField(max_length=255)
    type = models.CharField(max_length=20, default="ISO14443", help_text="IdTokenEnumType of 2.0.1.")
    status = models.CharField(max_length=10, choices=TokenStatus, default=TokenStatus.ACCEPTED)
    expires_at = models.DateTimeField(null=True, blank=True)
    group = models.CharField(
        max_length=36, blank=True, help_text="Tokens of a group may stop each other's sessions."
    )
    master_pass = models.BooleanField(default=False, help_text="May stop any session, start none.")
    concurrent = models.BooleanField(default=False, help_text="May have several sessions at once.")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # 1.6 knows no types, so a token's text alone must tell it.
            models.UniqueConstraint("network", Lower("id_token"), name="id_token_once"),
            models.CheckConstraint(condition=~models.Q(id_token=""), name="id_token_given"),
        ]

    def __str__(self) -> str:
        return self.id_token
