"""Reports that come in parts. Pre-deploy: adds a table, and a column that may be empty."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0002_frame_partitions"),
    ]

    operations = [
        migrations.AddField(
            model_name="command",
            name="report",
            field=models.JSONField(
                help_text="How far the report has come that it asked for; its parts have what it says.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="CommandPart",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        help_text="Its sequence number, or a hash of what it says where it has none: one that is sent again has the same.",
                        max_length=64,
                    ),
                ),
                ("seq_no", models.BigIntegerField(null=True)),
                (
                    "items",
                    models.JSONField(
                        help_text="In their normal form; fewer than were said where that was too much."
                    ),
                ),
                ("received_at", models.DateTimeField(help_text="By our clock.")),
                (
                    "command",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="stations.command",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["received_at"], name="command_part_by_age")],
                "constraints": [
                    models.UniqueConstraint(fields=("command", "key"), name="command_part_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seq_no__range", (0, 2147483647)), ("seq_no__isnull", True), _connector="OR"
                        ),
                        name="command_part_seq_no_sane",
                    ),
                ],
            },
        ),
    ]
