"""What a station's last BootNotification was answered. Pre-deploy: adds a column."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0040_playbooks_follow_releases")]

    operations = [
        migrations.AddField(
            model_name="station",
            name="told_registration",
            field=models.CharField(
                blank=True,
                choices=[("accepted", "Accepted"), ("pending", "Pending"), ("rejected", "Rejected")],
                db_default="",
                default="",
                editable=False,
                max_length=8,
            ),
        ),
    ]
