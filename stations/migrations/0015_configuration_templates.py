"""How stations are to be set up. Pre-deploy: adds a table."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stations", "0014_variable_reboot_required"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfigurationTemplate",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="configuration_templates",
                        to="core.network",
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "vendor",
                    models.CharField(
                        blank=True, help_text="In whatever case; empty: of any.", max_length=255
                    ),
                ),
                (
                    "model",
                    models.CharField(blank=True, help_text="In whatever case; empty: any.", max_length=255),
                ),
                (
                    "variables",
                    models.JSONField(help_text="Names and values, as the params of set_config have them."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("network"),
                        django.db.models.functions.text.Lower("name"),
                        name="configuration_template_name_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name", ""), _negated=True), name="configuration_template_named"
                    ),
                ],
            },
        ),
    ]
