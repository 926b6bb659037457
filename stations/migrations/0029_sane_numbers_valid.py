"""The bounds hold for all rows. Pre-deploy: reads the tables, and lets everybody write meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stations", "0028_mend_numbers")]

    operations = [
        ValidateConstraint("connection", "connection_close_code_sane"),
        ValidateConstraint("displaymessage", "display_message_message_id_sane"),
        ValidateConstraint("monitor", "monitor_monitor_id_sane"),
        ValidateConstraint("monitoredevent", "monitored_event_event_id_sane"),
        ValidateConstraint("monitoredevent", "monitored_event_evse_id_sane"),
        ValidateConstraint("monitoredevent", "monitored_event_connector_id_sane"),
        ValidateConstraint("reservation", "reservation_reservation_id_sane"),
        ValidateConstraint("reservation", "reservation_evse_id_sane"),
        ValidateConstraint("variable", "variable_evse_id_sane"),
        ValidateConstraint("variable", "variable_connector_id_sane"),
    ]
