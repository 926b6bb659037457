"""Firmware: images that stations can fetch from us, and how far each update has come."""

from django.db import models
from django.db.models.functions import Now

from emobi.core import checks
from emobi.core.models import Network
from stations.models.command import Command
from stations.models.station import Station

LONGEST_STATUS = 40


class FirmwareImage(models.Model):
    """A file of the firmware store, which a station fetches from its own URL.

    What a vendor signed is stored with the signature and the certificate that vouches for it, as OCPP says
    them: stations believe neither alone.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="firmware_images", db_index=False)
    version = models.CharField(max_length=255, help_text="As a station that runs it says at its boot.")
    vendor = models.CharField(max_length=255, blank=True, help_text="Whose stations it is for; empty: any.")
    model = models.CharField(max_length=255, blank=True, help_text="Which model it is for; empty: any.")
    filename = models.CharField(max_length=150, help_text="The last part of its URL.")
    size = models.BigIntegerField(help_text="In bytes.")
    sha256 = models.CharField(max_length=64)
    md5 = models.CharField(max_length=32, help_text="What local controllers know it by (2.0.1, L03).")
    signature = models.TextField(blank=True, help_text="Base64.")
    signing_certificate = models.TextField(blank=True, help_text="PEM.")
    token = models.CharField(max_length=43, unique=True, help_text="Whoever knows it may fetch the file.")
    note = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(size__gt=0), name="firmware_image_holds_something"),
            models.CheckConstraint(condition=~models.Q(version=""), name="firmware_image_version_given"),
            models.CheckConstraint(
                condition=models.Q(signature="", signing_certificate="")
                | ~(models.Q(signature="") | models.Q(signing_certificate="")),
                name="firmware_image_signed_wholly",
            ),
        ]
        indexes = [models.Index(fields=["network", "-id"], name="firmware_image_newest")]

    def __str__(self) -> str:
        return f"{self.vendor} {self.model} {self.version}".strip()

    def fits(self, station: Station) -> bool:
        """Whether it is for stations of this vendor and model, in whatever case they are written."""
        wanted = ((self.vendor, station.vendor), (self.model, station.model))
        return all(not ours or ours.casefold() == theirs.casefold() for ours, theirs in wanted)


class FirmwareStep(models.Model):
    """A status on the way of an update, or of a publication by a local controller, when it was first said."""

    station = models.ForeignKey(Station, models.CASCADE, related_name="firmware_steps", db_index=False)
    command = models.ForeignKey(
        Command, models.CASCADE, related_name="firmware_steps", db_index=False,
        help_text="The one that asked for it.",
    )  # fmt: skip
    status = models.CharField(max_length=LONGEST_STATUS)
    locations = models.JSONField(default=list, help_text="Where a local controller offers the file.")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [*checks.times("firmware_step", ["received_at"])]
        indexes = [models.Index(fields=["command", "id"], name="firmware_step_of_command")]

    def __str__(self) -> str:
        return self.status
