"""What routes have raised events for, once each. Pre-deploy: adds a table."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0035_incident_reopened_at")]

    operations = [
        migrations.CreateModel(
            name="RaisedNotification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(help_text="As that of a notification.", max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "route",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="raised",
                        to="stations.notificationroute",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["at"], name="raised_notification_old")],
                "constraints": [
                    models.UniqueConstraint(fields=("route", "key"), name="raised_notification_once")
                ],
            },
        ),
    ]
