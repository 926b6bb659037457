"""Secrets in the params of commands are sealed from the first moment. Pre-deploy: adds columns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0033_security_incident_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkcommand",
            name="sealed",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
            ),
        ),
        migrations.AddField(
            model_name="command",
            name="sealed",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="The params with their secrets, encrypted, until its end; empty: they have none.",
            ),
        ),
        migrations.AlterField(
            model_name="bulkcommand",
            name="params",
            field=models.JSONField(default=dict, help_text="Without its secrets."),
        ),
        migrations.AlterField(
            model_name="command",
            name="params",
            field=models.JSONField(default=dict, help_text="Without its secrets."),
        ),
    ]
