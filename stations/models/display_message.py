"""What stations' displays have to show beside their own (2.0.1)."""

from django.db import models

from emobi.core import checks
from stations.models.station import Station


class DisplayMessage(models.Model):
    """One message, as last set or reported: our copy, which a station keeps without us.

    It removes a message by itself when its time or its transaction has ended (O01.FR.07, O02.FR.02).
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="display_messages", db_index=False)
    message_id = models.BigIntegerField()
    priority = models.CharField(max_length=20, help_text="MessagePriorityEnumType of 2.0.1.")
    state = models.CharField(
        max_length=20, blank=True, help_text="MessageStateEnumType of 2.0.1; empty: in every state."
    )
    format = models.CharField(max_length=10, help_text="MessageFormatEnumType of 2.0.1.")
    language = models.CharField(max_length=8, blank=True)
    content = models.CharField(max_length=512)
    start_at = models.DateTimeField(null=True, help_text="Not shown before, by the station's clock.")
    end_at = models.DateTimeField(null=True, help_text="Removed then, by the station's clock.")
    transaction_id = models.CharField(
        max_length=64, blank=True, help_text="Shown for as long as it runs; empty: belongs to none."
    )
    display = models.JSONField(null=True, help_text="The display's component; NULL: the only one.")
    reported_at = models.DateTimeField(help_text="When it was last set or reported, by our clock.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "message_id"], name="display_message_once"),
            *checks.integers("display_message", ["message_id"]),
            *checks.times("display_message", ["start_at", "end_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.content[:40]}"
