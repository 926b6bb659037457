"""A list may open with another view for each role. Pre-deploy: adds a column and what holds it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0010_station_zone")]

    operations = [
        migrations.AddField(
            model_name="savedview",
            name="default_for",
            field=models.CharField(
                blank=True,
                choices=[
                    ("viewer", "Viewer"),
                    ("operator", "Operator"),
                    ("engineer", "Engineer"),
                    ("admin", "Admin"),
                    ("auditor", "Auditor"),
                ],
                db_default="",
                default="",
                help_text="With this role the list opens so, where nothing else was asked for; empty: with none.",
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                condition=models.Q(("default_for", ""), _negated=True),
                fields=("network", "page", "default_for"),
                name="saved_view_default_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(("default_for", ""), ("shared", True), _connector="OR"),
                name="saved_view_default_shared",
            ),
        ),
    ]
