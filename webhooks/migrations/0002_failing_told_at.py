"""When people were told that an endpoint fails. Pre-deploy: adds a column that may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="failing_told_at",
            field=models.DateTimeField(
                help_text="When people were told that it fails; NULL: it does well, as far as they know.",
                null=True,
            ),
        ),
    ]
