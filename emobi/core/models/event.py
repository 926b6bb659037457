"""The events of a network, in the order of their commits."""

from django.db import models

from emobi.core.models.network import Network


class EventCounter(models.Model):
    """The last sequence number of a network.

    A row of its own, locked from the numbering to the commit: numbers have no gap and grow in commit order,
    so a reader that asks for "after N" never misses an event.
    """

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="event_counter")
    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.network_id}: {self.value}"


class Event(models.Model):
    """One fact, as integrators get it; ``data`` is described in `emobi.core.events`."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="events", db_index=False)
    sequence = models.BigIntegerField()
    type = models.CharField(max_length=64, help_text='Without "emobi.".')
    station = models.CharField(
        max_length=255, null=True, help_text="Identity; NULL for facts about no station."
    )
    ocpp_version = models.CharField(max_length=8, null=True)
    time = models.DateTimeField(help_text="By our clock.")
    data = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "sequence"], name="event_sequence_once")]
        indexes = [
            # "what happened at this station" and "every session.started after N", both in sequence order
            models.Index(fields=["network", "station", "sequence"], name="event_of_station"),
            models.Index(fields=["network", "type", "sequence"], name="event_of_type"),
            # "how often did each station connect within a day", without reading the events themselves
            models.Index(
                fields=["network", "sequence"],
                include=["station"],
                condition=models.Q(type="station.connected"),
                name="event_connected",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type} {self.station or ''}"
