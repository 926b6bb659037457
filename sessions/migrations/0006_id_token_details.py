"""What else is said of an id token. Pre-deploy: adds columns with defaults."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charging", "0005_charging_profiles")]

    operations = [
        migrations.AddField(
            model_name="idtoken",
            name="allowed_evses",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text='Where it may charge: [{"station": identity, "evse_ids": [1, 2]}], no EVSEs: all of the station\'s; empty: everywhere.',
            ),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="charging_priority",
            field=models.SmallIntegerField(default=0, help_text="-9 to 9, from low to high."),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="language1",
            field=models.CharField(blank=True, help_text="The driver's, such as de or fr-CH.", max_length=8),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="language2",
            field=models.CharField(blank=True, help_text="Where the station hasn't the first.", max_length=8),
        ),
        migrations.AddField(
            model_name="idtoken",
            name="personal_message",
            field=models.CharField(blank=True, help_text="Shown when it is accepted.", max_length=512),
        ),
        migrations.AddConstraint(
            model_name="idtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("charging_priority__range", (-9, 9)),
                    ("charging_priority__isnull", True),
                    _connector="OR",
                ),
                name="id_token_charging_priority_sane",
            ),
        ),
        migrations.AddConstraint(
            model_name="idtoken",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("language2", ""),
                    models.Q(
                        models.Q(("language1", ""), _negated=True),
                        models.Q(("language1", models.F("language2")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="id_token_languages_differ",
            ),
        ),
    ]
