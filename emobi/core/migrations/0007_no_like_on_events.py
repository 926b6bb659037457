"""An index less for each new row: Django adds one for LIKE to every key of text, and nobody asks by it.

Pre-deploy: drops an index that no query uses.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("core", "0006_alarm_preferences")]

    operations = [
        migrations.RunSQL(
            sql='DROP INDEX IF EXISTS "core_event_id_6407f103_like"',
            reverse_sql='CREATE INDEX "core_event_id_6407f103_like" ON "core_event" ("id" varchar_pattern_ops)',
        )
    ]
