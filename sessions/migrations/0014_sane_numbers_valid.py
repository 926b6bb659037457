"""The bounds hold for all rows. Pre-deploy: reads the tables, and lets everybody write meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("charging", "0013_mend_numbers")]

    operations = [
        ValidateConstraint("chargingsession", "charging_session_evse_id_sane"),
        ValidateConstraint("chargingsession", "charging_session_connector_id_sane"),
        ValidateConstraint("chargingsession", "charging_session_remote_start_id_sane"),
        ValidateConstraint("chargingsession", "charging_session_reservation_id_sane"),
        ValidateConstraint("chargingsession", "charging_session_seq_first_sane"),
        ValidateConstraint("chargingsession", "charging_session_seq_last_sane"),
        ValidateConstraint("evnegotiation", "ev_negotiation_evse_id_sane"),
        ValidateConstraint("evnegotiation", "ev_negotiation_profile_id_sane"),
        ValidateConstraint("installedprofile", "installed_profile_evse_id_sane"),
        ValidateConstraint("installedprofile", "installed_profile_profile_id_sane"),
        ValidateConstraint("installedprofile", "installed_profile_remote_start_id_sane"),
        ValidateConstraint("installedprofile", "installed_profile_stack_level_sane"),
        ValidateConstraint("locallist", "local_list_version_sane"),
        ValidateConstraint("metervalue", "meter_value_evse_id_sane"),
    ]
