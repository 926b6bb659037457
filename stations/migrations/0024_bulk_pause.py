"""Bulk commands can be paused: one more state, no change of the table. Pre-deploy."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0023_notifications"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulkcommand",
            name="state",
            field=models.CharField(
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
    ]
