"""Playbooks that are put away, with what they did. Pre-deploy: adds a column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0042_unsuccessful_commands")]

    operations = [
        migrations.AddField(
            model_name="playbook",
            name="archived_at",
            field=models.DateTimeField(
                blank=True, help_text="NULL: it is in use, be it switched off.", null=True
            ),
        ),
        migrations.AddConstraint(
            model_name="playbook",
            constraint=models.CheckConstraint(
                condition=models.Q(("archived_at", None), ("enabled", False), _connector="OR"),
                name="playbook_archived_is_off",
            ),
        ),
    ]
