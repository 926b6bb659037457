"""Which shipped playbooks a network last followed. Pre-deploy: adds a column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0039_connection_certificate_not_after")]

    operations = [
        migrations.AddField(
            model_name="playbookcontrol",
            name="shipped",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="A digest of the shipped playbooks that it last followed.",
                max_length=32,
            ),
        ),
    ]
