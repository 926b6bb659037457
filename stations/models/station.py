"""A charging station: what it is, and how it is doing."""

from collections.abc import Iterable
from typing import Any, Self, override

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower, Now

from emobi.core import checks
from emobi.core.events import Subject
from emobi.core.models import Network
from stations import quirks


class Registration(models.TextChoices):
    """What a BootNotification is answered."""

    ACCEPTED = "accepted"
    PENDING = "pending"
    REJECTED = "rejected"


class Connectivity(models.TextChoices):
    """Whether we can talk to it. Silent: missed heartbeats, a probe is out."""

    ONLINE = "online"
    SILENT = "silent"
    OFFLINE = "offline"
    NEVER = "never"


class Station(models.Model):
    """One charging station of a network, known by its identity, the last segment of its URL."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="stations", db_index=False)
    identity = models.CharField(max_length=48)
    # What its next BootNotification is answered, and what the last one was; "" if none has come yet.
    registration = models.CharField(max_length=8, choices=Registration, default=Registration.ACCEPTED)
    told_registration = models.CharField(
        max_length=8, choices=Registration, blank=True, default="", db_default="", editable=False
    )
    connectivity = models.CharField(max_length=8, choices=Connectivity, default=Connectivity.NEVER)
    connectivity_since = models.DateTimeField(db_default=Now())

    # Credentials. NULL: the network's security profile applies.
    security_profile = models.PositiveSmallIntegerField(null=True, blank=True)
    # While a change is under way the old hash, and after a space each the new ones that it may have taken; ""
    # stands for no old one, too.
    password_hash = models.CharField(max_length=600, blank=True)
    serial_number = models.CharField(max_length=255, blank=True)
    # Under way; until the station has proved the new, the old lets it in as well.
    upgrading_to = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="The security profile that it was told to use from now on."
    )
    password_changing_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when it isn't known which of several passwords it has."
    )

    # From the last BootNotification.
    vendor = models.CharField(max_length=255, blank=True)
    model = models.CharField(max_length=255, blank=True)
    firmware_version = models.CharField(max_length=255, blank=True)
    iccid = models.CharField(max_length=255, blank=True)
    imsi = models.CharField(max_length=255, blank=True)
    boot_reason = models.CharField(max_length=50, blank=True)
    booted_at = models.DateTimeField(null=True, blank=True, help_text="By our clock.")

    ocpp_version = models.CharField(max_length=8, blank=True, help_text="Of the newest connection.")
    allowed_versions = models.JSONField(default=list, blank=True, help_text="Empty: as the network allows.")
    heartbeat_interval_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="Told at the next boot; empty: EMOBI_HEARTBEAT_INTERVAL_S."
    )
    negotiated_heartbeat_s = models.PositiveIntegerField(
        null=True, blank=True, help_text="What it was told at its last boot; silence is measured by it."
    )
    clock_skew_s = models.FloatField(null=True, blank=True, help_text="The station's clock minus ours.")
    firmware_status = models.CharField(max_length=40, blank=True)
    log_status = models.CharField(max_length=40, blank=True)
    quirks = models.JSONField(default=dict, blank=True, help_text="What to do differently for this station.")
    model_quirks = models.JSONField(
        default=dict, blank=True, editable=False, help_text="The same for its model: a copy of its row."
    )
    tags = models.JSONField(default=list, blank=True)
    site = models.CharField(max_length=120, blank=True)
    name = models.CharField(
        max_length=120, blank=True, default="", db_default="", help_text="What people call it."
    )
    zone = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text='The time zone where it stands: "Europe/Berlin"; empty: nobody said.',
    )
    notes = models.CharField(
        max_length=4000, blank=True, default="", db_default="", help_text="For whoever looks after it."
    )
    maintenance = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            # Identities differ in more than case, so that a station that shouts is still found (quirk 10).
            models.UniqueConstraint("network", Lower("identity"), name="station_identity_once"),
            models.CheckConstraint(condition=~models.Q(identity=""), name="station_identity_given"),
            models.CheckConstraint(
                condition=models.Q(security_profile=None) | models.Q(security_profile__lte=3),
                name="station_security_profile_known",
            ),
            models.CheckConstraint(
                condition=models.Q(upgrading_to=None) | models.Q(upgrading_to__range=(1, 3)),
                name="station_upgrading_to_known",
            ),
            *checks.times("station", ["booted_at"]),
            *checks.numbers("station", ["clock_skew_s"], -4e9, 4e9),
        ]
        indexes = [models.Index(fields=["network", "connectivity"], name="station_by_connectivity")]

    def __str__(self) -> str:
        return self.identity

    # Not a column: whether effects of commands are awaited of it, where it was read with that.
    is_followed = False

    @override
    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Self] | None = None,
    ) -> None:
        """Read columns again; with one that was left out, all that were: the next is asked for soon."""
        if fields is not None:
            left_out = self.get_deferred_fields()
            fields = left_out.union(fields) if left_out.intersection(fields) else fields
        super().refresh_from_db(using, fields, from_queryset)

    @property
    def subject(self) -> Subject:
        """Whom events of this station are about."""
        return Subject(
            network_id=self.network_id, station=self.identity, ocpp_version=self.ocpp_version or None
        )

    @property
    def has_password(self) -> bool:
        """Whether it has one of which we know; its first, while that is on its way, isn't yet."""
        return bool(self.password_hash.partition(" ")[0])

    @property
    def flags(self) -> dict[str, Any]:
        """What is done differently for it: its own quirks over those of its model."""
        return quirks.merged(self.model_quirks, self.quirks)

    @property
    def heartbeat_s(self) -> int:
        """The heartbeat interval that the station is told, in seconds."""
        return self.heartbeat_interval_s or settings.EMOBI_HEARTBEAT_INTERVAL_S

    @property
    def profile(self) -> int:
        """The lowest OCPP security profile it may connect with; needs the network."""
        return self.network.security_profile if self.security_profile is None else self.security_profile
