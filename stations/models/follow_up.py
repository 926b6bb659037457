"""What is still to be seen of a command's effect."""

from django.db import models

from emobi.core import checks
from stations.models.command import Command
from stations.models.station import Station


class FollowUp(models.Model):
    """A command whose effect shows later, from the moment it is sent until the effect is seen or overdue.

    What came of it stands in the command's outcome then, and this row is gone.
    """

    command = models.OneToOneField(Command, models.CASCADE, primary_key=True, related_name="follow_up")
    station = models.ForeignKey(Station, models.CASCADE, related_name="follow_ups")
    awaited = models.JSONField(help_text="Steps that weren't seen yet; empty: all were, before the answer.")
    seen = models.JSONField(default=dict, help_text="What was seen so far.")
    since = models.DateTimeField(help_text="When the command was sent, by our clock.")
    seen_at = models.DateTimeField(null=True, help_text="When the last step was seen.")
    answered = models.BooleanField(default=False, help_text="Whether the command has ended.")
    within_s = models.PositiveIntegerField()
    scheduled_within_s = models.PositiveIntegerField(help_text="The same if the station will do it later.")
    deadline = models.DateTimeField()

    class Meta:
        constraints = [*checks.times("follow_up", ["since", "seen_at", "deadline"])]
        indexes = [models.Index(fields=["deadline"], name="follow_up_due")]

    def __str__(self) -> str:
        return f"{self.command_id} until {self.deadline}"
