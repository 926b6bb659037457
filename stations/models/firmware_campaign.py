"""Campaigns: one firmware image for many stations, in waves."""

from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Network
from stations.models.command import Command
from stations.models.firmware import FirmwareImage
from stations.models.station import Station


class CampaignState(models.TextChoices):
    """running ⇄ paused | halted → finished | cancelled. Halted: too many stations of a wave failed."""

    RUNNING = "running"
    PAUSED = "paused"
    HALTED = "halted"
    FINISHED = "finished"
    CANCELLED = "cancelled"

    @property
    def ended(self) -> bool:
        """Whether nothing will happen any more."""
        return self in (CampaignState.FINISHED, CampaignState.CANCELLED)


class FirmwareCampaign(models.Model):
    """An image on its way to the stations of a network. A wave begins when the one before it has ended."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="firmware_campaigns", db_index=False)
    image = models.ForeignKey(FirmwareImage, models.PROTECT, related_name="campaigns")
    name = models.CharField(max_length=120, blank=True)
    wave_size = models.PositiveIntegerField(help_text="Stations.")
    max_failure_percent = models.PositiveSmallIntegerField(
        help_text="Of a wave's stations: when more have failed, the campaign halts."
    )
    station_timeout_s = models.PositiveIntegerField(
        help_text="What a station has, from the moment it is asked until it runs the new firmware."
    )
    state = models.CharField(max_length=12, choices=CampaignState, default=CampaignState.RUNNING)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is halted.")
    wave = models.PositiveIntegerField(default=1, help_text="The one that is under way, from 1.")
    forgiven_until = models.DateTimeField(
        null=True, help_text="Failures until then don't count: somebody resumed knowing of them."
    )
    created_by = models.CharField(max_length=200, help_text="As in the audit log.")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wave_size__gte=1, wave__gte=1), name="firmware_campaign_waves_count"
            ),
            models.CheckConstraint(
                condition=models.Q(max_failure_percent__lte=100), name="firmware_campaign_percent_sane"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="firmware_campaign_newest"),
            # what the sweep looks for
            models.Index(
                fields=["id"], name="firmware_campaign_running", condition=models.Q(state="running")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.id


class TargetState(models.TextChoices):
    """waiting → updating → one of the rest; or from waiting straight to skipped."""

    WAITING = "waiting"
    UPDATING = "updating"
    INSTALLED = "installed"
    FAILED = "failed"
    SKIPPED = "skipped"


class FirmwareCampaignTarget(models.Model):
    """A station in a campaign. Skipped: it couldn't be asked, which says nothing about the firmware."""

    campaign = models.ForeignKey(FirmwareCampaign, models.CASCADE, related_name="targets", db_index=False)
    station = models.ForeignKey(Station, models.CASCADE, related_name="+", db_index=False)
    wave = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=TargetState, default=TargetState.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    command = models.OneToOneField(Command, models.SET_NULL, null=True, related_name="+")
    attempt = models.PositiveIntegerField(
        default=0, help_text="How often its command was taken back before it was sent."
    )
    asked_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "station"], name="firmware_campaign_station_once"),
            # Two campaigns don't update a station at the same time.
            models.UniqueConstraint(
                fields=["station"],
                condition=models.Q(state="updating"),
                name="firmware_campaign_one_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "wave", "state"], name="firmware_campaign_wave")]

    def __str__(self) -> str:
        return self.state
