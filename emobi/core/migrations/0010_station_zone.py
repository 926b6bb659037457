"""Times may be shown in each station's own zone. Pre-deploy: changes no table."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0009_still_no_like_on_events")]

    operations = [
        migrations.AlterField(
            model_name="preferences",
            name="zone",
            field=models.CharField(
                default="UTC",
                help_text='"UTC", "browser", "station" or a name such as "Europe/Berlin".',
                max_length=64,
            ),
        ),
    ]
