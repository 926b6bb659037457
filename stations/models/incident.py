"""Incidents: what is wrong in a network, until somebody or something has put it right."""

from datetime import datetime

from django.conf import settings
from django.db import models

from emobi.core.models import Network
from stations.models.incident_rule import IncidentKind, IncidentRule, Severity
from stations.models.station import Station


class IncidentState(models.TextChoices):
    """open → acknowledged → resolved. A snoozed one is open or acknowledged, and hidden for a while."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Resolution(models.TextChoices):
    """How it ended: its cause was gone, a person said so, or it became part of another one."""

    BY_ITSELF = "by_itself"
    BY_HAND = "by_hand"
    MERGED = "merged"


class Incident(models.Model):
    """One thing that is wrong, however many stations it takes and however often it is noticed.

    ``key`` says what makes two findings the same: there is one unresolved incident of a key in a network,
    and the database keeps it so.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="incidents", db_index=False)
    rule = models.ForeignKey(
        IncidentRule,
        models.SET_NULL,
        null=True,
        related_name="incidents",
        help_text="NULL: opened by hand or by a playbook, or its rule is gone.",
    )
    kind = models.CharField(max_length=24, choices=IncidentKind)
    severity = models.CharField(max_length=8, choices=Severity)
    state = models.CharField(max_length=12, choices=IncidentState, default=IncidentState.OPEN)
    snoozed_until = models.DateTimeField(null=True)
    key = models.CharField(max_length=200)
    group = models.CharField(
        max_length=200, blank=True, help_text="What its stations have in common; empty: it isn't a group."
    )
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True, help_text="What is wrong and why we think so.")
    evidence = models.JSONField(default=dict, help_text="What it was opened on: ids, codes, figures.")
    occurrences = models.PositiveIntegerField(default=1, help_text="How often it began.")
    first_at = models.DateTimeField(help_text="When it began, by our clock.")
    last_at = models.DateTimeField(help_text="When it last began or grew, by our clock.")
    opened_at = models.DateTimeField(help_text="When we knew, by our clock.")
    reopened_at = models.DateTimeField(
        null=True, help_text="When we knew that it had begun again; NULL: it hasn't."
    )
    opened_by = models.CharField(max_length=200, help_text="As in the audit log.")
    auto_resolve = models.BooleanField(default=True, help_text="Resolves when its cause is gone.")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="assigned_incidents"
    )
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.CharField(max_length=200, blank=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=200, blank=True)
    resolution = models.CharField(max_length=12, choices=Resolution, blank=True)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, related_name="merged")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "key"],
                name="incident_open_once",
                condition=~models.Q(state="resolved"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="resolved", resolved_at__isnull=False)
                | (~models.Q(state="resolved") & models.Q(resolved_at=None)),
                name="incident_resolved_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="incident_newest"),
            # the queue: everything that isn't over
            models.Index(
                fields=["network", "-id"],
                name="incident_unresolved",
                condition=~models.Q(state="resolved"),
            ),
            # what ended lately and may have come back; what was like it
            models.Index(fields=["network", "key", "-id"], name="incident_of_key"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def begun_at(self) -> datetime:
        """When it last became something to be looked after, by our clock."""
        return self.reopened_at or self.opened_at


class IncidentStation(models.Model):
    """A station, or one of its EVSEs, that an incident takes."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="affected", db_index=False)
    station = models.ForeignKey(Station, models.CASCADE, related_name="incident_rows", db_index=False)
    evse_id = models.PositiveIntegerField(null=True, help_text="NULL: the whole station.")
    since = models.DateTimeField(help_text="By our clock.")
    recovered_at = models.DateTimeField(null=True, help_text="NULL: it still is affected.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "station", "evse_id"], name="incident_station_once", nulls_distinct=False
            ),
        ]
        indexes = [models.Index(fields=["station", "-id"], name="incident_of_station")]

    def __str__(self) -> str:
        return f"{self.incident_id}: {self.station_id}"


class IncidentEntry(models.Model):
    """One line of an incident's timeline. Append-only."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="entries", db_index=False)
    at = models.DateTimeField()
    by = models.CharField(max_length=200, help_text="As in the audit log.")
    what = models.CharField(max_length=24, help_text="opened, grew, acknowledged, noted, …")
    detail = models.JSONField(default=dict, help_text="The note, who, how many, which evidence.")

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="incident_timeline")]
        verbose_name_plural = "incident entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.what}"


class IncidentCondition(models.Model):
    """What a rule looks out for is the case. Where it lasts long enough, it opens an incident, once.

    The row stays for as long as it is the case: an incident that somebody has resolved by hand isn't opened
    again by the same cause.
    """

    rule = models.ForeignKey(IncidentRule, models.CASCADE, related_name="conditions", db_index=False)
    key = models.CharField(max_length=200, help_text="Of the incident that it opens by itself.")
    station = models.ForeignKey(
        Station, models.CASCADE, null=True, related_name="incident_conditions", help_text="NULL: none."
    )
    evse_id = models.PositiveIntegerField(null=True)
    since = models.DateTimeField(help_text="By our clock.")
    due_at = models.DateTimeField(help_text="When it has lasted long enough, by our clock.")
    severity = models.CharField(max_length=8, choices=Severity)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    evidence = models.JSONField(default=dict)
    incident = models.ForeignKey(Incident, models.SET_NULL, null=True, related_name="conditions")
    opened = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["rule", "key"], name="incident_condition_once")]
        indexes = [
            models.Index(fields=["due_at"], name="incident_condition_due", condition=models.Q(opened=False)),
        ]

    def __str__(self) -> str:
        return self.key
