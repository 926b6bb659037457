"""How often stations connected is counted by an index. Pre-deploy: events go on being written meanwhile."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("core", "0013_security_profile_help")]

    operations = [
        AddIndexConcurrently(
            model_name="event",
            index=models.Index(
                condition=models.Q(("type", "station.connected")),
                fields=["network", "sequence"],
                include=("station",),
                name="event_connected",
            ),
        ),
    ]
