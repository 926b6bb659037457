"""What drivers show: id tokens of a network."""

from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core import checks
from emobi.core.models import Network
from sessions.models.tariff import Tariff


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
    allowed_evses = models.JSONField(
        default=list,
        blank=True,
        help_text='Where it may charge: [{"station": identity, "evse_ids": [1, 2]}], no EVSEs: all of the '
        "station's; empty: everywhere.",
    )
    charging_priority = models.SmallIntegerField(default=0, help_text="-9 to 9, from low to high.")
    language1 = models.CharField(max_length=8, blank=True, help_text="The driver's, such as de or fr-CH.")
    language2 = models.CharField(max_length=8, blank=True, help_text="Where the station hasn't the first.")
    personal_message = models.CharField(max_length=512, blank=True, help_text="Shown when it is accepted.")
    tariff = models.ForeignKey(
        Tariff,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="id_tokens",
        help_text="Empty: the network's default.",
    )
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # 1.6 knows no types, so a token's text alone must tell it.
            models.UniqueConstraint("network", Lower("id_token"), name="id_token_once"),
            models.CheckConstraint(condition=~models.Q(id_token=""), name="id_token_given"),
            *checks.numbers("id_token", ["charging_priority"], -9, 9),
            # 2.0.1, IdTokenInfoType: the second language is another one than the first.
            models.CheckConstraint(
                condition=models.Q(language2="")
                | (~models.Q(language1="") & ~models.Q(language1=models.F("language2"))),
                name="id_token_languages_differ",
            ),
        ]

    def __str__(self) -> str:
        return self.id_token
