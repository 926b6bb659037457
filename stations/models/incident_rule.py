"""Rules that open incidents, and what they have noticed so far."""

from django.db import models

from emobi.core.models import Network
from stations.models.station import Station


class Severity(models.TextChoices):
    """How bad it is, the worst first."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class IncidentKind(models.TextChoices):
    """What is wrong. `OTHER` is opened by people and playbooks only."""

    OFFLINE = "offline"
    FLAPPING = "flapping"
    FAULT = "fault"
    REBOOT_LOOP = "reboot_loop"
    FAILED_STARTS = "failed_starts"
    NO_METER_VALUES = "no_meter_values"
    ZOMBIE_SESSION = "zombie_session"
    CLOCK_SKEW = "clock_skew"
    CERTIFICATE_EXPIRING = "certificate_expiring"
    CERTIFICATE_FAILED = "certificate_failed"
    SECURITY_EVENT = "security_event"
    DEVIATION_RATE = "deviation_rate"
    WEBHOOK_FAILING = "webhook_failing"
    OTHER = "other"


class IncidentRule(models.Model):
    """When something becomes an incident, in one network. What ``params`` holds depends on the kind."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="incident_rules", db_index=False)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=24, choices=IncidentKind)
    severity = models.CharField(max_length=8, choices=Severity)
    params = models.JSONField(default=dict)
    for_s = models.PositiveIntegerField(default=0, help_text="How long it must last, in seconds.")
    scope = models.JSONField(default=dict, blank=True, help_text="site, tag, vendor, model; empty: all.")
    auto_resolve = models.BooleanField(default=True, help_text="Resolve when the cause is gone.")
    enabled = models.BooleanField(default=True)
    shipped = models.BooleanField(default=False, help_text="Every network has it.")
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="incident_rule_name_once"),
            models.CheckConstraint(
                condition=models.Q(for_s__lte=7 * 86_400), name="incident_rule_for_s_bounded"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class IncidentReader(models.Model):
    """How far a network's events have been read for its rules.

    Locked while they are: what follows from events and this number are committed together, so that any
    number of processes may read, and none reads twice or leaves anything out.
    """

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="incident_reader")
    sequence = models.BigIntegerField()
    swept_at = models.DateTimeField(null=True, help_text="When states were last looked at, by our clock.")

    def __str__(self) -> str:
        return f"{self.network_id}: {self.sequence}"


class IncidentTally(models.Model):
    """Something that a rule counts happened."""

    rule = models.ForeignKey(IncidentRule, models.CASCADE, related_name="tallies", db_index=False)
    station = models.ForeignKey(Station, models.CASCADE, related_name="+", db_index=False)
    evse_id = models.PositiveIntegerField(null=True)
    at = models.DateTimeField(help_text="By our clock.")
    what = models.CharField(max_length=24)
    amount = models.PositiveBigIntegerField(default=1)

    class Meta:
        indexes = [
            models.Index(fields=["rule", "station", "at"], name="incident_tally_counted"),
            models.Index(fields=["at"], name="incident_tally_old"),
        ]
        verbose_name_plural = "incident tallies"

    def __str__(self) -> str:
        return f"{self.what} {self.station_id}"
