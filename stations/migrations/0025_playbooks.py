"""Playbooks, their versions and runs, kill switches. Pre-deploy: adds tables."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0024_bulk_pause"),
    ]

    operations = [
        migrations.CreateModel(
            name="PlaybookControl",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="playbook_control",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                (
                    "cursor",
                    models.BigIntegerField(
                        default=0, help_text="Sequence of the last event that was looked at."
                    ),
                ),
                ("stopped", models.BooleanField(default=False, help_text="The kill switch.")),
                ("stop_reason", models.CharField(blank=True, max_length=300)),
                (
                    "changed_by",
                    models.CharField(blank=True, help_text="As in the audit log.", max_length=200),
                ),
                ("changed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Playbook",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "slug",
                    models.SlugField(
                        max_length=48,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -"
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, max_length=2000)),
                ("enabled", models.BooleanField(default=False, help_text="Whether events start it.")),
                (
                    "dry_run",
                    models.BooleanField(
                        default=True,
                        help_text="Only note what it would do: nothing is sent to a station, nobody is told.",
                    ),
                ),
                (
                    "current",
                    models.PositiveIntegerField(
                        default=1, help_text="Number of the version that new runs follow."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbooks",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlaybookKillSwitch",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("stopped", models.BooleanField(default=False)),
                ("stop_reason", models.CharField(blank=True, max_length=300)),
                (
                    "changed_by",
                    models.CharField(blank=True, help_text="As in the audit log.", max_length=200),
                ),
                ("changed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="playbook_kill_switch_only_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaybookVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "event",
                    models.CharField(help_text='The type that starts it, without "emobi.".', max_length=64),
                ),
                ("written", models.JSONField(help_text="As stations.playbooks.definition has it.")),
                (
                    "note",
                    models.CharField(blank=True, help_text="What was changed, and why.", max_length=300),
                ),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "playbook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="stations.playbook",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="PlaybookRun",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "requested_by",
                    models.CharField(
                        help_text='As in the audit log; "event" if one started it.', max_length=200
                    ),
                ),
                (
                    "cause",
                    models.JSONField(
                        help_text="The event: id, type, sequence, time, data. Events may be forgotten."
                    ),
                ),
                (
                    "cause_event_id",
                    models.CharField(help_text="NULL: a person started it.", max_length=26, null=True),
                ),
                (
                    "incident_id",
                    models.CharField(help_text="It is about, or has opened.", max_length=26, null=True),
                ),
                ("dry_run", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("waiting", "Waiting"),
                            ("needs_approval", "Needs Approval"),
                            ("needs_person", "Needs Person"),
                            ("succeeded", "Succeeded"),
                            ("not_verified", "Not Verified"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("dry_run", "Dry Run"),
                        ],
                        default="queued",
                        max_length=14,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it stands where it does, in words.", max_length=300
                    ),
                ),
                (
                    "verified",
                    models.BooleanField(
                        help_text="Whether the goal held at its end; NULL: not looked at.", null=True
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0, help_text="Index of the step that is under way or next."
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(
                        default=1, help_text="Grows when a person has it tried again."
                    ),
                ),
                ("approved_by", models.CharField(blank=True, max_length=200)),
                (
                    "since_sequence",
                    models.BigIntegerField(help_text="Events after this one are of its time."),
                ),
                ("created_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField(help_text="Since when it waits for its turn, or did.")),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When to look at it at the latest; events of its station come first."
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(
                        help_text="When it got its turn; NULL: it hasn't done anything yet.", null=True
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbook_runs",
                        to="core.network",
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="stations.playbook",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbook_runs",
                        to="stations.station",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="stations.playbookversion",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.PositiveIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                ("do", models.CharField(max_length=20)),
                ("label", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("noted", "Noted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("inputs", models.JSONField(default=dict)),
                ("outputs", models.JSONField(default=dict)),
                (
                    "message",
                    models.CharField(blank=True, help_text="What came of it, in words.", max_length=500),
                ),
                (
                    "since_sequence",
                    models.BigIntegerField(help_text="Events after this one came after its begin."),
                ),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("wait_until", models.DateTimeField(null=True)),
                (
                    "command",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="playbook_step",
                        to="stations.command",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="stations.playbookrun",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="playbook",
            constraint=models.UniqueConstraint(fields=("network", "slug"), name="playbook_slug_once"),
        ),
        migrations.AddConstraint(
            model_name="playbookversion",
            constraint=models.UniqueConstraint(fields=("playbook", "number"), name="playbook_version_once"),
        ),
        migrations.AddIndex(
            model_name="playbookrun",
            index=models.Index(fields=["network", "-id"], name="playbook_run_newest"),
        ),
        migrations.AddIndex(
            model_name="playbookrun",
            index=models.Index(fields=["playbook", "-id"], name="playbook_run_of_playbook"),
        ),
        migrations.AddIndex(
            model_name="playbookrun",
            index=models.Index(fields=["station", "-id"], name="playbook_run_of_station"),
        ),
        migrations.AddIndex(
            model_name="playbookrun",
            index=models.Index(
                condition=models.Q(("state__in", ("queued", "running", "waiting", "needs_approval"))),
                fields=["due_at"],
                name="playbook_run_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="playbookrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("queued", "running", "waiting", "needs_approval"))),
                fields=("playbook", "station"),
                name="playbook_run_active_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="playbookrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("begun_at__isnull", False),
                    ("state__in", ("queued", "running", "waiting", "needs_approval")),
                ),
                fields=("station",),
                name="playbook_run_alone_at_station",
            ),
        ),
        migrations.AddConstraint(
            model_name="playbookrun",
            constraint=models.UniqueConstraint(
                fields=("playbook", "cause_event_id", "station"), name="playbook_run_cause_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="runstep",
            constraint=models.UniqueConstraint(fields=("run", "attempt", "index"), name="run_step_once"),
        ),
    ]
