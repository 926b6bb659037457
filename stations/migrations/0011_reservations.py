"""Reservations. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0010_display_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reservation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "reservation_id",
                    models.PositiveBigIntegerField(help_text="The number by which the station knows it."),
                ),
                ("evse_id", models.PositiveIntegerField(help_text="NULL: any.", null=True)),
                (
                    "connector_type",
                    models.CharField(blank=True, help_text="ConnectorEnumType of 2.0.1.", max_length=20),
                ),
                ("id_token", models.CharField(max_length=36)),
                ("id_token_type", models.CharField(blank=True, max_length=20)),
                ("group_id_token", models.CharField(blank=True, max_length=36)),
                ("expires_at", models.DateTimeField()),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(help_text="By our clock; NULL: it stands.", null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("Used", "Used"),
                            ("Expired", "Expired"),
                            ("Cancelled", "Cancelled"),
                            ("Replaced", "Replaced"),
                            ("Removed", "Removed"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "session",
                    models.CharField(
                        blank=True, help_text="Id of the charging session that used it.", max_length=26
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reservations",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["station", "-id"], name="reservation_newest"),
                    models.Index(
                        condition=models.Q(("ended_at", None)),
                        fields=["expires_at"],
                        name="reservation_by_expiry",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("station", "reservation_id"),
                        name="reservation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("reason", "")),
                            models.Q(("ended_at__isnull", False), models.Q(("reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="reservation_reason_known",
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
                        name="reservation_expires_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "ended_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("ended_at__isnull", True),
                            _connector="OR",
                        ),
                        name="reservation_ended_at_sane",
                    ),
                ],
            },
        ),
    ]
