"""What waits for a reboot is found at the next boot. Pre-deploy: adds a small index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0013_command_follow_ups"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="variable",
            index=models.Index(
                condition=models.Q(("reboot_required", True)),
                fields=["station"],
                name="variable_reboot_required",
            ),
        ),
    ]
