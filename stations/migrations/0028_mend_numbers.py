"""Numbers that no station should have sent, and that were kept before there were bounds: as services do now.

Pre-deploy: changes nothing that means anything. There are hardly any such rows, if any.
"""

from django.db import migrations

MENDED = (
    """
    UPDATE stations_connection SET close_code = NULL WHERE close_code > 65535
    """,
    """
    DELETE FROM stations_displaymessage WHERE message_id NOT BETWEEN -2147483648 AND 2147483647
    """,
    """
    DELETE FROM stations_monitor WHERE monitor_id NOT BETWEEN -2147483648 AND 2147483647
    """,
    """
    DELETE FROM stations_monitoredevent AS beyond WHERE event_id NOT BETWEEN -2147483648 AND 2147483647 AND EXISTS (
        SELECT FROM stations_monitoredevent AS other
        WHERE other.station_id = beyond.station_id AND other.id < beyond.id
        AND other.station_time IS NOT DISTINCT FROM beyond.station_time
        AND (other.event_id & 2147483647) = (beyond.event_id & 2147483647)
    )
    """,
    """
    UPDATE stations_monitoredevent SET
        event_id = CASE WHEN event_id NOT BETWEEN -2147483648 AND 2147483647 THEN event_id & 2147483647 ELSE event_id END,
        evse_id = CASE WHEN evse_id <= 9999 THEN evse_id END,
        connector_id = CASE WHEN connector_id <= 9999 THEN connector_id END
    WHERE event_id NOT BETWEEN -2147483648 AND 2147483647 OR evse_id > 9999 OR connector_id > 9999
    """,
    """
    DELETE FROM stations_reservation WHERE reservation_id > 2147483647 OR evse_id > 9999
    """,
    """
    DELETE FROM stations_variable WHERE evse_id > 9999 OR connector_id > 9999
    """,
)


class Migration(migrations.Migration):
    dependencies = [("stations", "0027_sane_numbers")]

    operations = [migrations.RunSQL(sql, migrations.RunSQL.noop) for sql in MENDED]
