"""Incidents for certificates that fail and for security events. Pre-deploy: changes no column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0031_revoked_certificates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="incident",
            name="kind",
            field=models.CharField(
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
        migrations.AlterField(
            model_name="incidentrule",
            name="kind",
            field=models.CharField(
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
    ]
