"""Notification routes, notifications and letters. Pre-deploy."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_more_roles"),
        ("stations", "0022_outage_ledger_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="NotificationReader",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_reader",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("message_id", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, help_text="That failed.")),
                ("next_attempt_at", models.DateTimeField(help_text="Later, while a worker is at it.")),
                (
                    "error",
                    models.CharField(blank=True, help_text="Of the last attempt, in words.", max_length=300),
                ),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NotificationRoute",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "Email"), ("webhook", "Webhook")], default="email", max_length=8
                    ),
                ),
                ("recipients", models.JSONField(default=list, help_text="E-mail addresses.")),
                ("severities", models.JSONField(default=list)),
                ("kinds", models.JSONField(default=list, help_text="Of incidents.")),
                ("sites", models.JSONField(default=list)),
                ("tags", models.JSONField(default=list)),
                ("on_resolved", models.BooleanField(default=True, help_text="Told of the end, too.")),
                (
                    "quiet_from",
                    models.TimeField(
                        help_text="Then and until `quiet_to` all but critical waits.", null=True
                    ),
                ),
                ("quiet_to", models.TimeField(null=True)),
                (
                    "time_zone",
                    models.CharField(default="UTC", help_text="Of the quiet hours.", max_length=64),
                ),
                (
                    "digest_s",
                    models.PositiveIntegerField(
                        default=0, help_text="Gather for so long, all but critical; 0: told at once."
                    ),
                ),
                (
                    "remind_s",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How often critical incidents are told again that nobody acknowledges; 0: never.",
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_routes",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=254)),
                ("severity", models.CharField(max_length=8)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("path", models.CharField(blank=True, help_text="Of the page about it.", max_length=300)),
                (
                    "cause",
                    models.CharField(blank=True, help_text="incident:…, playbook_run:…", max_length=100),
                ),
                ("key", models.CharField(max_length=200)),
                ("due_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "letter",
                    models.ForeignKey(
                        help_text="NULL: it waits.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="stations.letter",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="core.network",
                    ),
                ),
                (
                    "route",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notifications",
                        to="stations.notificationroute",
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["network", "-id"], name="letter_newest"),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["next_attempt_at"], name="letter_due"
            ),
        ),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(fields=["network", "recipient", "created_at"], name="letter_to_whom"),
        ),
        migrations.AddConstraint(
            model_name="notificationroute",
            constraint=models.UniqueConstraint(
                fields=("network", "name"), name="notification_route_name_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationroute",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("quiet_from", None), ("quiet_to", None)),
                    models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                    _connector="OR",
                ),
                name="notification_route_quiet_hours_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="notificationroute",
            constraint=models.CheckConstraint(
                condition=models.Q(("digest_s__lte", 604800), ("remind_s__lte", 604800)),
                name="notification_route_waits_bounded",
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("letter", None)), fields=["network", "due_at"], name="notification_due"
            ),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["network", "cause"], name="notification_of_cause"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=("network", "recipient", "key"), name="notification_told_once"
            ),
        ),
    ]
