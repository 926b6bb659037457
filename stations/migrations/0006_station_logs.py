"""Logs that stations were asked for. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0005_firmware"),
    ]

    operations = [
        migrations.CreateModel(
            name="StationLog",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("type", models.CharField(max_length=20)),
                (
                    "token",
                    models.CharField(
                        help_text="NULL: it was to go elsewhere.", max_length=43, null=True, unique=True
                    ),
                ),
                ("expires_at", models.DateTimeField(null=True)),
                (
                    "filename",
                    models.CharField(blank=True, help_text="As the station calls it.", max_length=255),
                ),
                ("status", models.CharField(blank=True, help_text="As last reported.", max_length=40)),
                ("status_at", models.DateTimeField(null=True)),
                (
                    "size",
                    models.BigIntegerField(help_text="In bytes; NULL: it hasn't come to us.", null=True),
                ),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("stored_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "command",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="log", to="stations.command"
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="logs",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["station", "-id"], name="station_log_newest"),
                    models.Index(fields=["created_at"], name="station_log_oldest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sha256", ""), ("size", None), ("stored_at", None)),
                            models.Q(("size__gte", 0), ("stored_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="station_log_stored_wholly",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "expires_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("expires_at__isnull", True),
                            _connector="OR",
                        ),
                        name="station_log_expires_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("status_at__isnull", True),
                            _connector="OR",
                        ),
                        name="station_log_status_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stored_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("stored_at__isnull", True),
                            _connector="OR",
                        ),
                        name="station_log_stored_at_sane",
                    ),
                ],
            },
        ),
    ]
