"""The uptime ledger: when EVSEs were out of service, why, and what of it doesn't count.

Append-only. An outage is written when it begins and closed once, an exclusion is written and withdrawn once;
the database refuses every other change (migration `outage_ledger_rules`). Neither refers to what may be
deleted: the ledger outlives stations, events and messages.
"""

from django.db import models

from emobi.core.models import Network
from stations.models.station import Station


class OutageCause(models.TextChoices):
    """Why it was out of service.

    Ours: our own service was away, and the station hadn't had its time to come back; that counts against
    nobody.
    """

    OFFLINE = "offline"
    FAULTED = "faulted"
    UNAVAILABLE = "unavailable"
    OURS = "ours"


class Outage(models.Model):
    """When an EVSE, or a whole station, was out of service. Causes may overlap: each is a row."""

    network = models.ForeignKey(
        Network, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    station = models.ForeignKey(
        Station, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    identity = models.CharField(max_length=48, help_text="The station's, by then.")
    evse_id = models.PositiveIntegerField(help_text="From 1; 0 is the station with all of its EVSEs.")
    cause = models.CharField(max_length=12, choices=OutageCause)
    began_at = models.DateTimeField(help_text="By our clock: offline from when it was last heard.")
    ended_at = models.DateTimeField(null=True, help_text="By our clock. NULL: it goes on.")
    # The evidence: the events that began and ended it, as they were numbered.
    began_event = models.CharField(max_length=26)
    began_sequence = models.BigIntegerField()
    ended_event = models.CharField(max_length=26, blank=True)
    ended_sequence = models.BigIntegerField(null=True)
    fault_id = models.CharField(max_length=26, blank=True, help_text="As in station.fault.")
    detail = models.CharField(max_length=500, blank=True, help_text="What the event says of the reason.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["station", "evse_id"],
                name="outage_one_loss_at_a_time",
                condition=models.Q(ended_at=None, cause__in=["offline", "ours"]),
            ),
            models.UniqueConstraint(
                fields=["station", "evse_id"],
                name="outage_one_status_at_a_time",
                condition=models.Q(ended_at=None, cause__in=["faulted", "unavailable"]),
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None) | models.Q(ended_at__gte=models.F("began_at")),
                name="outage_ends_after_its_begin",
            ),
        ]
        indexes = [
            models.Index(fields=["station", "began_at"], name="outage_of_station"),
            models.Index(fields=["network", "-id"], name="outage_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.identity}/{self.evse_id} {self.cause} {self.began_at:%Y-%m-%d %H:%M}"


class OutageExclusion(models.Model):
    """A span that doesn't count for an EVSE or station, with the reason and who says so."""

    network = models.ForeignKey(
        Network, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    station = models.ForeignKey(
        Station, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    identity = models.CharField(max_length=48, help_text="The station's, by then.")
    evse_id = models.PositiveIntegerField(help_text="From 1; 0 is the station with all of its EVSEs.")
    from_at = models.DateTimeField()
    to_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    author = models.CharField(max_length=200, help_text="As in the audit log.")
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, help_text="Since then it counts again.")
    withdrawn_by = models.CharField(max_length=200, blank=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(to_at__gt=models.F("from_at")), name="outage_exclusion_lasts"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="outage_exclusion_has_a_reason"),
        ]
        indexes = [models.Index(fields=["station", "from_at"], name="outage_exclusion_of_station")]

    def __str__(self) -> str:
        return f"{self.identity}/{self.evse_id} {self.from_at:%Y-%m-%d %H:%M}: {self.reason[:40]}"


class ServiceRecord(models.Model):
    """Since when an EVSE is counted, and what the ledger knows it last said; EVSE 0 is the station itself.

    No history: the ledger's own memory between two events.
    """

    station = models.ForeignKey(Station, models.CASCADE, related_name="service_records", db_index=False)
    evse_id = models.PositiveIntegerField()
    since = models.DateTimeField(help_text="When it was first online, or first said how it is.")
    statuses = models.JSONField(default=dict, help_text="Of its connectors, by their numbers.")
    faults = models.JSONField(default=dict, help_text="Ids of their open faults.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["station", "evse_id"], name="service_record_once"),
        ]

    def __str__(self) -> str:
        return f"{self.station_id}/{self.evse_id}"


class LedgerCursor(models.Model):
    """Up to which of a network's events the ledger is written."""

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="ledger_cursor")
    sequence = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.network_id}: {self.sequence}"
