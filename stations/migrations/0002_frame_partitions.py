"""The message log's table, partitioned by day on the id (see `stations.frame_ids`). Pre-deploy.

A default partition takes what no day's partition waits for; `stations.services.log.frames.keep_partitions` makes
the days ahead, so that it stays empty. Autovacuum has nothing to do here but freeze: rows are dropped by the day.
"""

from django.db import migrations

MAKE = """
CREATE TABLE stations_frame (
    id bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    network_id bigint NOT NULL,
    station_id bigint NOT NULL,
    direction smallint NOT NULL,
    kind smallint NOT NULL,
    message_id text NOT NULL DEFAULT '',
    action text NOT NULL DEFAULT '',
    error_code text NOT NULL DEFAULT '',
    note text NOT NULL DEFAULT '',
    text text NOT NULL,
    pair_id bigint,
    round_trip_ms double precision
) PARTITION BY RANGE (id);
CREATE INDEX frame_of_station ON stations_frame (station_id, id);
CREATE INDEX frame_of_network ON stations_frame (network_id, id);
CREATE INDEX frame_of_action ON stations_frame (network_id, action, id);
CREATE INDEX frame_errors ON stations_frame (network_id, id) WHERE kind = 4;
CREATE TABLE stations_frame_default PARTITION OF stations_frame DEFAULT;
"""


class Migration(migrations.Migration):
    dependencies = [("stations", "0001_initial")]
    operations = [migrations.RunSQL(MAKE, "DROP TABLE stations_frame")]
