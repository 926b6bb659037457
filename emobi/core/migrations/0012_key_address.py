"""Where a key was used from last. Pre-deploy: adds a column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0011_default_views")]

    operations = [
        migrations.AddField(
            model_name="apikey",
            name="last_address",
            field=models.GenericIPAddressField(help_text="From where it was used then.", null=True),
        ),
    ]
