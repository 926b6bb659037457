"""The roles engineer and auditor. Pre-deploy: no column changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0019_incidents"),
    ]

    operations = [
        migrations.AlterField(
            model_name="bulkcommand",
            name="role",
            field=models.CharField(
                choices=[
                    ("viewer", "Viewer"),
                    ("operator", "Operator"),
                    ("engineer", "Engineer"),
                    ("admin", "Admin"),
                    ("auditor", "Auditor"),
                ],
                max_length=8,
            ),
        ),
    ]
