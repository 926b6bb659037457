"""What 2.0.1 stations accepted for their network configuration slots. Pre-deploy: adds a table."""

import datetime
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0029_sane_numbers_valid"),
    ]

    operations = [
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
    ]
