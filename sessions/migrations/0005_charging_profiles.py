"""Charging profiles at stations, and what EVs negotiate. Pre-deploy."""

import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charging", "0004_session_on_token"),
        ("stations", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="EvNegotiation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evse_id", models.PositiveIntegerField()),
                (
                    "transaction_id",
                    models.CharField(blank=True, help_text="Empty: none ran here.", max_length=64),
                ),
                ("needs", models.JSONField(help_text="As in the event ev.charging_needs.")),
                ("needs_at", models.DateTimeField(help_text="When they came, by our clock.")),
                ("answer", models.CharField(max_length=10)),
                (
                    "profile_id",
                    models.BigIntegerField(help_text="Of the profile that we offered.", null=True),
                ),
                (
                    "offers",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How often we had to offer anew, because the EV's plan was beyond its limits.",
                    ),
                ),
                ("schedule", models.JSONField(help_text="The EV's plan.", null=True)),
                (
                    "time_base",
                    models.DateTimeField(
                        help_text="When the plan begins, by the station's clock.", null=True
                    ),
                ),
                (
                    "schedule_at",
                    models.DateTimeField(help_text="When the plan came, by our clock.", null=True),
                ),
                ("schedule_answer", models.CharField(blank=True, max_length=10)),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ev_negotiations",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("station", "evse_id"), name="ev_negotiation_of_evse"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "time_base__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("time_base__isnull", True),
                            _connector="OR",
                        ),
                        name="ev_negotiation_time_base_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstalledProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "evse_id",
                    models.PositiveIntegerField(
                        help_text="0: the whole station; NULL: wherever the remote start begins that it came with.",
                        null=True,
                    ),
                ),
                (
                    "profile_id",
                    models.BigIntegerField(
                        help_text="NULL: a limit that we were only notified of.", null=True
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("ChargingStationExternalConstraints", "ChargingStationExternalConstraints"),
                            ("ChargingStationMaxProfile", "ChargingStationMaxProfile"),
                            ("TxDefaultProfile", "TxDefaultProfile"),
                            ("TxProfile", "TxProfile"),
                        ],
                        max_length=40,
                    ),
                ),
                ("stack_level", models.PositiveBigIntegerField(default=0)),
                (
                    "transaction_id",
                    models.CharField(
                        blank=True,
                        help_text="Of a TxProfile; empty until a remote start has begun.",
                        max_length=64,
                    ),
                ),
                ("valid_from", models.DateTimeField(null=True)),
                ("valid_to", models.DateTimeField(null=True)),
                (
                    "source",
                    models.CharField(
                        choices=[("ours", "Ours"), ("reported", "Reported"), ("external", "External")],
                        max_length=8,
                    ),
                ),
                (
                    "limit_source",
                    models.CharField(
                        choices=[("EMS", "EMS"), ("Other", "Other"), ("SO", "SO"), ("CSO", "CSO")],
                        default="CSO",
                        max_length=8,
                    ),
                ),
                ("grid_critical", models.BooleanField(null=True)),
                ("content", models.JSONField(help_text="The whole profile, as the API shows it.")),
                ("remote_start_id", models.BigIntegerField(null=True)),
                ("id_token", models.CharField(blank=True, max_length=255)),
                ("set_at", models.DateTimeField(help_text="When we learnt of it, by our clock.")),
                (
                    "reported_at",
                    models.DateTimeField(help_text="When the station last told that it has it.", null=True),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charging_profiles",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["station", "id"], name="installed_profile_of_station")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("source", "external"), _negated=True),
                        fields=("station", "profile_id"),
                        name="installed_profile_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("source", "external")),
                        fields=("station", "limit_source", "evse_id", "profile_id"),
                        name="installed_profile_external_once",
                        nulls_distinct=False,
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("purpose", "TxProfile"),
                            ("source", "ours"),
                            models.Q(("transaction_id", ""), _negated=True),
                        ),
                        fields=("station", "transaction_id", "stack_level"),
                        name="installed_profile_of_transaction_once",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("purpose", "TxDefaultProfile"), ("source", "ours")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("station"),
                                    models.F("station"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("evse_id"),
                                    models.F("evse_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("stack_level"),
                                    models.F("stack_level"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("valid_from"),
                                    models.F("valid_to"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="installed_profile_default_at_a_time",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        condition=models.Q(("purpose", "ChargingStationMaxProfile"), ("source", "ours")),
                        expressions=[
                            (
                                models.Func(
                                    models.F("station"),
                                    models.F("station"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("evse_id"),
                                    models.F("evse_id"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("stack_level"),
                                    models.F("stack_level"),
                                    models.Value("[]"),
                                    function="int8range",
                                ),
                                "&&",
                            ),
                            (
                                models.Func(
                                    models.F("valid_from"),
                                    models.F("valid_to"),
                                    function="tstzrange",
                                    output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                                ),
                                "&&",
                            ),
                        ],
                        name="installed_profile_max_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose", "ChargingStationExternalConstraints"), ("source", "external")
                            ),
                            models.Q(
                                models.Q(("source", "external"), _negated=True),
                                models.Q(("purpose", "ChargingStationExternalConstraints"), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="installed_profile_external_by_purpose",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("purpose", "ChargingStationMaxProfile"), ("source", "ours"), _negated=True
                            ),
                            ("evse_id", 0),
                            _connector="OR",
                        ),
                        name="installed_profile_max_of_station",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id", 0), ("purpose", "TxProfile"), ("source", "ours"), _negated=True
                        ),
                        name="installed_profile_transaction_at_evse",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from", None),
                            ("valid_to", None),
                            ("valid_from__lt", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="installed_profile_valid_forward",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "valid_from__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("valid_from__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_profile_valid_from_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "valid_to__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("valid_to__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_profile_valid_to_sane",
                    ),
                ],
            },
        ),
    ]
