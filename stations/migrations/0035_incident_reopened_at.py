"""Incidents say when they began again. Pre-deploy: adds a column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0034_sealed_params")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="reopened_at",
            field=models.DateTimeField(
                help_text="When we knew that it had begun again; NULL: it hasn't.", null=True
            ),
        ),
    ]
