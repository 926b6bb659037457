"""Campaigns: one image for many stations. Pre-deploy: adds tables."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0006_station_logs"),
    ]

    operations = [
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
                    "image",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="campaigns",
                        to="stations.firmwareimage",
                    ),
                ),
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
        ),
        migrations.AddIndex(
            model_name="firmwarecampaign",
            index=models.Index(fields=["network", "-id"], name="firmware_campaign_newest"),
        ),
        migrations.AddIndex(
            model_name="firmwarecampaign",
            index=models.Index(
                condition=models.Q(("state", "running")), fields=["id"], name="firmware_campaign_running"
            ),
        ),
        migrations.AddConstraint(
            model_name="firmwarecampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("wave__gte", 1), ("wave_size__gte", 1)),
                name="firmware_campaign_waves_count",
            ),
        ),
        migrations.AddConstraint(
            model_name="firmwarecampaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("max_failure_percent__lte", 100)), name="firmware_campaign_percent_sane"
            ),
        ),
        migrations.AddIndex(
            model_name="firmwarecampaigntarget",
            index=models.Index(fields=["campaign", "wave", "state"], name="firmware_campaign_wave"),
        ),
        migrations.AddConstraint(
            model_name="firmwarecampaigntarget",
            constraint=models.UniqueConstraint(
                fields=("campaign", "station"), name="firmware_campaign_station_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="firmwarecampaigntarget",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "updating")),
                fields=("station",),
                name="firmware_campaign_one_at_a_time",
            ),
        ),
    ]
