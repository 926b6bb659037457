"""When energy flowed in a session, for reports on use. Pre-deploy: adds a column, NULL for what was before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charging", "0016_still_no_like_on_sessions")]

    operations = [
        migrations.AddField(
            model_name="chargingsession",
            name="flow",
            field=models.JSONField(
                help_text="When energy flowed: `sessions.energy_flow`. NULL: no reading has told.", null=True
            ),
        ),
    ]
