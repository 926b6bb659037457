"""Who is sent a report by e-mail. Pre-deploy: adds a table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charging", "0009_authorization_endpoints"),
        ("core", "0005_audit_of_target"),
    ]

    operations = [
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
    ]
