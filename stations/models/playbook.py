"""Playbooks: what is to be done when a station is ill, in versions that never change."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Now

from emobi.core.models import Network
from stations.playbooks import definition
from stations.playbooks.definition import Definition


class Playbook(models.Model):
    """A playbook of a network. Whether it works, and in earnest, is here; what it does, in its versions."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="playbooks", db_index=False)
    slug = models.SlugField(
        max_length=48,
        validators=[RegexValidator(r"^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -")],
    )
    name = models.CharField(max_length=120)
    description = models.TextField(max_length=2000, blank=True)
    enabled = models.BooleanField(default=False, help_text="Whether events start it.")
    dry_run = models.BooleanField(
        default=True, help_text="Only note what it would do: nothing is sent to a station, nobody is told."
    )
    current = models.PositiveIntegerField(default=1, help_text="Number of the version that new runs follow.")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    archived_at = models.DateTimeField(
        null=True, blank=True, help_text="NULL: it is in use, be it switched off."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "slug"], name="playbook_slug_once"),
            models.CheckConstraint(
                condition=models.Q(archived_at=None) | models.Q(enabled=False),
                name="playbook_archived_is_off",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PlaybookVersion(models.Model):
    """What a playbook does. Rows of it are never changed: a run can be read as it was meant."""

    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=64, help_text='The type that starts it, without "emobi.".')
    written = models.JSONField(help_text="As stations.playbooks.definition has it.")
    note = models.CharField(max_length=300, blank=True, help_text="What was changed, and why.")
    created_by = models.CharField(max_length=200, help_text="As in the audit log.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["playbook", "number"], name="playbook_version_once")]

    def __str__(self) -> str:
        return f"{self.playbook_id} v{self.number}"

    @property
    def definition(self) -> Definition:
        """What it says, as its dataclass."""
        return definition.stored(self.written)


class PlaybookControl(models.Model):
    """How far playbooks have read a network's events, and whether they may do anything there."""

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="playbook_control")
    cursor = models.BigIntegerField(default=0, help_text="Sequence of the last event that was looked at.")
    stopped = models.BooleanField(default=False, help_text="The kill switch.")
    stop_reason = models.CharField(max_length=300, blank=True)
    changed_by = models.CharField(max_length=200, blank=True, help_text="As in the audit log.")
    changed_at = models.DateTimeField(null=True)
    shipped = models.CharField(
        max_length=32,
        blank=True,
        default="",
        db_default="",
        help_text="A digest of the shipped playbooks that it last followed.",
    )

    def __str__(self) -> str:
        return f"{self.network_id}: {'stopped' if self.stopped else 'on'}"


class PlaybookKillSwitch(models.Model):
    """The kill switch of all networks: one row, or none while nobody has ever used it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    stopped = models.BooleanField(default=False)
    stop_reason = models.CharField(max_length=300, blank=True)
    changed_by = models.CharField(max_length=200, blank=True, help_text="As in the audit log.")
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="playbook_kill_switch_only_one")]

    def __str__(self) -> str:
        return "stopped" if self.stopped else "on"
