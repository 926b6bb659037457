"""A network: one operator's stations, people and events; the tenant."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now


class Network(models.Model):
    """One operator. Nothing of a network is ever visible to another."""

    slug = models.SlugField(
        max_length=48,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -")],
    )
    name = models.CharField(max_length=120)
    auto_register = models.BooleanField(
        default=False,
        help_text="List unknown stations as pending: they may connect and wait for an operator.",
    )
    reads_device_model = models.BooleanField(
        default=True,
        db_default=True,
        help_text="Ask a station for all that it is made of when it first boots accepted, and when it boots"
        " as another model or with other firmware.",
    )
    security_profile = models.PositiveSmallIntegerField(
        default=1,
        help_text="The OCPP security profile of stations that have none of their own, which may be lower;"
        " 0 asks for no password.",
    )
    allowed_versions = models.JSONField(
        default=list, blank=True, help_text='OCPP versions that stations may speak, e.g. ["1.6"]; empty: all.'
    )
    operator_name = models.CharField(
        max_length=120, blank=True, help_text="Subject O that client certificates must carry (profile 3)."
    )
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(security_profile__lte=3), name="network_security_profile_known"
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def organization(self) -> str:
        """What the certificates of its stations name as their subject's O."""
        return self.operator_name or self.name
