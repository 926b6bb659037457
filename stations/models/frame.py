"""The message log: every OCPP frame, both ways. Partitioned by day on its id, dropped by the day."""

from django.db import models

from stations.models.station import Station


class Direction(models.IntegerChoices):
    """Seen from us."""

    RECEIVED = 0
    SENT = 1


class Kind(models.IntegerChoices):
    """OCPP-J message types; 0 for text that is none of them."""

    DAMAGED = 0
    CALL = 2
    RESULT = 3
    ERROR = 4


class Frame(models.Model):
    """One frame, as text, with its secrets masked.

    ``id`` is made by `stations.frame_ids`: it grows with time, so it is the key of partitions and of
    keyset reading at once.
    """

    id = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField(help_text="Received or sent, by our clock.")
    network_id = models.BigIntegerField()
    station = models.ForeignKey(
        Station, models.DO_NOTHING, related_name="frames", db_constraint=False, db_index=False
    )
    direction = models.SmallIntegerField(choices=Direction)
    kind = models.SmallIntegerField(choices=Kind)
    message_id = models.TextField(blank=True)
    action = models.TextField(blank=True, help_text="Of the CALL; for an answer, of the CALL it settles.")
    error_code = models.TextField(blank=True)
    note = models.TextField(blank=True, help_text="Why it was ignored, or how it deviates.")
    text = models.TextField()
    pair_id = models.BigIntegerField(null=True, help_text="The CALL's answer, or the answer's CALL.")
    round_trip_ms = models.FloatField(null=True, help_text="On answers: from the CALL to here.")

    class Meta:
        # The table, its partitions and its indexes are made by the migration: Django knows no partitions.
        managed = False
        db_table = "stations_frame"

    def __str__(self) -> str:
        return f"{self.at:%H:%M:%S.%f} {self.action}"
