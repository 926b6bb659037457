"""The operator's own authorization endpoint. Pre-deploy: adds a table."""

import django.db.models.deletion
import django.db.models.functions.datetime
import sessions.models.authorization_endpoint
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charging", "0008_local_lists"),
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuthorizationEndpoint",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="authorization_endpoint",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                (
                    "url",
                    models.URLField(
                        help_text="https, or any host that EMOBI_AUTHORIZATION_HOSTS names.", max_length=500
                    ),
                ),
                (
                    "secret",
                    models.CharField(
                        default=sessions.models.authorization_endpoint.new_secret,
                        help_text="Questions are signed with it (Standard Webhooks).",
                        max_length=100,
                    ),
                ),
                ("enabled", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("secret__regex", "^whsec_[A-Za-z0-9+/]{32,}={0,2}$")),
                        name="authorization_endpoint_secret_sound",
                    )
                ],
            },
        ),
    ]
