"""Indexes for what operators look for among a network's commands. Pre-deploy: commands are asked meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("stations", "0041_told_registration")]

    operations = [
        AddIndexConcurrently(
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
        AddIndexConcurrently(
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
