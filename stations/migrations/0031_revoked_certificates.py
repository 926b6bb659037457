"""Certificates with which no station gets in any more. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0007_no_like_on_events"),
        ("stations", "0030_network_profiles"),
    ]

    operations = [
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
    ]
