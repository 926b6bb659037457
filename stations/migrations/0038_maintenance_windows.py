"""Maintenance that is planned. Pre-deploy: adds a table."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0012_key_address"),
        ("stations", "0037_station_name_zone_notes"),
    ]

    operations = [
        migrations.CreateModel(
            name="MaintenanceWindow",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "site",
                    models.CharField(
                        blank=True, help_text="Empty: for the stations of identities.", max_length=120
                    ),
                ),
                ("identities", models.JSONField(blank=True, default=list)),
                ("begins_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=300)),
                ("author", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("running", "Running"),
                            ("over", "Over"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=9,
                    ),
                ),
                (
                    "covers",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Keys of the stations that it is for, since it began.",
                    ),
                ),
                (
                    "switched",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text="Those of them whose maintenance it has begun, and is to end.",
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="maintenance_windows",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="maintenance_window_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["planned", "running"])),
                        fields=["begins_at"],
                        name="maintenance_window_due",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("begins_at"))),
                        name="maintenance_window_lasts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="maintenance_window_has_reason",
                    ),
                ],
            },
        ),
    ]
