"""Bulk commands can be paused: one more state, no change of the table. Pre-deploy."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
<<<<<<<< HEAD:stations/migrations/0024_bulk_pause.py
        ("stations", "0023_notifications"),
========
        ("stations", "0022_outage_ledger_rules"),
>>>>>>>> fleet:stations/migrations/0023_bulk_pause.py
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
