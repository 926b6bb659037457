"""Transaction numbers for OCPP 1.6: unique positive 32-bit integers over all stations. Pre-deploy."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("charging", "0002_initial")]
    operations = [
        migrations.RunSQL(
            # It starts over after 2,147,483,647; the unique constraint is by station, so that is no clash.
            "CREATE SEQUENCE charging_transaction_number AS integer MINVALUE 1 CYCLE",
            "DROP SEQUENCE charging_transaction_number",
        )
    ]
