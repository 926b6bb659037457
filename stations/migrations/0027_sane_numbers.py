"""Bounds on the numbers that stations send, for new rows; those that there are come next.

Pre-deploy: takes a lock for a moment only, however large the tables are.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def _within(model: str, field: str, name: str, low: int, high: int) -> AddConstraintNotValid:
    within = models.Q((f"{field}__range", (low, high)), (f"{field}__isnull", True), _connector="OR")
    return AddConstraintNotValid(model, models.CheckConstraint(condition=within, name=name))


class Migration(migrations.Migration):
    dependencies = [("stations", "0026_watch")]

    operations = [
        _within("connection", "close_code", "connection_close_code_sane", 0, 65535),
        _within("displaymessage", "message_id", "display_message_message_id_sane", -2147483648, 2147483647),
        _within("monitor", "monitor_id", "monitor_monitor_id_sane", -2147483648, 2147483647),
        _within("monitoredevent", "event_id", "monitored_event_event_id_sane", -2147483648, 2147483647),
        _within("monitoredevent", "evse_id", "monitored_event_evse_id_sane", 0, 9999),
        _within("monitoredevent", "connector_id", "monitored_event_connector_id_sane", 0, 9999),
        _within("reservation", "reservation_id", "reservation_reservation_id_sane", 0, 2147483647),
        _within("reservation", "evse_id", "reservation_evse_id_sane", 0, 9999),
        _within("variable", "evse_id", "variable_evse_id_sane", 0, 9999),
        _within("variable", "connector_id", "variable_connector_id_sane", 0, 9999),
    ]
