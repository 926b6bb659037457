"""The uptime ledger. Pre-deploy."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0020_more_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="LedgerCursor",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="ledger_cursor",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                ("sequence", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Outage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(help_text="The station's, by then.", max_length=48)),
                (
                    "evse_id",
                    models.PositiveIntegerField(help_text="From 1; 0 is the station with all of its EVSEs."),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("offline", "Offline"),
                            ("faulted", "Faulted"),
                            ("unavailable", "Unavailable"),
                            ("ours", "Ours"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "began_at",
                    models.DateTimeField(help_text="By our clock: offline from when it was last heard."),
                ),
                ("ended_at", models.DateTimeField(help_text="By our clock. NULL: it goes on.", null=True)),
                ("began_event", models.CharField(max_length=26)),
                ("began_sequence", models.BigIntegerField()),
                ("ended_event", models.CharField(blank=True, max_length=26)),
                ("ended_sequence", models.BigIntegerField(null=True)),
                ("fault_id", models.CharField(blank=True, help_text="As in station.fault.", max_length=26)),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="What the event says of the reason.", max_length=500
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.network",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["station", "began_at"], name="outage_of_station"),
                    models.Index(fields=["network", "-id"], name="outage_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cause__in", ["offline", "ours"]), ("ended_at", None)),
                        fields=("station", "evse_id"),
                        name="outage_one_loss_at_a_time",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("cause__in", ["faulted", "unavailable"]), ("ended_at", None)),
                        fields=("station", "evse_id"),
                        name="outage_one_status_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_at", None), ("ended_at__gte", models.F("began_at")), _connector="OR"
                        ),
                        name="outage_ends_after_its_begin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutageExclusion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(help_text="The station's, by then.", max_length=48)),
                (
                    "evse_id",
                    models.PositiveIntegerField(help_text="From 1; 0 is the station with all of its EVSEs."),
                ),
                ("from_at", models.DateTimeField()),
                ("to_at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                ("author", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(help_text="Since then it counts again.", null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=200)),
                ("withdrawn_reason", models.CharField(blank=True, max_length=500)),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.network",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["station", "from_at"], name="outage_exclusion_of_station")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("to_at__gt", models.F("from_at"))), name="outage_exclusion_lasts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="outage_exclusion_has_a_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServiceRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evse_id", models.PositiveIntegerField()),
                (
                    "since",
                    models.DateTimeField(help_text="When it was first online, or first said how it is."),
                ),
                (
                    "statuses",
                    models.JSONField(default=dict, help_text="Of its connectors, by their numbers."),
                ),
                ("faults", models.JSONField(default=dict, help_text="Ids of their open faults.")),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="service_records",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("station", "evse_id"), name="service_record_once")
                ],
            },
        ),
    ]
