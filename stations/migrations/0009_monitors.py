"""Monitors of stations' device models. Pre-deploy: adds a table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0008_command_said_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Monitor",
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
                        related_name="monitors",
                        to="stations.station",
                    ),
                ),
                ("monitor_id", models.BigIntegerField()),
                ("component", models.CharField(max_length=50)),
                ("component_instance", models.CharField(blank=True, max_length=50)),
                ("evse_id", models.PositiveIntegerField(null=True)),
                ("connector_id", models.PositiveIntegerField(null=True)),
                ("variable", models.CharField(max_length=50)),
                ("variable_instance", models.CharField(blank=True, max_length=50)),
                ("type", models.CharField(help_text="MonitorEnumType of 2.0.1.", max_length=20)),
                (
                    "value",
                    models.FloatField(
                        help_text="In the variable's unit; in seconds for periodic types.", null=True
                    ),
                ),
                ("severity", models.PositiveSmallIntegerField(help_text="From 0, danger, to 9.", null=True)),
                (
                    "transaction",
                    models.BooleanField(default=False, help_text="Watches only while a transaction runs."),
                ),
                (
                    "ours",
                    models.BooleanField(default=False, help_text="We set it; else it came with the station."),
                ),
                (
                    "reported_at",
                    models.DateTimeField(help_text="When it was last set or reported, by our clock."),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("station", "monitor_id"), name="monitor_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="monitor_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connector_id__range", (0, 9999)),
                            ("connector_id__isnull", True),
                            _connector="OR",
                        ),
                        name="monitor_connector_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("severity__range", (0, 9)), ("severity__isnull", True), _connector="OR"
                        ),
                        name="monitor_severity_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("value__range", (-1e300, 1e300)), ("value__isnull", True), _connector="OR"
                        ),
                        name="monitor_value_sane",
                    ),
                ],
            },
        ),
    ]
