"""Whether a token charges elsewhere is asked at every start. Pre-deploy."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("charging", "0003_transaction_number")]
    operations = [
        migrations.AddIndex(
            model_name="chargingsession",
            index=models.Index(
                models.F("network"),
                django.db.models.functions.text.Lower("id_token"),
                condition=models.Q(("state", "active")),
                name="charging_session_on_token",
            ),
        ),
    ]
