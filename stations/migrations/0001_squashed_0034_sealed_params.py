"""Stations as the migrations up to 0034 leave it, in one step, for a database that has none of them.

Pre-deploy: nothing for a database that has some. Step by step takes more than twice as long, for Django builds
models anew with most of them. What Django doesn't know of is taken from the migrations that brought it.
"""

from importlib import import_module

import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

partitions = import_module("stations.migrations.0002_frame_partitions")
ledger_rules = import_module("stations.migrations.0022_outage_ledger_rules")


class Migration(migrations.Migration):
    replaces = [
        ("stations", "0001_initial"),
        ("stations", "0002_frame_partitions"),
        ("stations", "0003_command_parts"),
        ("stations", "0004_model_quirks"),
        ("stations", "0005_firmware"),
        ("stations", "0006_station_logs"),
        ("stations", "0007_firmware_campaigns"),
        ("stations", "0008_command_said_at"),
        ("stations", "0009_monitors"),
        ("stations", "0010_display_messages"),
        ("stations", "0011_reservations"),
        ("stations", "0012_certificates"),
        ("stations", "0013_command_follow_ups"),
        ("stations", "0014_variable_reboot_required"),
        ("stations", "0015_configuration_templates"),
        ("stations", "0016_bulk_commands"),
        ("stations", "0017_connector_problems"),
        ("stations", "0018_access_changes"),
        ("stations", "0019_incidents"),
        ("stations", "0020_more_roles"),
        ("stations", "0021_outages"),
        ("stations", "0022_outage_ledger_rules"),
        ("stations", "0023_notifications"),
        ("stations", "0024_bulk_pause"),
        ("stations", "0025_playbooks"),
        ("stations", "0026_watch"),
        ("stations", "0027_sane_numbers"),
        ("stations", "0028_mend_numbers"),
        ("stations", "0029_sane_numbers_valid"),
        ("stations", "0030_network_profiles"),
        ("stations", "0031_revoked_certificates"),
        ("stations", "0032_security_incident_kinds"),
        ("stations", "0033_security_incident_rules"),
        ("stations", "0034_sealed_params"),
    ]

    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("core", "0008_reads_device_model"),
    ]

    operations = [
        migrations.CreateModel(
            name="Frame",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(help_text="Received or sent, by our clock.")),
                ("network_id", models.BigIntegerField()),
                ("direction", models.SmallIntegerField(choices=[(0, "Received"), (1, "Sent")])),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[(0, "Damaged"), (2, "Call"), (3, "Result"), (4, "Error")]
                    ),
                ),
                ("message_id", models.TextField(blank=True)),
                (
                    "action",
                    models.TextField(
                        blank=True, help_text="Of the CALL; for an answer, of the CALL it settles."
                    ),
                ),
                ("error_code", models.TextField(blank=True)),
                ("note", models.TextField(blank=True, help_text="Why it was ignored, or how it deviates.")),
                ("text", models.TextField()),
                (
                    "pair_id",
                    models.BigIntegerField(help_text="The CALL's answer, or the answer's CALL.", null=True),
                ),
                (
                    "round_trip_ms",
                    models.FloatField(help_text="On answers: from the CALL to here.", null=True),
                ),
            ],
            options={
                "db_table": "stations_frame",
                "managed": False,
            },
        ),
        migrations.CreateModel(
            name="Command",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict, help_text="Without its secrets.")),
                (
                    "sealed",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("sent", "Sent"),
                            ("accepted", "Accepted"),
                            ("scheduled", "Scheduled"),
                            ("rejected", "Rejected"),
                            ("failed", "Failed"),
                            ("unknown", "Unknown"),
                            ("unsupported", "Unsupported"),
                            ("expired", "Expired"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    models.JSONField(
                        help_text="The station's answer in its normal form, with raw; while sent: what is known so far.",
                        null=True,
                    ),
                ),
                (
                    "report",
                    models.JSONField(
                        help_text="How far the report has come that it asked for; its parts have what it says.",
                        null=True,
                    ),
                ),
                ("requested_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("idempotency_key", models.CharField(max_length=200, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("expires_at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "said_at",
                    models.DateTimeField(
                        help_text="When its newest CALL was sent; NULL: it has no other than the first.",
                        null=True,
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                ("epoch", models.BigIntegerField(null=True)),
                ("message_id", models.CharField(blank=True, max_length=36)),
                (
                    "looked_at",
                    models.DateTimeField(
                        help_text="When a gateway saw that its station is away and its version could say it.",
                        null=True,
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="commands",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["network", "-id"], name="command_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "idempotency_key"), name="command_idempotency_key_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Station",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("identity", models.CharField(max_length=48)),
                (
                    "registration",
                    models.CharField(
                        choices=[("accepted", "Accepted"), ("pending", "Pending"), ("rejected", "Rejected")],
                        default="accepted",
                        max_length=8,
                    ),
                ),
                (
                    "connectivity",
                    models.CharField(
                        choices=[
                            ("online", "Online"),
                            ("silent", "Silent"),
                            ("offline", "Offline"),
                            ("never", "Never"),
                        ],
                        default="never",
                        max_length=8,
                    ),
                ),
                (
                    "connectivity_since",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("security_profile", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("password_hash", models.CharField(blank=True, max_length=200)),
                ("serial_number", models.CharField(blank=True, max_length=255)),
                (
                    "upgrading_to",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The security profile that it was told to use from now on.",
                        null=True,
                    ),
                ),
                (
                    "password_changing_since",
                    models.DateTimeField(
                        blank=True,
                        help_text="Since when it isn't known which of two passwords it has.",
                        null=True,
                    ),
                ),
                ("vendor", models.CharField(blank=True, max_length=255)),
                ("model", models.CharField(blank=True, max_length=255)),
                ("firmware_version", models.CharField(blank=True, max_length=255)),
                ("iccid", models.CharField(blank=True, max_length=255)),
                ("imsi", models.CharField(blank=True, max_length=255)),
                ("boot_reason", models.CharField(blank=True, max_length=50)),
                ("booted_at", models.DateTimeField(blank=True, help_text="By our clock.", null=True)),
                (
                    "ocpp_version",
                    models.CharField(blank=True, help_text="Of the newest connection.", max_length=8),
                ),
                (
                    "allowed_versions",
                    models.JSONField(blank=True, default=list, help_text="Empty: as the network allows."),
                ),
                (
                    "heartbeat_interval_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="Told at the next boot; empty: EMOBI_HEARTBEAT_INTERVAL_S.",
                        null=True,
                    ),
                ),
                (
                    "negotiated_heartbeat_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="What it was told at its last boot; silence is measured by it.",
                        null=True,
                    ),
                ),
                (
                    "clock_skew_s",
                    models.FloatField(blank=True, help_text="The station's clock minus ours.", null=True),
                ),
                ("firmware_status", models.CharField(blank=True, max_length=40)),
                ("log_status", models.CharField(blank=True, max_length=40)),
                (
                    "quirks",
                    models.JSONField(
                        blank=True, default=dict, help_text="What to do differently for this station."
                    ),
                ),
                (
                    "model_quirks",
                    models.JSONField(
                        blank=True,
                        default=dict,
                        editable=False,
                        help_text="The same for its model: a copy of its row.",
                    ),
                ),
                ("tags", models.JSONField(blank=True, default=list)),
                ("site", models.CharField(blank=True, max_length=120)),
                ("maintenance", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stations",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["network", "connectivity"], name="station_by_connectivity")],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("identity"),
                        name="station_identity_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("identity", ""), _negated=True), name="station_identity_given"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("security_profile", None), ("security_profile__lte", 3), _connector="OR"
                        ),
                        name="station_security_profile_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("upgrading_to", None), ("upgrading_to__range", (1, 3)), _connector="OR"
                        ),
                        name="station_upgrading_to_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "booted_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("booted_at__isnull", True),
                            _connector="OR",
                        ),
                        name="station_booted_at_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("clock_skew_s__range", (-4000000000.0, 4000000000.0)),
                            ("clock_skew_s__isnull", True),
                            _connector="OR",
                        ),
                        name="station_clock_skew_s_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GatewayProcess",
            fields=[
                (
                    "name",
                    models.CharField(
                        help_text="Unique for each start of a process.",
                        max_length=64,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("host", models.CharField(max_length=255)),
                ("pid", models.PositiveIntegerField()),
                ("started_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("lease_until", models.DateTimeField()),
                (
                    "stopped_at",
                    models.DateTimeField(
                        help_text="When it said goodbye; NULL: runs, or was killed.", null=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="IncidentReader",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="incident_reader",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
                (
                    "swept_at",
                    models.DateTimeField(
                        help_text="When states were last looked at, by our clock.", null=True
                    ),
                ),
            ],
        ),
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
            name="NotificationReader",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_reader",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                ("sequence", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="PlaybookControl",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="playbook_control",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                (
                    "cursor",
                    models.BigIntegerField(
                        default=0, help_text="Sequence of the last event that was looked at."
                    ),
                ),
                ("stopped", models.BooleanField(default=False, help_text="The kill switch.")),
                ("stop_reason", models.CharField(blank=True, max_length=300)),
                (
                    "changed_by",
                    models.CharField(blank=True, help_text="As in the audit log.", max_length=200),
                ),
                ("changed_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="BulkCommand",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                ("params", models.JSONField(default=dict, help_text="Without its secrets.")),
                (
                    "sealed",
                    models.TextField(
                        blank=True,
                        db_default="",
                        default="",
                        help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
                    ),
                ),
                ("requested_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("operator", "Operator"),
                            ("engineer", "Engineer"),
                            ("admin", "Admin"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=8,
                    ),
                ),
                ("idempotency_key", models.CharField(max_length=200, null=True)),
                (
                    "fingerprint",
                    models.CharField(
                        help_text="Of all that was asked, secrets and all; keyed.", max_length=64
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("finished", "Finished"),
                            ("stopped", "Stopped"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it ended before its last station.", max_length=200
                    ),
                ),
                ("per_second", models.FloatField(help_text="Stations that are asked in a second, at most.")),
                (
                    "concurrency",
                    models.PositiveIntegerField(help_text="Commands that are under way at once, at most."),
                ),
                (
                    "stop_at_failure_rate",
                    models.FloatField(help_text="0 to 1; NULL: whatever happens.", null=True),
                ),
                (
                    "expires_in_s",
                    models.FloatField(help_text="How long each command may wait for its station."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("next_at", models.DateTimeField(help_text="When the pace allows the next station.")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_commands",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="bulk_command_newest"),
                    models.Index(
                        condition=models.Q(("state", "running")), fields=["id"], name="bulk_command_running"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "idempotency_key"), name="bulk_command_idempotency_key_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("per_second__range", (0.001, 1000)),
                            ("per_second__isnull", True),
                            _connector="OR",
                        ),
                        name="bulk_command_per_second_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("concurrency__range", (1, 100000)),
                            ("concurrency__isnull", True),
                            _connector="OR",
                        ),
                        name="bulk_command_concurrency_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("stop_at_failure_rate__range", (0, 1)),
                            ("stop_at_failure_rate__isnull", True),
                            _connector="OR",
                        ),
                        name="bulk_command_stop_at_failure_rate_sane",
                    ),
                ],
            },
        ),
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
        migrations.CreateModel(
            name="ConfigurationTemplate",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120)),
                (
                    "vendor",
                    models.CharField(
                        blank=True, help_text="In whatever case; empty: of any.", max_length=255
                    ),
                ),
                (
                    "model",
                    models.CharField(blank=True, help_text="In whatever case; empty: any.", max_length=255),
                ),
                (
                    "variables",
                    models.JSONField(help_text="Names and values, as the params of set_config have them."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="configuration_templates",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("name"),
                        name="configuration_template_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="configuration_template_named"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "station",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="connection",
                        serialize=False,
                        to="stations.station",
                    ),
                ),
                ("epoch", models.BigIntegerField()),
                ("gateway", models.CharField(max_length=64)),
                ("ocpp_version", models.CharField(max_length=8)),
                ("security_profile", models.PositiveSmallIntegerField()),
                ("remote_address", models.CharField(blank=True, max_length=64)),
                ("tls_version", models.CharField(blank=True, max_length=16)),
                ("opened_at", models.DateTimeField()),
                ("last_heard_at", models.DateTimeField(help_text="Of any frame, by our clock.")),
                ("closed_at", models.DateTimeField(null=True)),
                ("close_code", models.PositiveIntegerField(null=True)),
                ("close_reason", models.CharField(blank=True, max_length=200)),
                (
                    "by_us",
                    models.BooleanField(default=False, help_text="Closed by our own restart or death."),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("closed_at", None)), fields=["gateway"], name="connection_open"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("close_code__range", (0, 65535)), ("close_code__isnull", True), _connector="OR"
                        ),
                        name="connection_close_code_sane",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="command",
            name="station",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="commands",
                to="stations.station",
            ),
        ),
        migrations.CreateModel(
            name="BulkTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "refusal",
                    models.CharField(blank=True, help_text="Why it may not be asked.", max_length=300),
                ),
                (
                    "bulk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="stations.bulkcommand",
                    ),
                ),
                (
                    "command",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bulk_target",
                        to="stations.command",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="stations.station"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("bulk", "position"), name="bulk_target_in_order"),
                    models.UniqueConstraint(fields=("bulk", "station"), name="bulk_target_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessChange",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("password", "Password"), ("security_profile", "Security Profile")],
                        max_length=16,
                    ),
                ),
                ("params", models.JSONField(default=dict, help_text="What was asked for; never a password.")),
                (
                    "steps",
                    models.JSONField(help_text="In their order: step, state, command_id, attempts, reason."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=9,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=300)),
                (
                    "credential",
                    models.CharField(
                        blank=True, help_text="Digest of the hash of the password before.", max_length=64
                    ),
                ),
                ("requested_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField()),
                ("moved_at", models.DateTimeField(help_text="When its last step began or ended.")),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="access_changes",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["station", "-id"], name="access_change_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "running")),
                        fields=("station",),
                        name="access_change_one_at_a_time",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Connector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evse_id", models.PositiveIntegerField(help_text="From 1; 0 is the station itself.")),
                (
                    "connector_id",
                    models.PositiveIntegerField(help_text="From 1 within the EVSE; 0 for EVSE 0."),
                ),
                (
                    "status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("Available", "Available"),
                            ("Occupied", "Occupied"),
                            ("Reserved", "Reserved"),
                            ("Unavailable", "Unavailable"),
                            ("Faulted", "Faulted"),
                        ],
                        help_text="Empty: never reported.",
                        max_length=12,
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="1.6's finer word, e.g. SuspendedEV.", max_length=40
                    ),
                ),
                ("error_code", models.CharField(blank=True, help_text="Empty: no error.", max_length=50)),
                ("vendor_error_code", models.CharField(blank=True, max_length=255)),
                ("info", models.CharField(blank=True, max_length=500)),
                (
                    "problems",
                    models.JSONField(
                        default=list,
                        help_text="Components that have a problem now, as NotifyEvent names them (2.0.1).",
                    ),
                ),
                (
                    "fault_id",
                    models.CharField(blank=True, help_text="Of the fault that is open now.", max_length=26),
                ),
                (
                    "type",
                    models.CharField(
                        blank=True, help_text="ConnectorEnumType, from the device model.", max_length=40
                    ),
                ),
                (
                    "station_time",
                    models.DateTimeField(help_text="Of the status, by the station's clock.", null=True),
                ),
                (
                    "changed_at",
                    models.DateTimeField(help_text="When status or error last changed, by our clock."),
                ),
                ("reported_at", models.DateTimeField(help_text="When it was last reported, by our clock.")),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="connectors",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "evse_id", "connector_id"), name="connector_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "station_time__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("station_time__isnull", True),
                            _connector="OR",
                        ),
                        name="connector_station_time_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="connector_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connector_id__range", (0, 9999)),
                            ("connector_id__isnull", True),
                            _connector="OR",
                        ),
                        name="connector_connector_id_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deviation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("action", models.CharField(max_length=64)),
                ("path", models.CharField(max_length=200)),
                ("rule", models.CharField(max_length=64)),
                ("detail", models.CharField(blank=True, max_length=300)),
                ("count", models.PositiveBigIntegerField(default=1)),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deviations",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "action", "path", "rule"), name="deviation_counted"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DisplayMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="display_messages",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("station", "message_id"), name="display_message_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("message_id__range", (-2147483648, 2147483647)),
                            ("message_id__isnull", True),
                            _connector="OR",
                        ),
                        name="display_message_message_id_sane",
                    ),
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
        migrations.CreateModel(
            name="FirmwareCampaign",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(blank=True, max_length=120)),
                ("wave_size", models.PositiveIntegerField(help_text="Stations.")),
                (
                    "max_failure_percent",
                    models.PositiveSmallIntegerField(
                        help_text="Of a wave's stations: when more have failed, the campaign halts."
                    ),
                ),
                (
                    "station_timeout_s",
                    models.PositiveIntegerField(
                        help_text="What a station has, from the moment it is asked until it runs the new firmware."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "Running"),
                            ("paused", "Paused"),
                            ("halted", "Halted"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="running",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, help_text="Why it is halted.", max_length=200)),
                (
                    "wave",
                    models.PositiveIntegerField(default=1, help_text="The one that is under way, from 1."),
                ),
                (
                    "forgiven_until",
                    models.DateTimeField(
                        help_text="Failures until then don't count: somebody resumed knowing of them.",
                        null=True,
                    ),
                ),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firmware_campaigns",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="firmware_campaign_newest"),
                    models.Index(
                        condition=models.Q(("state", "running")),
                        fields=["id"],
                        name="firmware_campaign_running",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wave__gte", 1), ("wave_size__gte", 1)),
                        name="firmware_campaign_waves_count",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("max_failure_percent__lte", 100)),
                        name="firmware_campaign_percent_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmwareCampaignTarget",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("wave", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("updating", "Updating"),
                            ("installed", "Installed"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                        ],
                        default="waiting",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                (
                    "attempt",
                    models.PositiveIntegerField(
                        default=0, help_text="How often its command was taken back before it was sent."
                    ),
                ),
                ("asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="targets",
                        to="stations.firmwarecampaign",
                    ),
                ),
                (
                    "command",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="stations.command",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["campaign", "wave", "state"], name="firmware_campaign_wave")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("campaign", "station"), name="firmware_campaign_station_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "updating")),
                        fields=("station",),
                        name="firmware_campaign_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FirmwareImage",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "version",
                    models.CharField(help_text="As a station that runs it says at its boot.", max_length=255),
                ),
                (
                    "vendor",
                    models.CharField(
                        blank=True, help_text="Whose stations it is for; empty: any.", max_length=255
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True, help_text="Which model it is for; empty: any.", max_length=255
                    ),
                ),
                ("filename", models.CharField(help_text="The last part of its URL.", max_length=150)),
                ("size", models.BigIntegerField(help_text="In bytes.")),
                ("sha256", models.CharField(max_length=64)),
                (
                    "md5",
                    models.CharField(
                        help_text="What local controllers know it by (2.0.1, L03).", max_length=32
                    ),
                ),
                ("signature", models.TextField(blank=True, help_text="Base64.")),
                ("signing_certificate", models.TextField(blank=True, help_text="PEM.")),
                (
                    "token",
                    models.CharField(
                        help_text="Whoever knows it may fetch the file.", max_length=43, unique=True
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firmware_images",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["network", "-id"], name="firmware_image_newest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("size__gt", 0)), name="firmware_image_holds_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version", ""), _negated=True),
                        name="firmware_image_version_given",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("signature", ""), ("signing_certificate", "")),
                            models.Q(
                                ("signature", ""), ("signing_certificate", ""), _connector="OR", _negated=True
                            ),
                            _connector="OR",
                        ),
                        name="firmware_image_signed_wholly",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="firmwarecampaign",
            name="image",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="campaigns",
                to="stations.firmwareimage",
            ),
        ),
        migrations.CreateModel(
            name="FirmwareStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("status", models.CharField(max_length=40)),
                (
                    "locations",
                    models.JSONField(default=list, help_text="Where a local controller offers the file."),
                ),
                ("received_at", models.DateTimeField()),
                (
                    "command",
                    models.ForeignKey(
                        db_index=False,
                        help_text="The one that asked for it.",
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firmware_steps",
                        to="stations.command",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="firmware_steps",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["command", "id"], name="firmware_step_of_command")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "received_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("received_at__isnull", True),
                            _connector="OR",
                        ),
                        name="firmware_step_received_at_sane",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Incident",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("offline", "Offline"),
                            ("flapping", "Flapping"),
                            ("fault", "Fault"),
                            ("reboot_loop", "Reboot Loop"),
                            ("failed_starts", "Failed Starts"),
                            ("no_meter_values", "No Meter Values"),
                            ("zombie_session", "Zombie Session"),
                            ("clock_skew", "Clock Skew"),
                            ("certificate_expiring", "Certificate Expiring"),
                            ("certificate_failed", "Certificate Failed"),
                            ("security_event", "Security Event"),
                            ("deviation_rate", "Deviation Rate"),
                            ("webhook_failing", "Webhook Failing"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "Critical"),
                            ("major", "Major"),
                            ("minor", "Minor"),
                            ("info", "Info"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "Open"),
                            ("acknowledged", "Acknowledged"),
                            ("resolved", "Resolved"),
                        ],
                        default="open",
                        max_length=12,
                    ),
                ),
                ("snoozed_until", models.DateTimeField(null=True)),
                ("key", models.CharField(max_length=200)),
                (
                    "group",
                    models.CharField(
                        blank=True,
                        help_text="What its stations have in common; empty: it isn't a group.",
                        max_length=200,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                (
                    "summary",
                    models.CharField(
                        blank=True, help_text="What is wrong and why we think so.", max_length=500
                    ),
                ),
                (
                    "evidence",
                    models.JSONField(default=dict, help_text="What it was opened on: ids, codes, figures."),
                ),
                ("occurrences", models.PositiveIntegerField(default=1, help_text="How often it began.")),
                ("first_at", models.DateTimeField(help_text="When it began, by our clock.")),
                ("last_at", models.DateTimeField(help_text="When it last began or grew, by our clock.")),
                ("opened_at", models.DateTimeField(help_text="When we knew, by our clock.")),
                ("opened_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "auto_resolve",
                    models.BooleanField(default=True, help_text="Resolves when its cause is gone."),
                ),
                ("acknowledged_at", models.DateTimeField(null=True)),
                ("acknowledged_by", models.CharField(blank=True, max_length=200)),
                ("resolved_at", models.DateTimeField(null=True)),
                ("resolved_by", models.CharField(blank=True, max_length=200)),
                (
                    "resolution",
                    models.CharField(
                        blank=True,
                        choices=[("by_itself", "By Itself"), ("by_hand", "By Hand"), ("merged", "Merged")],
                        max_length=12,
                    ),
                ),
                (
                    "assignee",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="assigned_incidents",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="merged",
                        to="stations.incident",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incidents",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="incident_newest"),
                    models.Index(
                        condition=models.Q(("state", "resolved"), _negated=True),
                        fields=["network", "-id"],
                        name="incident_unresolved",
                    ),
                    models.Index(fields=["network", "key", "-id"], name="incident_of_key"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "resolved"), _negated=True),
                        fields=("network", "key"),
                        name="incident_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                            models.Q(models.Q(("state", "resolved"), _negated=True), ("resolved_at", None)),
                            _connector="OR",
                        ),
                        name="incident_resolved_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("what", models.CharField(help_text="opened, grew, acknowledged, noted, …", max_length=24)),
                (
                    "detail",
                    models.JSONField(default=dict, help_text="The note, who, how many, which evidence."),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="entries",
                        to="stations.incident",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "incident entries",
                "indexes": [models.Index(fields=["incident", "id"], name="incident_timeline")],
            },
        ),
        migrations.CreateModel(
            name="IncidentRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("offline", "Offline"),
                            ("flapping", "Flapping"),
                            ("fault", "Fault"),
                            ("reboot_loop", "Reboot Loop"),
                            ("failed_starts", "Failed Starts"),
                            ("no_meter_values", "No Meter Values"),
                            ("zombie_session", "Zombie Session"),
                            ("clock_skew", "Clock Skew"),
                            ("certificate_expiring", "Certificate Expiring"),
                            ("certificate_failed", "Certificate Failed"),
                            ("security_event", "Security Event"),
                            ("deviation_rate", "Deviation Rate"),
                            ("webhook_failing", "Webhook Failing"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "Critical"),
                            ("major", "Major"),
                            ("minor", "Minor"),
                            ("info", "Info"),
                        ],
                        max_length=8,
                    ),
                ),
                ("params", models.JSONField(default=dict)),
                (
                    "for_s",
                    models.PositiveIntegerField(default=0, help_text="How long it must last, in seconds."),
                ),
                (
                    "scope",
                    models.JSONField(
                        blank=True, default=dict, help_text="site, tag, vendor, model; empty: all."
                    ),
                ),
                (
                    "auto_resolve",
                    models.BooleanField(default=True, help_text="Resolve when the cause is gone."),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("shipped", models.BooleanField(default=False, help_text="Every network has it.")),
                ("changed_at", models.DateTimeField()),
                ("changed_by", models.CharField(max_length=200)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incident_rules",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("network", "name"), name="incident_rule_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(("for_s__lte", 604800)), name="incident_rule_for_s_bounded"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentCondition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "key",
                    models.CharField(help_text="Of the incident that it opens by itself.", max_length=200),
                ),
                ("evse_id", models.PositiveIntegerField(null=True)),
                ("since", models.DateTimeField(help_text="By our clock.")),
                ("due_at", models.DateTimeField(help_text="When it has lasted long enough, by our clock.")),
                (
                    "severity",
                    models.CharField(
                        choices=[
                            ("critical", "Critical"),
                            ("major", "Major"),
                            ("minor", "Minor"),
                            ("info", "Info"),
                        ],
                        max_length=8,
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("summary", models.CharField(blank=True, max_length=500)),
                ("evidence", models.JSONField(default=dict)),
                ("opened", models.BooleanField(default=False)),
                (
                    "incident",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="conditions",
                        to="stations.incident",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        help_text="NULL: none.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incident_conditions",
                        to="stations.station",
                    ),
                ),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conditions",
                        to="stations.incidentrule",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("opened", False)),
                        fields=["due_at"],
                        name="incident_condition_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("rule", "key"), name="incident_condition_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="incident",
            name="rule",
            field=models.ForeignKey(
                help_text="NULL: opened by hand or by a playbook, or its rule is gone.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="incidents",
                to="stations.incidentrule",
            ),
        ),
        migrations.CreateModel(
            name="IncidentStation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evse_id", models.PositiveIntegerField(help_text="NULL: the whole station.", null=True)),
                ("since", models.DateTimeField(help_text="By our clock.")),
                ("recovered_at", models.DateTimeField(help_text="NULL: it still is affected.", null=True)),
                (
                    "incident",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="affected",
                        to="stations.incident",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="incident_rows",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["station", "-id"], name="incident_of_station")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("incident", "station", "evse_id"),
                        name="incident_station_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="IncidentTally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("evse_id", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField(help_text="By our clock.")),
                ("what", models.CharField(max_length=24)),
                ("amount", models.PositiveBigIntegerField(default=1)),
                (
                    "rule",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tallies",
                        to="stations.incidentrule",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "incident tallies",
                "indexes": [
                    models.Index(fields=["rule", "station", "at"], name="incident_tally_counted"),
                    models.Index(fields=["at"], name="incident_tally_old"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstalledCertificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("ChargingStationCertificate", "Charging Station"),
                            ("V2GCertificate", "V2G"),
                            ("V2GCertificateChain", "V2G Chain"),
                            ("V2GRootCertificate", "V2G Root"),
                            ("MORootCertificate", "Mo Root"),
                            ("CSMSRootCertificate", "Csms Root"),
                            ("ManufacturerRootCertificate", "Manufacturer Root"),
                        ],
                        max_length=32,
                    ),
                ),
                ("hash_algorithm", models.CharField(max_length=6)),
                ("issuer_name_hash", models.CharField(max_length=128)),
                ("issuer_key_hash", models.CharField(max_length=128)),
                ("serial_number", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "parent_digest",
                    models.CharField(blank=True, help_text="Of the leaf it was listed below.", max_length=64),
                ),
                ("pem", models.TextField(blank=True, help_text="Known where it went through us.")),
                ("subject", models.CharField(blank=True, max_length=500)),
                ("not_after", models.DateTimeField(null=True)),
                (
                    "installed_at",
                    models.DateTimeField(help_text="When the station took it from us.", null=True),
                ),
                (
                    "listed_at",
                    models.DateTimeField(help_text="When the station last said that it has it.", null=True),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="installed_certificates",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "use", "digest"), name="installed_certificate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "not_after__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("not_after__isnull", True),
                            _connector="OR",
                        ),
                        name="installed_certificate_not_after_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=254)),
                ("subject", models.CharField(max_length=200)),
                ("message_id", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("attempts", models.PositiveIntegerField(default=0, help_text="That failed.")),
                ("next_attempt_at", models.DateTimeField(help_text="Later, while a worker is at it.")),
                (
                    "error",
                    models.CharField(blank=True, help_text="Of the last attempt, in words.", max_length=300),
                ),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="letter_newest"),
                    models.Index(
                        condition=models.Q(("state", "waiting")),
                        fields=["next_attempt_at"],
                        name="letter_due",
                    ),
                    models.Index(fields=["network", "recipient", "created_at"], name="letter_to_whom"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ModelQuirks",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "vendor",
                    models.CharField(help_text="As its stations say it in BootNotification.", max_length=255),
                ),
                ("model", models.CharField(max_length=255)),
                (
                    "firmware_version",
                    models.CharField(blank=True, help_text="Empty: every firmware.", max_length=255),
                ),
                ("quirks", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="model_quirks",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "model quirks",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("vendor"),
                        django.db.models.functions.text.Lower("model"),
                        django.db.models.functions.text.Lower("firmware_version"),
                        name="model_quirks_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("vendor", ""), _negated=True), models.Q(("model", ""), _negated=True)
                        ),
                        name="model_quirks_of_a_model",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Monitor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
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
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="monitors",
                        to="stations.station",
                    ),
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
                            ("monitor_id__range", (-2147483648, 2147483647)),
                            ("monitor_id__isnull", True),
                            _connector="OR",
                        ),
                        name="monitor_monitor_id_sane",
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
        migrations.CreateModel(
            name="MonitoredEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("event_id", models.BigIntegerField()),
                ("station_time", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                ("trigger", models.CharField(max_length=20)),
                ("component", models.CharField(max_length=50)),
                ("evse_id", models.PositiveIntegerField(null=True)),
                ("connector_id", models.PositiveIntegerField(null=True)),
                ("variable", models.CharField(max_length=50)),
                ("actual_value", models.TextField()),
                ("cleared", models.BooleanField(default=False)),
                ("transaction_id", models.CharField(blank=True, max_length=64)),
                (
                    "detail",
                    models.JSONField(
                        default=dict, help_text="techCode, techInfo, cause, severity and the rest."
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="monitored_events",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["station", "-id"], name="monitored_event_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "event_id", "station_time"),
                        name="monitored_event_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "station_time__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("station_time__isnull", True),
                            _connector="OR",
                        ),
                        name="monitored_event_station_time_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("event_id__range", (-2147483648, 2147483647)),
                            ("event_id__isnull", True),
                            _connector="OR",
                        ),
                        name="monitored_event_event_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="monitored_event_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connector_id__range", (0, 9999)),
                            ("connector_id__isnull", True),
                            _connector="OR",
                        ),
                        name="monitored_event_connector_id_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkProfile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("configuration_slot", models.BigIntegerField()),
                (
                    "ocpp_csms_url",
                    models.CharField(help_text="Without the station's identity.", max_length=512),
                ),
                ("security_profile", models.SmallIntegerField()),
                (
                    "ocpp_interface",
                    models.CharField(help_text="OCPPInterfaceEnumType of 2.0.1.", max_length=20),
                ),
                ("ocpp_version", models.CharField(help_text="OCPPVersionEnumType of 2.0.1.", max_length=20)),
                (
                    "ocpp_transport",
                    models.CharField(help_text="OCPPTransportEnumType of 2.0.1.", max_length=20),
                ),
                ("message_timeout_s", models.PositiveIntegerField()),
                ("apn", models.JSONField(help_text="As the command has it, masked; NULL: none.", null=True)),
                ("vpn", models.JSONField(help_text="As the command has it, masked; NULL: none.", null=True)),
                ("accepted_at", models.DateTimeField(help_text="By our clock.")),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="network_profiles",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "configuration_slot"), name="network_profile_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("security_profile__range", (0, 3))),
                        name="network_profile_security_profile",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "accepted_at__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("accepted_at__isnull", True),
                            _connector="OR",
                        ),
                        name="network_profile_accepted_at_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NotificationRoute",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "Email"), ("webhook", "Webhook")], default="email", max_length=8
                    ),
                ),
                ("recipients", models.JSONField(default=list, help_text="E-mail addresses.")),
                ("severities", models.JSONField(default=list)),
                ("kinds", models.JSONField(default=list, help_text="Of incidents.")),
                ("sites", models.JSONField(default=list)),
                ("tags", models.JSONField(default=list)),
                ("on_resolved", models.BooleanField(default=True, help_text="Told of the end, too.")),
                (
                    "quiet_from",
                    models.TimeField(
                        help_text="Then and until `quiet_to` all but critical waits.", null=True
                    ),
                ),
                ("quiet_to", models.TimeField(null=True)),
                (
                    "time_zone",
                    models.CharField(default="UTC", help_text="Of the quiet hours.", max_length=64),
                ),
                (
                    "digest_s",
                    models.PositiveIntegerField(
                        default=0, help_text="Gather for so long, all but critical; 0: told at once."
                    ),
                ),
                (
                    "remind_s",
                    models.PositiveIntegerField(
                        default=0,
                        help_text="How often critical incidents are told again that nobody acknowledges; 0: never.",
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notification_routes",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("network", "name"), name="notification_route_name_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("quiet_from", None), ("quiet_to", None)),
                            models.Q(("quiet_from__isnull", False), ("quiet_to__isnull", False)),
                            _connector="OR",
                        ),
                        name="notification_route_quiet_hours_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest_s__lte", 604800), ("remind_s__lte", 604800)),
                        name="notification_route_waits_bounded",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("recipient", models.CharField(max_length=254)),
                ("severity", models.CharField(max_length=8)),
                ("subject", models.CharField(max_length=200)),
                ("text", models.TextField(blank=True)),
                ("path", models.CharField(blank=True, help_text="Of the page about it.", max_length=300)),
                (
                    "cause",
                    models.CharField(blank=True, help_text="incident:…, playbook_run:…", max_length=100),
                ),
                ("key", models.CharField(max_length=200)),
                ("due_at", models.DateTimeField()),
                ("created_at", models.DateTimeField()),
                (
                    "letter",
                    models.ForeignKey(
                        help_text="NULL: it waits.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="stations.letter",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="core.network",
                    ),
                ),
                (
                    "route",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notifications",
                        to="stations.notificationroute",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("letter", None)),
                        fields=["network", "due_at"],
                        name="notification_due",
                    ),
                    models.Index(fields=["network", "cause"], name="notification_of_cause"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "recipient", "key"), name="notification_told_once"
                    )
                ],
            },
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
            name="Playbook",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "slug",
                    models.SlugField(
                        max_length=48,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -"
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                ("description", models.TextField(blank=True, max_length=2000)),
                ("enabled", models.BooleanField(default=False, help_text="Whether events start it.")),
                (
                    "dry_run",
                    models.BooleanField(
                        default=True,
                        help_text="Only note what it would do: nothing is sent to a station, nobody is told.",
                    ),
                ),
                (
                    "current",
                    models.PositiveIntegerField(
                        default=1, help_text="Number of the version that new runs follow."
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbooks",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("network", "slug"), name="playbook_slug_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaybookKillSwitch",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("stopped", models.BooleanField(default=False)),
                ("stop_reason", models.CharField(blank=True, max_length=300)),
                (
                    "changed_by",
                    models.CharField(blank=True, help_text="As in the audit log.", max_length=200),
                ),
                ("changed_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="playbook_kill_switch_only_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaybookVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                (
                    "event",
                    models.CharField(help_text='The type that starts it, without "emobi.".', max_length=64),
                ),
                ("written", models.JSONField(help_text="As stations.playbooks.definition has it.")),
                (
                    "note",
                    models.CharField(blank=True, help_text="What was changed, and why.", max_length=300),
                ),
                ("created_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "playbook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="stations.playbook",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("playbook", "number"), name="playbook_version_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaybookRun",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "requested_by",
                    models.CharField(
                        help_text='As in the audit log; "event" if one started it.', max_length=200
                    ),
                ),
                (
                    "cause",
                    models.JSONField(
                        help_text="The event: id, type, sequence, time, data. Events may be forgotten."
                    ),
                ),
                (
                    "cause_event_id",
                    models.CharField(help_text="NULL: a person started it.", max_length=26, null=True),
                ),
                (
                    "incident_id",
                    models.CharField(help_text="It is about, or has opened.", max_length=26, null=True),
                ),
                ("dry_run", models.BooleanField(default=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Queued"),
                            ("running", "Running"),
                            ("waiting", "Waiting"),
                            ("needs_approval", "Needs Approval"),
                            ("needs_person", "Needs Person"),
                            ("succeeded", "Succeeded"),
                            ("not_verified", "Not Verified"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                            ("dry_run", "Dry Run"),
                        ],
                        default="queued",
                        max_length=14,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Why it stands where it does, in words.", max_length=300
                    ),
                ),
                (
                    "verified",
                    models.BooleanField(
                        help_text="Whether the goal held at its end; NULL: not looked at.", null=True
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0, help_text="Index of the step that is under way or next."
                    ),
                ),
                (
                    "attempt",
                    models.PositiveIntegerField(
                        default=1, help_text="Grows when a person has it tried again."
                    ),
                ),
                ("approved_by", models.CharField(blank=True, max_length=200)),
                (
                    "since_sequence",
                    models.BigIntegerField(help_text="Events after this one are of its time."),
                ),
                ("created_at", models.DateTimeField()),
                ("queued_at", models.DateTimeField(help_text="Since when it waits for its turn, or did.")),
                (
                    "due_at",
                    models.DateTimeField(
                        help_text="When to look at it at the latest; events of its station come first."
                    ),
                ),
                (
                    "begun_at",
                    models.DateTimeField(
                        help_text="When it got its turn; NULL: it hasn't done anything yet.", null=True
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbook_runs",
                        to="core.network",
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="stations.playbook",
                    ),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="playbook_runs",
                        to="stations.station",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="runs",
                        to="stations.playbookversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["network", "-id"], name="playbook_run_newest"),
                    models.Index(fields=["playbook", "-id"], name="playbook_run_of_playbook"),
                    models.Index(fields=["station", "-id"], name="playbook_run_of_station"),
                    models.Index(
                        condition=models.Q(("state__in", ("queued", "running", "waiting", "needs_approval"))),
                        fields=["due_at"],
                        name="playbook_run_due",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("queued", "running", "waiting", "needs_approval"))),
                        fields=("playbook", "station"),
                        name="playbook_run_active_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("begun_at__isnull", False),
                            ("state__in", ("queued", "running", "waiting", "needs_approval")),
                        ),
                        fields=("station",),
                        name="playbook_run_alone_at_station",
                    ),
                    models.UniqueConstraint(
                        fields=("playbook", "cause_event_id", "station"), name="playbook_run_cause_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RefusedHandshake",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network_slug", models.CharField(max_length=64)),
                ("identity", models.CharField(max_length=64)),
                ("remote_address", models.CharField(max_length=64)),
                ("reason", models.CharField(max_length=40)),
                ("status", models.PositiveSmallIntegerField(help_text="HTTP status of the refusal.")),
                (
                    "detail",
                    models.CharField(
                        blank=True, help_text="In words, with what to change; no secret.", max_length=300
                    ),
                ),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("count", models.PositiveIntegerField(default=1)),
                (
                    "network",
                    models.ForeignKey(
                        help_text="NULL: no such network.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refused_handshakes",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["network", "-last_at"], name="refused_handshake_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network_slug", "identity", "remote_address", "reason"),
                        name="refused_handshake_counted",
                    )
                ],
            },
        ),
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reservation_id__range", (0, 2147483647)),
                            ("reservation_id__isnull", True),
                            _connector="OR",
                        ),
                        name="reservation_reservation_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="reservation_evse_id_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RevokedCertificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.CharField(help_text="SHA-256 of the certificate.", max_length=64)),
                ("serial_number", models.CharField(max_length=40)),
                ("subject", models.CharField(blank=True, max_length=500)),
                ("not_after", models.DateTimeField(null=True)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("unspecified", "Unspecified"),
                            ("key_compromise", "Key Compromise"),
                            ("affiliation_changed", "Affiliation Changed"),
                            ("superseded", "Superseded"),
                            ("cessation_of_operation", "Cessation Of Operation"),
                            ("privilege_withdrawn", "Privilege Withdrawn"),
                        ],
                        max_length=24,
                    ),
                ),
                ("revoked_at", models.DateTimeField()),
                ("revoked_by", models.CharField(help_text="As in the audit log.", max_length=200)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="revoked_certificates",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "fingerprint"), name="revoked_certificate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "not_after__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("not_after__isnull", True),
                            _connector="OR",
                        ),
                        name="revoked_certificate_not_after_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RootCertificate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("ChargingStationCertificate", "Charging Station"),
                            ("V2GCertificate", "V2G"),
                            ("V2GCertificateChain", "V2G Chain"),
                            ("V2GRootCertificate", "V2G Root"),
                            ("MORootCertificate", "Mo Root"),
                            ("CSMSRootCertificate", "Csms Root"),
                            ("ManufacturerRootCertificate", "Manufacturer Root"),
                        ],
                        max_length=32,
                    ),
                ),
                ("fingerprint", models.CharField(help_text="SHA-256 of the certificate.", max_length=64)),
                ("pem", models.TextField()),
                ("subject", models.CharField(blank=True, max_length=500)),
                ("not_after", models.DateTimeField(null=True)),
                ("added_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="root_certificates",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "use", "fingerprint"), name="root_certificate_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "not_after__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("not_after__isnull", True),
                            _connector="OR",
                        ),
                        name="root_certificate_not_after_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RunStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.PositiveIntegerField()),
                ("attempt", models.PositiveIntegerField()),
                ("do", models.CharField(max_length=20)),
                ("label", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("succeeded", "Succeeded"),
                            ("failed", "Failed"),
                            ("skipped", "Skipped"),
                            ("noted", "Noted"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("inputs", models.JSONField(default=dict)),
                ("outputs", models.JSONField(default=dict)),
                (
                    "message",
                    models.CharField(blank=True, help_text="What came of it, in words.", max_length=500),
                ),
                (
                    "since_sequence",
                    models.BigIntegerField(help_text="Events after this one came after its begin."),
                ),
                ("begun_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("wait_until", models.DateTimeField(null=True)),
                (
                    "command",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="playbook_step",
                        to="stations.command",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="stations.playbookrun",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "attempt", "index"), name="run_step_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SecurityEventEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("type", models.CharField(max_length=255)),
                ("tech_info", models.TextField(blank=True)),
                ("station_time", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_events",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "security event entries",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("station", "type", "station_time", "tech_info"), name="security_event_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "station_time__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("station_time__isnull", True),
                            _connector="OR",
                        ),
                        name="security_event_station_time_sane",
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
        migrations.CreateModel(
            name="SigningRequest",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "use",
                    models.CharField(
                        choices=[
                            ("ChargingStationCertificate", "Charging Station"),
                            ("V2GCertificate", "V2G"),
                            ("V2GCertificateChain", "V2G Chain"),
                            ("V2GRootCertificate", "V2G Root"),
                            ("MORootCertificate", "Mo Root"),
                            ("CSMSRootCertificate", "Csms Root"),
                            ("ManufacturerRootCertificate", "Manufacturer Root"),
                        ],
                        max_length=32,
                    ),
                ),
                (
                    "combined",
                    models.BooleanField(
                        default=False,
                        help_text="The station named no use: its one certificate serves for all.",
                    ),
                ),
                ("csr", models.TextField()),
                (
                    "digest",
                    models.CharField(
                        help_text="Of the public key; of the text where none can be read.", max_length=64
                    ),
                ),
                ("common_name", models.CharField(blank=True, max_length=255)),
                ("organization", models.CharField(blank=True, max_length=255)),
                (
                    "key_type",
                    models.CharField(
                        blank=True, help_text='Such as "EC secp256r1", "RSA 2048".', max_length=40
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("signed", "Signed"),
                            ("installed", "Installed"),
                            ("refused", "Refused"),
                            ("rejected", "Rejected"),
                            ("failed", "Failed"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True, help_text="Of a refusal or a failure, in words.", max_length=300
                    ),
                ),
                (
                    "repeats",
                    models.PositiveIntegerField(default=0, help_text="How often the station asked again."),
                ),
                ("chain", models.TextField(blank=True)),
                ("serial_number", models.CharField(blank=True, max_length=40)),
                ("not_after", models.DateTimeField(null=True)),
                ("command_id", models.CharField(blank=True, max_length=26)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                (
                    "next_attempt_at",
                    models.DateTimeField(help_text="When it is to be taken in hand again.", null=True),
                ),
                ("created_at", models.DateTimeField()),
                ("signed_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "renewal_asked_at",
                    models.DateTimeField(help_text="When the station was asked for a new key.", null=True),
                ),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="signing_requests",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["station", "-id"], name="signing_request_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "signed"])),
                        fields=["next_attempt_at"],
                        name="signing_request_due",
                    ),
                    models.Index(
                        condition=models.Q(("state", "installed")),
                        fields=["not_after"],
                        name="signing_request_to_renew",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "signed"])),
                        fields=("station", "use", "digest"),
                        name="signing_request_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "not_after__range",
                                (
                                    datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                    datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                ),
                            ),
                            ("not_after__isnull", True),
                            _connector="OR",
                        ),
                        name="signing_request_not_after_sane",
                    ),
                ],
            },
        ),
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
        migrations.CreateModel(
            name="Variable",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("component", models.CharField(max_length=50)),
                ("component_instance", models.CharField(blank=True, max_length=50)),
                ("evse_id", models.PositiveIntegerField(null=True)),
                ("connector_id", models.PositiveIntegerField(null=True)),
                ("variable", models.CharField(max_length=50)),
                ("variable_instance", models.CharField(blank=True, max_length=50)),
                (
                    "attribute",
                    models.CharField(
                        default="Actual", help_text="Actual, Target, MinSet or MaxSet.", max_length=8
                    ),
                ),
                (
                    "key",
                    models.CharField(
                        blank=True,
                        help_text="1.6: the configuration key as the station spells it.",
                        max_length=500,
                    ),
                ),
                ("value", models.TextField(help_text="NULL: write-only, or never told.", null=True)),
                (
                    "mutability",
                    models.CharField(
                        blank=True, help_text="ReadOnly, WriteOnly or ReadWrite.", max_length=12
                    ),
                ),
                ("persistent", models.BooleanField(null=True)),
                ("constant", models.BooleanField(null=True)),
                (
                    "characteristics",
                    models.JSONField(
                        default=dict, help_text="dataType, unit, minLimit, maxLimit, valuesList …"
                    ),
                ),
                (
                    "reboot_required",
                    models.BooleanField(default=False, help_text="Set, but in force only after a reboot."),
                ),
                ("reported_at", models.DateTimeField(help_text="By our clock.")),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="variables",
                        to="stations.station",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("reboot_required", True)),
                        fields=["station"],
                        name="variable_reboot_required",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "station",
                            "component",
                            "component_instance",
                            "evse_id",
                            "connector_id",
                            "variable",
                            "variable_instance",
                            "attribute",
                        ),
                        name="variable_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("evse_id__range", (0, 9999)), ("evse_id__isnull", True), _connector="OR"
                        ),
                        name="variable_evse_id_sane",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("connector_id__range", (0, 9999)),
                            ("connector_id__isnull", True),
                            _connector="OR",
                        ),
                        name="variable_connector_id_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Watch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "station",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to="stations.station",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="watches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "watches",
                "constraints": [models.UniqueConstraint(fields=("station", "user"), name="watch_once")],
            },
        ),
        migrations.AddField(
            model_name="followup",
            name="station",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="follow_ups", to="stations.station"
            ),
        ),
        migrations.AddIndex(
            model_name="command",
            index=models.Index(fields=["station", "-id"], name="command_of_station"),
        ),
        migrations.AddIndex(
            model_name="command",
            index=models.Index(
                condition=models.Q(("state__in", ["queued", "sent"])),
                fields=["station", "id"],
                name="command_open",
            ),
        ),
        *partitions.Migration.operations,
        *ledger_rules.Migration.operations,
    ]
