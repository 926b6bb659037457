"""What stations' displays have to show. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0009_monitors"),
    ]

    operations = [
        migrations.CreateModel(
            name="DisplayMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="display_messages",
                        to="stations.station",
                    ),
                ),
                ("message_id", models.BigIntegerField()),
                ("priority", models.CharField(help_text="MessagePriorityEnumType of 2.0.1.", max_length=20)),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        help_text="MessageStateEnumType of 2.0.1; empty: in every state.",
                        max_length=20,
                    ),
                ),
                ("format", models.CharField(help_text="MessageFormatEnumType of 2.0.1.", max_length=10)),
                ("language", models.CharField(blank=True, max_length=8)),
                ("content", models.CharField(max_length=512)),
                (
                    "start_at",
                    models.DateTimeField(help_text="Not shown before, by the station's clock.", null=True),
                ),
                (
                    "end_at",
                    models.DateTimeField(help_text="Removed then, by the station's clock.", null=True),
                ),
                (
                    "transaction_id",
                    models.CharField(
                        blank=True,
                        help_text="Shown for as long as it runs; empty: belongs to none.",
                        max_length=64,
                    ),
                ),
                (
                    "display",
                    models.JSONField(help_text="The display's component; NULL: the only one.", null=True),
                ),
                (
                    "reported_at",
                    models.DateTimeField(help_text="When it was last set or reported, by our clock."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("station", "message_id"), name="display_message_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "start_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("start_at__isnull", True),
                            _connector="OR",
                        ),
                        name="display_message_start_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "end_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("end_at__isnull", True),
                            _connector="OR",
                        ),
                        name="display_message_end_at_sane",
                    ),
                ],
            },
        ),
    ]
