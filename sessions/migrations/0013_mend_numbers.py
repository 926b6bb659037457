"""Numbers that no station should have sent, and that were kept before there were bounds: as services do now.

Pre-deploy: changes nothing that means anything. There are hardly any such rows, if any.
"""

from django.db import migrations

MENDED = (
    """
    UPDATE charging_chargingsession SET
        evse_id = CASE WHEN evse_id <= 9999 THEN evse_id END,
        connector_id = CASE WHEN connector_id <= 9999 THEN connector_id END,
        remote_start_id = CASE WHEN remote_start_id BETWEEN -2147483648 AND 2147483647 THEN remote_start_id END,
        reservation_id = CASE WHEN reservation_id BETWEEN -2147483648 AND 2147483647 THEN reservation_id END,
        seq_first = CASE WHEN seq_first BETWEEN 0 AND 2147483647 THEN seq_first END,
        seq_last = CASE WHEN seq_last BETWEEN 0 AND 2147483647 THEN seq_last END
    WHERE evse_id > 9999 OR connector_id > 9999
        OR remote_start_id NOT BETWEEN -2147483648 AND 2147483647 OR reservation_id NOT BETWEEN -2147483648 AND 2147483647
        OR seq_first NOT BETWEEN 0 AND 2147483647 OR seq_last NOT BETWEEN 0 AND 2147483647
    """,
    """
    DELETE FROM charging_evnegotiation WHERE evse_id > 9999
    """,
    """
    DELETE FROM charging_installedprofile
    WHERE evse_id > 9999 OR stack_level > 2147483647 OR profile_id NOT BETWEEN -2147483648 AND 2147483647
    """,
    """
    UPDATE charging_locallist SET version = 0, in_step = false WHERE version > 2147483647
    """,
    """
    UPDATE charging_metervalue SET evse_id = NULL WHERE evse_id > 9999
    """,
)


class Migration(migrations.Migration):
    dependencies = [("charging", "0012_sane_numbers")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in MENDED]
