"""Bounds on the numbers that stations send, for new rows; those that there are come next.

Pre-deploy: takes a lock for a moment only, however large the tables are.
"""

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models


def _within(model: str, field: str, name: str, low: int, high: int) -> AddConstraintNotValid:
    within = models.Q((f"{field}__range", (low, high)), (f"{field}__isnull", True), _connector="OR")
    return AddConstraintNotValid(model, models.CheckConstraint(condition=within, name=name))


class Migration(migrations.Migration):
    dependencies = [("charging", "0011_no_like_on_sessions")]

    operations = [
        _within("chargingsession", "evse_id", "charging_session_evse_id_sane", 0, 9999),
        _within("chargingsession", "connector_id", "charging_session_connector_id_sane", 0, 9999),
        _within(
            "chargingsession",
            "remote_start_id",
            "charging_session_remote_start_id_sane",
            -2147483648,
            2147483647,
        ),
        _within(
            "chargingsession",
            "reservation_id",
            "charging_session_reservation_id_sane",
            -2147483648,
            2147483647,
        ),
        _within("chargingsession", "seq_first", "charging_session_seq_first_sane", 0, 2147483647),
        _within("chargingsession", "seq_last", "charging_session_seq_last_sane", 0, 2147483647),
        _within("evnegotiation", "evse_id", "ev_negotiation_evse_id_sane", 0, 9999),
        _within("evnegotiation", "profile_id", "ev_negotiation_profile_id_sane", -2147483648, 2147483647),
        _within("installedprofile", "evse_id", "installed_profile_evse_id_sane", 0, 9999),
        _within(
            "installedprofile", "profile_id", "installed_profile_profile_id_sane", -2147483648, 2147483647
        ),
        _within(
            "installedprofile",
            "remote_start_id",
            "installed_profile_remote_start_id_sane",
            -2147483648,
            2147483647,
        ),
        _within("installedprofile", "stack_level", "installed_profile_stack_level_sane", 0, 2147483647),
        _within("locallist", "version", "local_list_version_sane", 0, 2147483647),
        _within("metervalue", "evse_id", "meter_value_evse_id_sane", 0, 9999),
    ]
