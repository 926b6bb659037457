"""The index for LIKE that 0007 drops, where a database began with the squashed step: Django makes it at the step's end.

Pre-deploy: drops an index that no query uses.
"""

from importlib import import_module

from django.db import migrations

no_like = import_module("emobi.core.migrations.0007_no_like_on_events")


class Migration(migrations.Migration):
    dependencies = [("core", "0008_reads_device_model")]

    operations = no_like.Migration.operations
