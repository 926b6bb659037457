"""The roles engineer and auditor. Pre-deploy: no column changes."""

from django.db import migrations, models

ROLES = [
    ("viewer", "Viewer"),
    ("operator", "Operator"),
    ("engineer", "Engineer"),
    ("admin", "Admin"),
    ("auditor", "Auditor"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="apikey",
            name="role",
            field=models.CharField(choices=ROLES, max_length=16),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(choices=ROLES, max_length=16),
        ),
    ]
