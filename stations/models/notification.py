"""Who is told of what goes wrong, what there is to tell, and the letters that it becomes."""

from django.db import models

from emobi.core.models import Network


class Channel(models.TextChoices):
    """E-mail; or an event, `notification.raised`, that webhooks and streams deliver."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class NotificationRoute(models.Model):
    """Which incidents somebody is told of, where, and when not. Empty lists let everything through."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="notification_routes", db_index=False)
    name = models.CharField(max_length=80)
    channel = models.CharField(max_length=8, choices=Channel, default=Channel.EMAIL)
    recipients = models.JSONField(default=list, help_text="E-mail addresses.")
    severities = models.JSONField(default=list)
    kinds = models.JSONField(default=list, help_text="Of incidents.")
    sites = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    on_resolved = models.BooleanField(default=True, help_text="Told of the end, too.")
    quiet_from = models.TimeField(null=True, help_text="Then and until `quiet_to` all but critical waits.")
    quiet_to = models.TimeField(null=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Of the quiet hours.")
    digest_s = models.PositiveIntegerField(
        default=0, help_text="Gather for so long, all but critical; 0: told at once."
    )
    remind_s = models.PositiveIntegerField(
        default=0, help_text="How often critical incidents are told again that nobody acknowledges; 0: never."
    )
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, help_text="As in the audit log.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "name"], name="notification_route_name_once"),
            models.CheckConstraint(
                condition=models.Q(quiet_from=None, quiet_to=None)
                | models.Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="notification_route_quiet_hours_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(digest_s__lte=7 * 86_400, remind_s__lte=7 * 86_400),
                name="notification_route_waits_bounded",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LetterState(models.TextChoices):
    """waiting → sent | failed."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class Letter(models.Model):
    """An e-mail to one recipient: one notification, or a digest of several.

    At least once: a worker that dies between the server's answer and ours sends it again, with the same
    Message-ID.
    """

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="letters", db_index=False)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=200)
    message_id = models.CharField(max_length=200)
    state = models.CharField(max_length=8, choices=LetterState, default=LetterState.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="That failed.")
    next_attempt_at = models.DateTimeField(help_text="Later, while a worker is at it.")
    error = models.CharField(max_length=300, blank=True, help_text="Of the last attempt, in words.")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["network", "-id"], name="letter_newest"),
            models.Index(fields=["next_attempt_at"], name="letter_due", condition=models.Q(state="waiting")),
            models.Index(fields=["network", "recipient", "created_at"], name="letter_to_whom"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.recipient}"


class Notification(models.Model):
    """One thing that one recipient is to be told. ``key`` says what makes two of them the same."""

    id = models.CharField(max_length=26, primary_key=True)
    network = models.ForeignKey(Network, models.CASCADE, related_name="notifications", db_index=False)
    route = models.ForeignKey(
        NotificationRoute, models.SET_NULL, null=True, related_name="notifications", db_index=False
    )
    recipient = models.CharField(max_length=254)
    severity = models.CharField(max_length=8)
    subject = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=300, blank=True, help_text="Of the page about it.")
    cause = models.CharField(max_length=100, blank=True, help_text="incident:…, playbook_run:…")
    key = models.CharField(max_length=200)
    due_at = models.DateTimeField()
    created_at = models.DateTimeField()
    letter = models.ForeignKey(
        Letter, models.CASCADE, null=True, related_name="notifications", help_text="NULL: it waits."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network", "recipient", "key"], name="notification_told_once"),
        ]
        indexes = [
            models.Index(
                fields=["network", "due_at"], name="notification_due", condition=models.Q(letter=None)
            ),
            models.Index(fields=["network", "cause"], name="notification_of_cause"),
        ]

    def __str__(self) -> str:
        return self.subject


class RaisedNotification(models.Model):
    """What a route has raised an event for, once each."""

    route = models.ForeignKey(NotificationRoute, models.CASCADE, related_name="raised", db_index=False)
    key = models.CharField(max_length=200, help_text="As that of a notification.")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "key"], name="raised_notification_once"),
        ]
        indexes = [models.Index(fields=["at"], name="raised_notification_old")]

    def __str__(self) -> str:
        return self.key


class NotificationReader(models.Model):
    """How far a network's events have been read for its routes."""

    network = models.OneToOneField(
        Network, models.CASCADE, primary_key=True, related_name="notification_reader"
    )
    sequence = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.network_id}: {self.sequence}"
