"""What a station reports because of a command, part by part."""

from django.db import models

from emobi.core import checks
from stations.models.command import Command


class CommandPart(models.Model):
    """One message of a report; all of them together are the report of their command."""

    command = models.ForeignKey(Command, models.CASCADE, related_name="parts", db_index=False)
    key = models.CharField(
        max_length=64,
        help_text="Its sequence number, or a hash of what it says where it has none: one that is sent again "
        "has the same.",
    )
    seq_no = models.BigIntegerField(null=True)
    items = models.JSONField(help_text="In their normal form; fewer than were said where that was too much.")
    received_at = models.DateTimeField(help_text="By our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["command", "key"], name="command_part_once"),
            *checks.numbers("command_part", ["seq_no"], 0, 2**31 - 1),
        ]
        indexes = [models.Index(fields=["received_at"], name="command_part_by_age")]

    def __str__(self) -> str:
        return f"{self.command_id} part {self.key}"
