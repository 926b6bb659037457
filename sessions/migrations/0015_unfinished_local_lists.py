"""Local lists of which a station took a part, and with which firmware it keeps none. Pre-deploy.

Adds columns; rows are few: one a station.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charging", "0014_sane_numbers_valid"),
        ("stations", "0030_network_profiles"),
    ]

    operations = [
        migrations.AddField(
            model_name="locallist",
            name="refusing_firmware",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="With which firmware it said so; with another it is asked again.",
                max_length=255,
            ),
        ),
        migrations.AddField(
            model_name="locallist",
            name="tries",
            field=models.PositiveSmallIntegerField(
                db_default=0, default=0, help_text="How often the whole of an unfinished list was sent again."
            ),
        ),
        migrations.AddField(
            model_name="locallist",
            name="unfinished",
            field=models.JSONField(
                help_text="All entries of a list of which the station has a part; NULL: it has no part.",
                null=True,
            ),
        ),
        migrations.AddIndex(
            model_name="locallist",
            index=models.Index(
                condition=models.Q(("unfinished__isnull", False)),
                fields=["station"],
                name="local_list_unfinished",
            ),
        ),
    ]
