"""The index for LIKE that 0011 drops, where a database began with the squashed step: Django makes it at the step's end.

Pre-deploy: drops an index that no query uses.
"""

from importlib import import_module

from django.db import migrations

no_like = import_module("sessions.migrations.0011_no_like_on_sessions")


class Migration(migrations.Migration):
    dependencies = [("charging", "0015_unfinished_local_lists")]

    operations = no_like.Migration.operations
