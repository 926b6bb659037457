"""Preferences, saved views, wall screens; keys that expire; members who are deactivated; what did an audited thing.

Pre-deploy: adds tables and columns that may be empty, and drops one foreign key.
"""

import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("core", "0002_more_roles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Preferences",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="preferences",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "zone",
                    models.CharField(
                        default="UTC",
                        help_text='"UTC", "browser", or a name such as "Europe/Berlin".',
                        max_length=64,
                    ),
                ),
                (
                    "theme",
                    models.CharField(
                        blank=True,
                        choices=[("", "As the system has it"), ("dark", "Dark"), ("light", "Light")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "density",
                    models.CharField(
                        blank=True, choices=[("", "Cosy"), ("compact", "Compact")], default="", max_length=8
                    ),
                ),
                (
                    "palette",
                    models.CharField(
                        blank=True,
                        choices=[("", "Usual"), ("contrast", "High contrast")],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "single_keys",
                    models.BooleanField(default=True, help_text="Shortcuts of one key (WCAG 2.1.4)."),
                ),
            ],
            options={
                "verbose_name_plural": "preferences",
            },
        ),
        migrations.AddField(
            model_name="apikey",
            name="expires_at",
            field=models.DateTimeField(help_text="Refused from then on; empty: never.", null=True),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="request_id",
            field=models.CharField(
                blank=True,
                db_default="",
                help_text="Of the request that did it, as logs have it.",
                max_length=26,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="deactivated_at",
            field=models.DateTimeField(help_text="May do nothing here since then.", null=True),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="network",
            field=models.ForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="audit_entries",
                to="core.network",
            ),
        ),
        migrations.CreateModel(
            name="WallToken",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(help_text="Where the screen hangs.", max_length=120)),
                ("secret_sha256", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wall_tokens",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "page",
                    models.CharField(
                        help_text="The name of the list's URL without its namespace.", max_length=64
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                ("query", models.CharField(blank=True, help_text='Without "?".', max_length=1000)),
                ("shared", models.BooleanField(default=False)),
                ("pinned", models.BooleanField(default=False, help_text="Shown first.")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to="core.network",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("network", "owner", "page", "name"), name="saved_view_once"
                    )
                ],
            },
        ),
    ]
