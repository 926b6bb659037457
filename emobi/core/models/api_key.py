"""Keys of integrators. Only a hash is kept; the prefix tells keys apart."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models.membership import Role
from emobi.core.models.network import Network


class ApiKey(models.Model):
    """A bearer key, bound to one network and role.

    The secret is 256 random bits, so one SHA-256 is as strong as any slow hash and costs an API call nothing.
    """

    network = models.ForeignKey(Network, models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=16, choices=Role)
    prefix = models.CharField(max_length=16, unique=True)
    secret_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True, help_text="Refused from then on; empty: never.")
    last_used_at = models.DateTimeField(null=True)
    last_address = models.GenericIPAddressField(null=True, help_text="From where it was used then.")
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
