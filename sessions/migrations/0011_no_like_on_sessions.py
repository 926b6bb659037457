"""An index less for each new row: Django adds one for LIKE to every key of text, and nobody asks by it.

Pre-deploy: drops an index that no query uses.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("charging", "0010_report_subscriptions")]

    operations = [
        migrations.RunSQL(
            sql='DROP INDEX IF EXISTS "charging_chargingsession_id_9eb5b796_like"',
            reverse_sql='CREATE INDEX "charging_chargingsession_id_9eb5b796_like" ON "charging_chargingsession" ("id" varchar_pattern_ops)',
        )
    ]
