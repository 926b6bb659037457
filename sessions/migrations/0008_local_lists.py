"""Our copies of local lists. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charging", "0007_tariffs"),
        ("stations", "0011_reservations"),
    ]

    operations = [
        migrations.CreateModel(
            name="LocalList",
            fields=[
                (
                    "station",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="local_list",
                        serialize=False,
                        to="stations.station",
                    ),
                ),
                (
                    "version",
                    models.PositiveBigIntegerField(default=0, help_text="As the station has it; 0: no list."),
                ),
                (
                    "entries",
                    models.JSONField(default=list, help_text="Each as the command send_local_list has it."),
                ),
                (
                    "in_step",
                    models.BooleanField(
                        default=True, help_text="False: the station refused a change, or has another version."
                    ),
                ),
                (
                    "supported",
                    models.BooleanField(
                        default=True, help_text="False: the station says that it keeps no lists."
                    ),
                ),
                ("changed_at", models.DateTimeField(help_text="By our clock.")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "changed_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("changed_at__isnull", True),
                            _connector="OR",
                        ),
                        name="local_list_changed_at_sane",
                    )
                ],
            },
        ),
    ]
