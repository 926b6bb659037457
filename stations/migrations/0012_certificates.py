"""Certificates of stations, and those they want signed. Pre-deploy: adds tables."""

import datetime
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0011_reservations"),
    ]

    operations = [
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
    ]
