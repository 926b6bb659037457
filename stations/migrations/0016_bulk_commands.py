"""Bulk commands. Pre-deploy: adds two tables."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0015_configuration_templates"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkCommand",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict)),
                ("requested_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=[("viewer", "Viewer"), ("operator", "Operator"), ("admin", "Admin")],
                        max_length=8,
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200, null=True)),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="Of all that was asked, secrets and all; keyed.", max_length=64
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("finished", "Finished"),
                            ("stopped", "Stopped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it ended before its last station.", max_length=200
                    ),
                ),
                ("per_second", models.FloatField(help_text="Stations that are asked in a second, at most.")),
                (
                    "concurrency",
                    models.PositiveIntegerField(help_text="Commands that are under way at once, at most."),
                ),
                (
                    "stop_at_failure_rate",
                    models.FloatField(help_text="0 to 1; NULL: whatever happens.", null=True),
                ),
                (
                    "expires_in_s",
                    models.FloatField(help_text="How long each command may wait for its station."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("next_at", models.DateTimeField(help_text="When the pace allows the next station.")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_commands",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="BulkTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "refusal",
                    models.CharField(blank=True, help_text="Why it may not be asked.", max_length=300),
                ),
                (
                    "bulk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="stations.bulkcommand",
                    ),
                ),
                (
                    "command",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_target",
                        to="stations.command",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="stations.station"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bulkcommand",
            index=models.Index(fields=["network", "-id"], name="bulk_command_newest"),
        ),
        migrations.AddIndex(
            model_name="bulkcommand",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["id"], name="bulk_command_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcommand",
            constraint=models.UniqueConstraint(
                fields=("network", "idempotency_key"), name="bulk_command_idempotency_key_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcommand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("per_second__range", (0.001, 1000)), ("per_second__isnull", True), _connector="OR"
                ),
                name="bulk_command_per_second_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcommand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("concurrency__range", (1, 100000)), ("concurrency__isnull", True), _connector="OR"
                ),
                name="bulk_command_concurrency_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkcommand",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stop_at_failure_rate__range", (0, 1)),
                    ("stop_at_failure_rate__isnull", True),
                    _connector="OR",
                ),
                name="bulk_command_stop_at_failure_rate_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulktarget",
            constraint=models.UniqueConstraint(fields=("bulk", "position"), name="bulk_target_in_order"),
        ),
        migrations.AddConstraint(
            model_name="bulktarget",
            constraint=models.UniqueConstraint(fields=("bulk", "station"), name="bulk_target_once"),
        ),
    ]
