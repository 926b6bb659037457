"""Runs of playbooks: one station's treatment, step by step. All of its state is here."""

from django.db import models

from emobi.core.models import Network
from stations.models.command import Command
from stations.models.playbook import Playbook, PlaybookVersion
from stations.models.station import Station


class RunState(models.TextChoices):
    """queued → running ⇄ waiting, needs_approval → one of the ends.

    queued: guard rails leave no room yet. needs_approval: a person is asked. needs_person: a guard rail
    ended it, and only a person can do more. succeeded: its goal was seen to hold. not_verified: all was
    done, and the goal doesn't hold. failed: it couldn't be done. dry_run: only noted.
    """

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    NEEDS_APPROVAL = "needs_approval"
    NEEDS_PERSON = "needs_person"
    SUCCEEDED = "succeeded"
    NOT_VERIFIED = "not_verified"
    FAILED = "failed"
    CANCELLED = "cancelled"
    DRY_RUN = "dry_run"

    @property
    def open(self) -> bool:
        """Whether an end is still to come."""
        return self.value in OPEN_RUN_STATES


OPEN_RUN_STATES = ("queued", "running", "waiting", "needs_approval")
# Those that say how good a playbook is; what was taken back says nothing.
JUDGED_RUN_STATES = ("succeeded", "not_verified", "failed", "needs_person")

# The question whether a run may begin, among those of its steps.
BEGIN = "begin"


class PlaybookRun(models.Model):
    """A playbook at work on one station."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="playbook_runs", db_index=False)
    playbook = models.ForeignKey(Playbook, models.CASCADE, related_name="runs", db_index=False)
    version = models.ForeignKey(PlaybookVersion, models.CASCADE, related_name="runs")
    station = models.ForeignKey(Station, models.CASCADE, related_name="playbook_runs", db_index=False)
    requested_by = models.CharField(
        max_length=200, help_text='As in the audit log; "event" if one started it.'
    )
    cause = models.JSONField(help_text="The event: id, type, sequence, time, data. Events may be forgotten.")
    cause_event_id = models.CharField(max_length=26, null=True, help_text="NULL: a person started it.")
    incident_id = models.CharField(max_length=26, null=True, help_text="It is about, or has opened.")
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=14, choices=RunState, default=RunState.QUEUED)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it stands where it does, in words.")
    verified = models.BooleanField(
        null=True, help_text="Whether the goal held at its end; NULL: not looked at."
    )
    position = models.PositiveIntegerField(
        default=0, help_text="Index of the step that is under way or next."
    )
    attempt = models.PositiveIntegerField(default=1, help_text="Grows when a person has it tried again.")
    approved_by = models.CharField(max_length=200, blank=True)
    since_sequence = models.BigIntegerField(help_text="Events after this one are of its time.")
    created_at = models.DateTimeField()
    queued_at = models.DateTimeField(help_text="Since when it waits for its turn, or did.")
    due_at = models.DateTimeField(
        help_text="When to look at it at the latest; events of its station come first."
    )
    begun_at = models.DateTimeField(
        null=True, help_text="When it got its turn; NULL: it hasn't done anything yet."
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["playbook", "station"],
                name="playbook_run_active_once",
                condition=models.Q(state__in=OPEN_RUN_STATES),
            ),
            # Two playbooks never work on a station at the same time.
            models.UniqueConstraint(
                fields=["station"],
                name="playbook_run_alone_at_station",
                condition=models.Q(state__in=OPEN_RUN_STATES, begun_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["playbook", "cause_event_id", "station"], name="playbook_run_cause_once"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="playbook_run_newest"),
            models.Index(fields=["playbook", "-id"], name="playbook_run_of_playbook"),
            models.Index(fields=["station", "-id"], name="playbook_run_of_station"),
            # what the engine looks for
            models.Index(
                fields=["due_at"], name="playbook_run_due", condition=models.Q(state__in=OPEN_RUN_STATES)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.playbook_id} at {self.station_id} ({self.state})"

    @property
    def question(self) -> str | None:
        """What a person is asked: ``begin``, or ``INDEX:ATTEMPT`` of the step that asks; None: nothing."""
        if self.state != RunState.NEEDS_APPROVAL:
            return None
        asks = next((step for step in self.steps.all() if step.state == StepState.WAITING), None)
        return BEGIN if asks is None else f"{asks.index}:{asks.attempt}"


class StepState(models.TextChoices):
    """waiting → one of the rest. noted: a dry run would have done it."""

    WAITING = "waiting"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOTED = "noted"
    CANCELLED = "cancelled"


class RunStep(models.Model):
    """One step of a run, as it went. Its command is made in the same transaction: never twice."""

    run = models.ForeignKey(PlaybookRun, models.CASCADE, related_name="steps", db_index=False)
    index = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    do = models.CharField(max_length=20)
    label = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.WAITING)
    inputs = models.JSONField(default=dict)
    outputs = models.JSONField(default=dict)
    message = models.CharField(max_length=500, blank=True, help_text="What came of it, in words.")
    command = models.OneToOneField(Command, models.SET_NULL, null=True, related_name="playbook_step")
    since_sequence = models.BigIntegerField(help_text="Events after this one came after its begin.")
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    wait_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "attempt", "index"], name="run_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.do} ({self.state})"
