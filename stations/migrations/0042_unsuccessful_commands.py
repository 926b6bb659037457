"""Indexes for what operators look for among a network's commands. Pre-deploy: adds two small ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0041_told_registration")]

    operations = [
        migrations.AddIndex(
            model_name="command",
            index=models.Index(
                condition=models.Q(
                    (
                        "state__in",
                        ("rejected", "failed", "unknown", "unsupported", "expired", "cancelled"),
                    )
                ),
                fields=["network", "-id"],
                name="command_unsuccessful",
            ),
        ),
        migrations.AddIndex(
            model_name="command",
            index=models.Index(
                condition=models.Q(
                    ("outcome__verification__state", "not_seen"),
                    ("outcome__verification__state", "pending"),
                    _connector="OR",
                ),
                fields=["network", "-id"],
                name="command_effect_unseen",
            ),
        ),
    ]
