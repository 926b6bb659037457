"""Firmware images, and how far each update has come. Pre-deploy: adds tables."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0004_model_quirks"),
    ]

    operations = [
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
    ]
