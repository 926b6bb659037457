"""Until when an endpoint asked not to be sent to. Pre-deploy: adds a column that may be empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("webhooks", "0002_failing_told_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="endpoint",
            name="not_before",
            field=models.DateTimeField(
                help_text="Until then it isn't sent to: its last answer with Retry-After says so.", null=True
            ),
        ),
    ]
