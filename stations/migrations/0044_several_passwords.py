"""Room for each password that a station may have taken. Pre-deploy: a wider column, of which no row is touched."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0043_playbook_archived_at")]

    operations = [
        migrations.AlterField(
            model_name="station",
            name="password_hash",
            field=models.CharField(blank=True, max_length=600),
        ),
        migrations.AlterField(
            model_name="station",
            name="password_changing_since",
            field=models.DateTimeField(
                blank=True,
                help_text="Since when it isn't known which of several passwords it has.",
                null=True,
            ),
        ),
    ]
