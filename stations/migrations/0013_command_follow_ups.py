"""Commands followed to their effect. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0012_certificates"),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "command",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="follow_up",
                        serialize=False,
                        to="stations.command",
                    ),
                ),
                (
                    "awaited",
                    models.JSONField(
                        help_text="Steps that weren't seen yet; empty: all were, before the answer."
                    ),
                ),
                ("seen", models.JSONField(default=dict, help_text="What was seen so far.")),
                ("since", models.DateTimeField(help_text="When the command was sent, by our clock.")),
                ("seen_at", models.DateTimeField(help_text="When the last step was seen.", null=True)),
                ("answered", models.BooleanField(default=False, help_text="Whether the command has ended.")),
                ("within_s", models.PositiveIntegerField()),
                (
                    "scheduled_within_s",
                    models.PositiveIntegerField(help_text="The same if the station will do it later."),
                ),
                ("deadline", models.DateTimeField()),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="follow_ups",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["deadline"], name="follow_up_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "since__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("since__isnull", True),
                            _connector="OR",
                        ),
                        name="follow_up_since_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "seen_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("seen_at__isnull", True),
                            _connector="OR",
                        ),
                        name="follow_up_seen_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "deadline__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("deadline__isnull", True),
                            _connector="OR",
                        ),
                        name="follow_up_deadline_sane",
                    ),
                ],
            },
        ),
    ]
