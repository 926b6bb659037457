"""Charging as the migrations up to 0015 leave it, in one step, for a database that has none of them.

Pre-deploy: nothing for a database that has some. Step by step takes more than twice as long, for Django builds
models anew with most of them. What Django doesn't know of is taken from the migrations that brought it.
"""

from importlib import import_module

import datetime
import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import emobi.core.signatures
from django.db import migrations, models

transaction_number = import_module("sessions.migrations.0003_transaction_number")


class Migration(migrations.Migration):
    replaces = [
        ("charging", "0001_initial"),
        ("charging", "0002_initial"),
        ("charging", "0003_transaction_number"),
        ("charging", "0004_session_on_token"),
        ("charging", "0005_charging_profiles"),
        ("charging", "0006_id_token_details"),
        ("charging", "0007_tariffs"),
        ("charging", "0008_local_lists"),
        ("charging", "0009_authorization_endpoints"),
        ("charging", "0010_report_subscriptions"),
        ("charging", "0011_no_like_on_sessions"),
        ("charging", "0012_sane_numbers"),
        ("charging", "0013_mend_numbers"),
        ("charging", "0014_sane_numbers_valid"),
        ("charging", "0015_unfinished_local_lists"),
    ]

    initial = True

    dependencies = [
        ("core", "0008_reads_device_model"),
        ("stations", "0034_sealed_params"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuthorizationEndpoint",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="authorization_endpoint",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        help_text="https, or any host that EMOBI_AUTHORIZATION_HOSTS names.", max_length=500
                    ),
                ),
                (
                    "secret",
                    models.CharField(
                        default=emobi.core.signatures.new_secret,
                        help_text="Questions are signed with it (Standard Webhooks).",
                        max_length=100,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("secret__regex", "^whsec_[A-Za-z0-9+/]{32,}={0,2}$")),
                        name="authorization_endpoint_secret_sound",
                    )
                ],
            },
        ),
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
                (
                    "refusing_firmware",
                    models.CharField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="With which firmware it said so; with another it is asked again.",
                        max_length=255,
                    ),
                ),
                (
                    "unfinished",
                    models.JSONField(
                        help_text="All entries of a list of which the station has a part; NULL: it has no part.",
                        null=True,
                    ),
                ),
                (
                    "tries",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="How often the whole of an unfinished list was sent again.",
                    ),
                ),
                ("changed_at", models.DateTimeField(help_text="By our clock.")),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("unfinished__isnull", False)),
                        fields=["station"],
                        name="local_list_unfinished",
                    )
                ],
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
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("version__range", (0, 2147483647)), ("version__isnull", True), _connector="OR"
                        ),
                        name="local_list_version_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tariff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("currency", models.CharField(help_text="ISO 4217, such as EUR.", max_length=3)),
                ("price_per_kwh", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "price_per_minute",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        help_text="From the start of the session to its end.",
                        max_digits=12,
                    ),
                ),
                ("start_fee", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "text",
                    models.CharField(
                        blank=True, help_text="What drivers are shown at the station.", max_length=512
                    ),
                ),
                (
                    "default",
                    models.BooleanField(
                        default=False, help_text="For tokens that have no tariff of their own."
                    ),
                ),
                (
                    "update_every_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How often stations are sent the cost of a session that runs (CostUpdated); empty: never.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("replaced_at", models.DateTimeField(editable=False, help_text="NULL: in force.", null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tariffs",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("name"),
                        condition=models.Q(("replaced_at", None)),
                        name="tariff_name_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("default", True), ("replaced_at", None)),
                        fields=("network",),
                        name="tariff_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="tariff_currency_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("update_every_s", None), ("update_every_s__gte", 15), _connector="OR"
                        ),
                        name="tariff_update_every_s_possible",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price_per_kwh__range", (0, 10000000.0)),
                            ("price_per_kwh__isnull", True),
                            _connector="OR",
                        ),
                        name="tariff_price_per_kwh_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("price_per_minute__range", (0, 10000000.0)),
                            ("price_per_minute__isnull", True),
                            _connector="OR",
                        ),
                        name="tariff_price_per_minute_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("start_fee__range", (0, 10000000.0)),
                            ("start_fee__isnull", True),
                            _connector="OR",
                        ),
                        name="tariff_start_fee_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("id_token", models.CharField(max_length=255)),
                (
                    "type",
                    models.CharField(
                        default="ISO14443", help_text="IdTokenEnumType of 2.0.1.", max_length=20
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("accepted", "Accepted"), ("blocked", "Blocked")],
                        default="accepted",
                        max_length=10,
                    ),
                ),
                ("expires_at", models.DateTimeField(blank=True, null=True)),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        help_text="Tokens of a group may stop each other's sessions.",
                        max_length=36,
                    ),
                ),
                (
                    "master_pass",
                    models.BooleanField(default=False, help_text="May stop any session, start none."),
                ),
                (
                    "concurrent",
                    models.BooleanField(default=False, help_text="May have several sessions at once."),
                ),
                (
                    "allowed_evses",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='Where it may charge: [{"station": identity, "evse_ids": [1, 2]}], no EVSEs: all of the station\'s; empty: everywhere.',
                    ),
                ),
                (
                    "charging_priority",
                    models.SmallIntegerField(default=0, help_text="-9 to 9, from low to high."),
                ),
                (
                    "language1",
                    models.CharField(
                        blank=True, help_text="The driver's, such as de or fr-CH.", max_length=8
                    ),
                ),
                (
                    "language2",
                    models.CharField(
                        blank=True, help_text="Where the station hasn't the first.", max_length=8
                    ),
                ),
                (
                    "personal_message",
                    models.CharField(blank=True, help_text="Shown when it is accepted.", max_length=512),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="id_tokens",
                        to="core.network",
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the network's default.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="id_tokens",
                        to="charging.tariff",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("id_token"),
                        name="id_token_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("id_token", ""), _negated=True), name="id_token_given"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("charging_priority__range", (-9, 9)),
                            ("charging_priority__isnull", True),
                            _connector="OR",
                        ),
                        name="id_token_charging_priority_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("language2", ""),
                            models.Q(
                                models.Q(("language1", ""), _negated=True),
                                models.Q(("language1", models.F("language2")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="id_token_languages_differ",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChargingSession",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "evse_id",
                    models.PositiveIntegerField(help_text="NULL: the station never said.", null=True),
                ),
                ("connector_id", models.PositiveIntegerField(null=True)),
                (
                    "transaction_id",
                    models.CharField(help_text="2.0.1: the station's; 1.6: our number.", max_length=64),
                ),
                (
                    "start_key",
                    models.CharField(
                        help_text="1.6: what the start said, as a hash; a start that is sent again has the same.",
                        max_length=64,
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("ended", "Ended"), ("lost", "Lost")],
                        default="active",
                        max_length=8,
                    ),
                ),
                (
                    "charging_state",
                    models.CharField(blank=True, help_text="ChargingStateEnumType of 2.0.1.", max_length=20),
                ),
                ("id_token", models.CharField(blank=True, max_length=255)),
                ("id_token_type", models.CharField(blank=True, max_length=20)),
                (
                    "authorization",
                    models.CharField(
                        blank=True, help_text="AuthorizationStatusEnumType of 2.0.1.", max_length=20
                    ),
                ),
                ("remote_start_id", models.BigIntegerField(null=True)),
                ("reservation_id", models.BigIntegerField(null=True)),
                (
                    "offline",
                    models.BooleanField(
                        default=False, help_text="Some of it happened while the station was offline."
                    ),
                ),
                ("started_at", models.DateTimeField(help_text="By the station's clock.")),
                ("ended_at", models.DateTimeField(help_text="By the station's clock.", null=True)),
                ("received_at", models.DateTimeField(help_text="When we first heard of it, by our clock.")),
                ("heard_at", models.DateTimeField(help_text="When we last heard of it, by our clock.")),
                ("meter_start_wh", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                ("meter_stop_wh", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                (
                    "meter_last_wh",
                    models.DecimalField(
                        decimal_places=3, help_text="Newest register.", max_digits=16, null=True
                    ),
                ),
                (
                    "meter_last_at",
                    models.DateTimeField(
                        help_text="Of the newest reading, by the station's clock.", null=True
                    ),
                ),
                ("power_w", models.DecimalField(decimal_places=3, max_digits=16, null=True)),
                ("soc_percent", models.DecimalField(decimal_places=3, max_digits=6, null=True)),
                ("reason", models.CharField(blank=True, help_text="ReasonEnumType of 2.0.1.", max_length=40)),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2,
                        help_text="In all, in the tariff's currency.",
                        max_digits=14,
                        null=True,
                    ),
                ),
                (
                    "cost_told_at",
                    models.DateTimeField(
                        help_text="When its station was last sent its cost, by our clock.", null=True
                    ),
                ),
                (
                    "suspect",
                    models.JSONField(
                        default=list, help_text="What is wrong with it, in words; empty: nothing known."
                    ),
                ),
                ("seq_first", models.BigIntegerField(null=True)),
                ("seq_last", models.BigIntegerField(null=True)),
                (
                    "seq_seen",
                    models.JSONField(default=list, help_text="Ranges [from, to] of sequence numbers seen."),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charging_sessions",
                        to="core.network",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="charging_sessions",
                        to="stations.station",
                    ),
                ),
                (
                    "tariff",
                    models.ForeignKey(
                        db_index=False,
                        help_text="That of its token when that was accepted; NULL: nobody said what it costs.",
                        null=True,
                        on_delete=django.db.models.deletion.RESTRICT,
                        related_name="charging_sessions",
                        to="charging.tariff",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="charging_session_newest"),
                    models.Index(fields=["station", "-id"], name="charging_session_of_station"),
                    models.Index(
                        condition=models.Q(("state", "active")),
                        fields=["station", "evse_id"],
                        name="charging_session_active",
                    ),
                    models.Index(fields=["network", "id_token"], name="charging_session_of_token"),
                    models.Index(
                        condition=models.Q(("state", "active"), ("tariff__isnull", False)),
                        fields=["cost_told_at"],
                        name="charging_session_with_cost",
                    ),
                    models.Index(
                        models.F("network"),
                        django.db.models.functions.text.Lower("id_token"),
                        condition=models.Q(("state", "active")),
                        name="charging_session_on_token",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "transaction_id"), name="charging_session_transaction_once"
                    ),
                    models.UniqueConstraint(
                        fields=("station", "start_key"), name="charging_session_start_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "started_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("started_at__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_started_at_sane",
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
                        name="charging_session_ended_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "meter_last_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("meter_last_at__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_meter_last_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meter_start_wh__range", (-1000000000000.0, 1000000000000.0)),
                            ("meter_start_wh__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_meter_start_wh_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meter_stop_wh__range", (-1000000000000.0, 1000000000000.0)),
                            ("meter_stop_wh__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_meter_stop_wh_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("meter_last_wh__range", (-1000000000000.0, 1000000000000.0)),
                            ("meter_last_wh__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_meter_last_wh_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("power_w__range", (-1000000000000.0, 1000000000000.0)),
                            ("power_w__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_power_w_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("soc_percent__range", (0, 100)), ("soc_percent__isnull", True), _connector="OR"
                        ),
                        name="charging_session_soc_percent_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cost__range", (0, 1000000000.0)), ("cost__isnull", True), _connector="OR"
                        ),
                        name="charging_session_cost_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="charging_session_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connector_id__range", (0, 9999)),
                            ("connector_id__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_connector_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("remote_start_id__range", (-2147483648, 2147483647)),
                            ("remote_start_id__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_remote_start_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reservation_id__range", (-2147483648, 2147483647)),
                            ("reservation_id__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_reservation_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seq_first__range", (0, 2147483647)),
                            ("seq_first__isnull", True),
                            _connector="OR",
                        ),
                        name="charging_session_seq_first_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("seq_last__range", (0, 2147483647)), ("seq_last__isnull", True), _connector="OR"
                        ),
                        name="charging_session_seq_last_sane",
                    ),
                ],
            },
        ),
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="ev_negotiation_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("profile_id__range", (-2147483648, 2147483647)),
                            ("profile_id__isnull", True),
                            _connector="OR",
                        ),
                        name="ev_negotiation_profile_id_sane",
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="installed_profile_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("profile_id__range", (-2147483648, 2147483647)),
                            ("profile_id__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_profile_profile_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("remote_start_id__range", (-2147483648, 2147483647)),
                            ("remote_start_id__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_profile_remote_start_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stack_level__range", (0, 2147483647)),
                            ("stack_level__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_profile_stack_level_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MeterValue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "session",
                    models.CharField(
                        help_text="Id of the charging session; NULL: none.", max_length=26, null=True
                    ),
                ),
                ("evse_id", models.PositiveIntegerField(help_text="0: the main meter.", null=True)),
                ("at", models.DateTimeField(help_text="By the station's clock.")),
                ("received_at", models.DateTimeField(help_text="By our clock.")),
                ("context", models.CharField(blank=True, max_length=24)),
                ("energy_wh", models.FloatField(null=True)),
                ("power_w", models.FloatField(null=True)),
                ("soc_percent", models.FloatField(null=True)),
                ("samples", models.JSONField()),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="meter_values",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("session__isnull", False)),
                        fields=["session", "at"],
                        name="meter_value_of_session",
                    ),
                    models.Index(fields=["station", "-id"], name="meter_value_of_station"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("at__isnull", True),
                            _connector="OR",
                        ),
                        name="meter_value_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="meter_value_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("energy_wh__range", (-1000000000000.0, 1000000000000.0)),
                            ("energy_wh__isnull", True),
                            _connector="OR",
                        ),
                        name="meter_value_energy_wh_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("power_w__range", (-1000000000000.0, 1000000000000.0)),
                            ("power_w__isnull", True),
                            _connector="OR",
                        ),
                        name="meter_value_power_w_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("soc_percent__range", (0, 100)), ("soc_percent__isnull", True), _connector="OR"
                        ),
                        name="meter_value_soc_percent_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSubscription",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("recipient", models.CharField(max_length=254)),
                ("every", models.CharField(choices=[("week", "Week"), ("month", "Month")], max_length=5)),
                ("next_at", models.DateTimeField(help_text="Then it is sent the period that ended before.")),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report_subscriptions",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["next_at"], name="report_subscription_due")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "recipient", "every"), name="report_subscription_once"
                    )
                ],
            },
        ),
        *transaction_number.Migration.operations,
    ]
