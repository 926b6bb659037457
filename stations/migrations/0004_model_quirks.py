"""Quirks of a model, and their copy on each of its stations. Pre-deploy: adds a table and a column."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_initial"),
        ("stations", "0003_command_parts"),
    ]

    operations = [
        migrations.AddField(
            model_name="station",
            name="model_quirks",
            field=models.JSONField(
                blank=True,
                default=dict,
                editable=False,
                help_text="The same for its model: a copy of its row.",
            ),
        ),
        migrations.CreateModel(
            name="ModelQuirks",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "vendor",
                    models.CharField(help_text="As its stations say it in BootNotification.", max_length=255),
                ),
                ("model", models.CharField(max_length=255)),
                (
                    "firmware_version",
                    models.CharField(blank=True, help_text="Empty: every firmware.", max_length=255),
                ),
                ("quirks", models.JSONField(default=dict)),
                (
                    "created_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="model_quirks",
                        to="core.network",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "model quirks",
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("vendor"),
                        django.db.models.functions.text.Lower("model"),
                        django.db.models.functions.text.Lower("firmware_version"),
                        name="model_quirks_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("vendor", ""), _negated=True)
                        & models.Q(("model", ""), _negated=True),
                        name="model_quirks_of_a_model",
                    ),
                ],
            },
        ),
    ]
