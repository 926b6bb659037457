"""The core as the migrations up to 0008 leave it, in one step, for a database that has none of them.

Pre-deploy: nothing for a database that has some. Step by step takes more than twice as long, for Django builds
models anew with most of them. What Django doesn't know of is taken from the migrations that brought it.
"""

from importlib import import_module

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

append_only = import_module("emobi.core.migrations.0004_audit_append_only")


class Migration(migrations.Migration):
    replaces = [
        ("core", "0001_initial"),
        ("core", "0002_more_roles"),
        ("core", "0003_people_and_settings"),
        ("core", "0004_audit_append_only"),
        ("core", "0005_audit_of_target"),
        ("core", "0006_alarm_preferences"),
        ("core", "0007_no_like_on_events"),
        ("core", "0008_reads_device_model"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("auth", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("operator", "Operator"),
                            ("engineer", "Engineer"),
                            ("admin", "Admin"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=16,
                    ),
                ),
                ("prefix", models.CharField(max_length=16, unique=True)),
                ("secret_sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "expires_at",
                    models.DateTimeField(help_text="Refused from then on; empty: never.", null=True),
                ),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "actor",
                    models.CharField(
                        help_text='"user:alice", "key:ek_abc", "system:liveness".', max_length=200
                    ),
                ),
                ("action", models.CharField(help_text="noun.verb, e.g. station.created", max_length=64)),
                (
                    "target",
                    models.CharField(
                        help_text="What it was done to, e.g. the station's identity.", max_length=255
                    ),
                ),
                (
                    "detail",
                    models.JSONField(default=dict, help_text="Before and after, reason; never a secret."),
                ),
                (
                    "request_id",
                    models.CharField(
                        blank=True,
                        db_default="",
                        help_text="Of the request that did it, as logs have it.",
                        max_length=26,
                    ),
                ),
                (
                    "address",
                    models.GenericIPAddressField(help_text="Where the request came from.", null=True),
                ),
            ],
            options={
                "verbose_name_plural": "audit entries",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                ("id", models.CharField(max_length=26, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField()),
                ("type", models.CharField(help_text='Without "emobi.".', max_length=64)),
                (
                    "station",
                    models.CharField(
                        help_text="Identity; NULL for facts about no station.", max_length=255, null=True
                    ),
                ),
                ("ocpp_version", models.CharField(max_length=8, null=True)),
                ("time", models.DateTimeField(help_text="By our clock.")),
                ("data", models.JSONField()),
            ],
        ),
        migrations.CreateModel(
            name="Network",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "slug",
                    models.SlugField(
                        max_length=48,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[a-z0-9][a-z0-9-]*$", "lower-case letters, digits and -"
                            )
                        ],
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "auto_register",
                    models.BooleanField(
                        default=False,
                        help_text="List unknown stations as pending: they may connect and wait for an operator.",
                    ),
                ),
                (
                    "reads_device_model",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="Ask a station for all that it is made of when it first boots accepted, and when it boots as another model or with other firmware.",
                    ),
                ),
                (
                    "security_profile",
                    models.PositiveSmallIntegerField(
                        default=1,
                        help_text="The lowest OCPP security profile a station may use here; 0 asks for no password.",
                    ),
                ),
                (
                    "allowed_versions",
                    models.JSONField(
                        blank=True,
                        default=list,
                        help_text='OCPP versions that stations may speak, e.g. ["1.6"]; empty: all.',
                    ),
                ),
                (
                    "operator_name",
                    models.CharField(
                        blank=True,
                        help_text="Subject O that client certificates must carry (profile 3).",
                        max_length=120,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("security_profile__lte", 3)),
                        name="network_security_profile_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("viewer", "Viewer"),
                            ("operator", "Operator"),
                            ("engineer", "Engineer"),
                            ("admin", "Admin"),
                            ("auditor", "Auditor"),
                        ],
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "deactivated_at",
                    models.DateTimeField(help_text="May do nothing here since then.", null=True),
                ),
            ],
        ),
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
                (
                    "sound",
                    models.BooleanField(
                        db_default=False, default=False, help_text="At a new critical incident."
                    ),
                ),
                (
                    "desktop_notices",
                    models.BooleanField(
                        db_default=False, default=False, help_text="The same, where the browser lets us."
                    ),
                ),
                (
                    "title_count",
                    models.BooleanField(
                        db_default=True,
                        default=True,
                        help_text="How many critical incidents nobody has acknowledged, in the tab's title.",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "preferences",
            },
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
            ],
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
            ],
        ),
        migrations.CreateModel(
            name="EventCounter",
            fields=[
                (
                    "network",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="event_counter",
                        serialize=False,
                        to="core.network",
                    ),
                ),
                ("value", models.BigIntegerField(default=0)),
            ],
        ),
        migrations.AddField(
            model_name="event",
            name="network",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="core.network",
            ),
        ),
        migrations.AddField(
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
        migrations.AddField(
            model_name="apikey",
            name="network",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="api_keys", to="core.network"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="network",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="memberships", to="core.network"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="network",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="saved_views", to="core.network"
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="walltoken",
            name="network",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="wall_tokens", to="core.network"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["network", "station", "sequence"], name="event_of_station"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["network", "type", "sequence"], name="event_of_type"),
        ),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.UniqueConstraint(fields=("network", "sequence"), name="event_sequence_once"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["network", "-id"], name="audit_newest"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["network", "target", "-id"], name="audit_of_target"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(fields=("network", "user"), name="membership_once"),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.UniqueConstraint(
                fields=("network", "owner", "page", "name"), name="saved_view_once"
            ),
        ),
        *append_only.Migration.operations,
    ]
