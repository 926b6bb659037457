"""Local lists: what stations judge by themselves while they can't ask."""

from django.db import models

from emobi.core import checks
from stations.models import Station


class LocalList(models.Model):
    """Our copy of the list that a station has accepted."""

    station = models.OneToOneField(Station, models.CASCADE, primary_key=True, related_name="local_list")
    version = models.PositiveBigIntegerField(default=0, help_text="As the station has it; 0: no list.")
    entries = models.JSONField(default=list, help_text="Each as the command send_local_list has it.")
    in_step = models.BooleanField(
        default=True, help_text="False: the station refused a change, or has another version."
    )
    supported = models.BooleanField(default=True, help_text="False: the station says that it keeps no lists.")
    refusing_firmware = models.CharField(
        max_length=255,
        blank=True,
        default="",
        db_default="",
        help_text="With which firmware it said so; with another it is asked again.",
    )
    unfinished = models.JSONField(
        null=True,
        help_text="All entries of a list of which the station has a part; NULL: it has no part.",
    )
    tries = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How often the whole of an unfinished list was sent again."
    )
    changed_at = models.DateTimeField(help_text="By our clock.")

    class Meta:
        constraints = [
            *checks.times("local_list", ["changed_at"]),
            *checks.integers("local_list", ["version"], 0),
        ]
        indexes = [
            # what the sweep looks for
            models.Index(
                fields=["station"],
                name="local_list_unfinished",
                condition=models.Q(unfinished__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"version {self.version}"

    def is_refused_by(self, station: Station) -> bool:
        """Whether the station, with the firmware that it has now, keeps no lists."""
        return not self.supported and self.refusing_firmware == station.firmware_version
