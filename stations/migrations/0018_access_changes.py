"""Guided changes of how a station gets in. Pre-deploy: adds a table, and columns that may be empty."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0017_connector_problems"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("password", "Password"), ("security_profile", "Security Profile")],
                        max_length=16,
                    ),
                ),
                ("params", models.JSONField(default=dict, help_text="What was asked for; never a password.")),
                (
                    "steps",
                    models.JSONField(help_text="In their order: step, state, command_id, attempts, reason."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "credential",
                    models.CharField(
                        blank=True, help_text="Digest of the hash of the password before.", max_length=64
                    ),
                ),
                ("requested_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField(help_text="When its last step began or ended.")),
                ("ended_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddField(
            model_name="station",
            name="password_changing_since",
            field=models.DateTimeField(
                blank=True, help_text="Since when it isn't known which of two passwords it has.", null=True
            ),
        ),
        migrations.AddField(
            model_name="station",
            name="upgrading_to",
            field=models.PositiveSmallIntegerField(
                blank=True, help_text="The security profile that it was told to use from now on.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="station",
            constraint=models.CheckConstraint(
                condition=models.Q(("upgrading_to", None), ("upgrading_to__range", (1, 3)), _connector="OR"),
                name="station_upgrading_to_known",
            ),
        ),
        migrations.AddField(
            model_name="accesschange",
            name="station",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="access_changes",
                to="stations.station",
            ),
        ),
        migrations.AddIndex(
            model_name="accesschange",
            index=models.Index(fields=["station", "-id"], name="access_change_newest"),
        ),
        migrations.AddConstraint(
            model_name="accesschange",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("station",),
                name="access_change_one_at_a_time",
            ),
        ),
    ]
