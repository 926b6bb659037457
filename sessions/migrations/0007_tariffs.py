"""Tariffs, and what a session costs. Pre-deploy: adds a table and columns that may be empty."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charging", "0006_id_token_details"), ("core", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="chargingsession",
            name="cost",
            field=models.DecimalField(
                decimal_places=2, help_text="In all, in the tariff's currency.", max_digits=14, null=True
            ),
        ),
        migrations.AddField(
            model_name="chargingsession",
            name="cost_told_at",
            field=models.DateTimeField(
                help_text="When its station was last sent its cost, by our clock.", null=True
            ),
        ),
        migrations.CreateModel(
            name="Tariff",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("currency", models.CharField(help_text="ISO 4217, such as EUR.", max_length=3)),
                ("price_per_kwh", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "price_per_minute",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        help_text="From the start of the session to its end.",
                        max_digits=12,
                    ),
                ),
                ("start_fee", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                (
                    "text",
                    models.CharField(
                        blank=True, help_text="What drivers are shown at the station.", max_length=512
                    ),
                ),
                (
                    "default",
                    models.BooleanField(
                        default=False, help_text="For tokens that have no tariff of their own."
                    ),
                ),
                (
                    "update_every_s",
                    models.PositiveIntegerField(
                        blank=True,
                        help_text="How often stations are sent the cost of a session that runs (CostUpdated); empty: never.",
                        null=True,
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("replaced_at", models.DateTimeField(editable=False, help_text="NULL: in force.", null=True)),
                (
                    "network",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tariffs",
                        to="core.network",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="chargingsession",
            name="tariff",
            field=models.ForeignKey(
                db_index=False,
                help_text="That of its token when that was accepted; NULL: nobody said what it costs.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="charging_sessions",
                to="charging.tariff",
            ),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="tariff",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: the network's default.",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="id_tokens",
                to="charging.tariff",
            ),
        ),
        migrations.AddIndex(
            model_name="chargingsession",
            index=models.Index(
                condition=models.Q(("state", "active"), ("tariff__isnull", False)),
                fields=["cost_told_at"],
                name="charging_session_with_cost",
            ),
        ),
        migrations.AddConstraint(
            model_name="chargingsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cost__range", (0, 1000000000.0)), ("cost__isnull", True), _connector="OR"
                ),
                name="charging_session_cost_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.UniqueConstraint(
                models.F("network"),
                django.db.models.functions.text.Lower("name"),
                condition=models.Q(("replaced_at", None)),
                name="tariff_name_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.UniqueConstraint(
                condition=models.Q(("default", True), ("replaced_at", None)),
                fields=("network",),
                name="tariff_one_default",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(("currency__regex", "^[A-Z]{3}$")), name="tariff_currency_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(("update_every_s", None), ("update_every_s__gte", 15), _connector="OR"),
                name="tariff_update_every_s_possible",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price_per_kwh__range", (0, 10000000.0)),
                    ("price_per_kwh__isnull", True),
                    _connector="OR",
                ),
                name="tariff_price_per_kwh_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("price_per_minute__range", (0, 10000000.0)),
                    ("price_per_minute__isnull", True),
                    _connector="OR",
                ),
                name="tariff_price_per_minute_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="tariff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("start_fee__range", (0, 10000000.0)), ("start_fee__isnull", True), _connector="OR"
                ),
                name="tariff_start_fee_sane",
            ),
        ),
    ]
