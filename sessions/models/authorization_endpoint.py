"""Where a network's operator is asked about tokens that aren't in our table."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Network
from emobi.core.signatures import new_secret as new_secret  # its migration names it here


class AuthorizationEndpoint(models.Model):
    """The operator's own HTTP endpoint. What it doesn't answer in time is refused."""

    network = models.OneToOneField(
        Network, models.CASCADE, primary_key=True, related_name="authorization_endpoint"
    )
    url = models.URLField(
        max_length=500, help_text="https, or any host that EMOBI_AUTHORIZATION_HOSTS names."
    )
    secret = models.CharField(
        max_length=100, default=new_secret, help_text="Questions are signed with it (Standard Webhooks)."
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(secret__regex=r"^whsec_[A-Za-z0-9+/]{32,}={0,2}$"),
                name="authorization_endpoint_secret_sound",
            )
        ]

    def __str__(self) -> str:
        return self.url
