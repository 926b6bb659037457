"""Incidents, and the rules that open them. Pre-deploy: adds tables."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0018_access_changes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
        migrations.AddConstraint(
            model_name="incidentrule",
            constraint=models.UniqueConstraint(fields=("network", "name"), name="incident_rule_name_once"),
        ),
        migrations.AddConstraint(
            model_name="incidentrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("for_s__lte", 604800)), name="incident_rule_for_s_bounded"
            ),
        ),
        migrations.AddIndex(
            model_name="incidentcondition",
            index=models.Index(
                condition=models.Q(("opened", False)), fields=["due_at"], name="incident_condition_due"
            ),
        ),
        migrations.AddConstraint(
            model_name="incidentcondition",
            constraint=models.UniqueConstraint(fields=("rule", "key"), name="incident_condition_once"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["network", "-id"], name="incident_newest"),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=["network", "-id"],
                name="incident_unresolved",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["network", "key", "-id"], name="incident_of_key"),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "resolved"), _negated=True),
                fields=("network", "key"),
                name="incident_open_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("resolved_at__isnull", False), ("state", "resolved")),
                    models.Q(models.Q(("state", "resolved"), _negated=True), ("resolved_at", None)),
                    _connector="OR",
                ),
                name="incident_resolved_at_a_time",
            ),
        ),
        migrations.AddIndex(
            model_name="incidentstation",
            index=models.Index(fields=["station", "-id"], name="incident_of_station"),
        ),
        migrations.AddConstraint(
            model_name="incidentstation",
            constraint=models.UniqueConstraint(
                fields=("incident", "station", "evse_id"), name="incident_station_once", nulls_distinct=False
            ),
        ),
        migrations.AddIndex(
            model_name="incidenttally",
            index=models.Index(fields=["rule", "station", "at"], name="incident_tally_counted"),
        ),
        migrations.AddIndex(
            model_name="incidenttally",
            index=models.Index(fields=["at"], name="incident_tally_old"),
        ),
    ]
