"""When the certificate ends that a station showed. Pre-deploy: adds a column, and its bounds."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("stations", "0038_maintenance_windows")]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="certificate_not_after",
            field=models.DateTimeField(
                help_text="End of the certificate that the station showed; NULL: none, or it never ends.",
                null=True,
            ),
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "certificate_not_after__range",
                        (
                            datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(2100, 1, 1, 0, 0, tzinfo=datetime.UTC),
                        ),
                    ),
                    ("certificate_not_after__isnull", True),
                    _connector="OR",
                ),
                name="connection_certificate_not_after_sane",
            ),
        ),
    ]
