"""How somebody is told of new critical incidents while they look at the dashboard.

Pre-deploy: adds columns with defaults of the database.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0005_audit_of_target")]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="sound",
            field=models.BooleanField(
                default=False, db_default=False, help_text="At a new critical incident."
            ),
        ),
        migrations.AddField(
            model_name="preferences",
            name="desktop_notices",
            field=models.BooleanField(
                default=False, db_default=False, help_text="The same, where the browser lets us."
            ),
        ),
        migrations.AddField(
            model_name="preferences",
            name="title_count",
            field=models.BooleanField(
                default=True,
                db_default=True,
                help_text="How many critical incidents nobody has acknowledged, in the tab's title.",
            ),
        ),
    ]
