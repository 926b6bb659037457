"""Components of a connector that have a problem. Pre-deploy: adds a column with a default."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0016_bulk_commands"),
    ]

    operations = [
        migrations.AddField(
            model_name="connector",
            name="problems",
            field=models.JSONField(
                default=list,
                help_text="Components that have a problem now, as NotifyEvent names them (2.0.1).",
            ),
        ),
    ]
