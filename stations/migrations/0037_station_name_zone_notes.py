"""A station's name, time zone and notes. Pre-deploy: adds columns."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0036_raised_notifications"),
    ]

    operations = [
        migrations.AddField(
            model_name="station",
            name="name",
            field=models.CharField(
                blank=True, db_default="", default="", help_text="What people call it.", max_length=120
            ),
        ),
        migrations.AddField(
            model_name="station",
            name="zone",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text='The time zone where it stands: "Europe/Berlin"; empty: nobody said.',
                max_length=64,
            ),
        ),
        migrations.AddField(
            model_name="station",
            name="notes",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="For whoever looks after it.",
                max_length=4000,
            ),
        ),
    ]
