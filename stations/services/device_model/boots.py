"""Boots: the rows of the stations that boot in a unit of work, read, locked and written together.

After a cut a whole fleet boots at one moment, and seven queries a boot were half of what that cost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from emobi.core import batch, clock, unit_of_work
from emobi.core.batch import Found, Query
from emobi.core.models import Network
from stations.models import Station
from stations.services.commanding import following
from stations.services.commanding.awaited import TRIGGERED_FOR_S

# Locked in the order of their ids, as all lock them who lock several.
_READ = f"""
SELECT {batch.columns(Station, "station")}, {batch.columns(Network, "network")},
    (
        SELECT max(sent_at) FROM stations_command
        WHERE station_id = station.id AND name = 'reset' AND state NOT IN ('rejected', 'failed')
            AND sent_at > station.booted_at
    ),
    EXISTS (
        SELECT FROM stations_command
        WHERE station_id = station.id AND name = 'trigger_message'
            AND (state = 'sent' OR (state = 'accepted' AND ended_at > wanted.since))
            AND params ->> 'requested_message' = ANY(wanted.names)
    ),
    waits.found IS NOT NULL, monitored.found IS NOT NULL
FROM jsonb_to_recordset(%s::jsonb) AS wanted(id bigint, since timestamptz, names text[])
CROSS JOIN LATERAL (
    SELECT * FROM stations_station WHERE id = wanted.id OFFSET 0 FOR NO KEY UPDATE
) AS station
CROSS JOIN LATERAL (SELECT * FROM core_network WHERE id = station.network_id OFFSET 0) AS network
LEFT JOIN LATERAL (
    SELECT true AS found FROM stations_variable WHERE station_id = station.id AND reboot_required LIMIT 1
) AS waits ON true
LEFT JOIN LATERAL (
    SELECT true AS found FROM stations_monitor WHERE station_id = station.id LIMIT 1
) AS monitored ON true
"""
_OF_STATION = len(Station._meta.concrete_fields)
_OF_NETWORK = _OF_STATION + len(Network._meta.concrete_fields)

# What a boot may change.
_COLUMNS = {
    "vendor": "text", "model": "text", "serial_number": "text", "firmware_version": "text", "iccid": "text",
    "imsi": "text", "boot_reason": "text", "booted_at": "timestamptz", "negotiated_heartbeat_s": "int",
    "told_registration": "text", "model_quirks": "jsonb",
}  # fmt: skip
_WRITE = f"""
WITH row AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset(%s::jsonb) AS said(
        id bigint, {", ".join(f"{name} {kind}" for name, kind in _COLUMNS.items())}
    )
)
UPDATE stations_station AS station SET {", ".join(f"{name} = row.{name}" for name in _COLUMNS)}
FROM row WHERE station.id = row.id AND station.id = ANY(ARRAY(SELECT id FROM row))
"""  # by key: of a table without figures all rows look as cheap


@dataclass(slots=True)
class Boot:
    """A station that boots, and what hangs on it.

    Attributes:
        station: Its row, locked until the commit, with its network. An operator may have decided since its
            batch began.
        reset_at: When it was last told to reset since the boot that was told last, and didn't refuse.
        was_triggered: It was asked a moment ago to send a BootNotification.
        waits: Some of its variables wait for a reboot, or may.
        is_monitored: It has monitors, or may.
    """

    station: Station
    reset_at: datetime | None
    was_triggered: bool
    waits: bool
    is_monitored: bool


class Boots:
    """Those of a unit of work."""

    def __init__(self) -> None:
        self._expected: set[int] = set()
        self._of: dict[int, Boot] = {}
        self._changed: dict[int, Station] = {}

    def expect(self, station_id: int) -> None:
        self._expected.add(station_id)

    def wanted(self) -> Query | None:
        missing = sorted(self._expected.difference(self._of))
        self._expected.clear()
        since = clock.iso(clock.now() - timedelta(seconds=TRIGGERED_FOR_S))
        names = following.names_of("BootNotification")
        return (
            (_READ, [{"id": each, "since": since, "names": names} for each in missing]) if missing else None
        )

    def take_in(self, found: Found) -> None:
        for row in found:
            (station,) = batch.instances(Station, [row[:_OF_STATION]])
            (station.network,) = batch.instances(Network, [row[_OF_STATION:_OF_NETWORK]])
            self._of[station.pk] = Boot(station, *row[_OF_NETWORK:])

    def of(self, station_id: int) -> Boot:
        """Raises:
        Station.DoesNotExist: If it was deleted meanwhile.
        """
        if station_id not in self._of:
            self.expect(station_id)
            query = self.wanted()
            if query is not None:
                self.take_in(batch.execute(*query))
        try:
            return self._of[station_id]
        except KeyError:
            raise Station.DoesNotExist(station_id) from None

    def doubt(self, station_id: int) -> None:
        """Its variables or monitors have changed since they were read."""
        if boot := self._of.get(station_id):
            boot.waits = boot.is_monitored = True

    def change(self, station: Station) -> None:
        """Write what a boot may change of this station at the end of the unit of work."""
        self._changed[station.pk] = station

    def flush(self) -> Sequence[Query]:
        return [(_WRITE, [_row(station) for station in self._changed.values()])] if self._changed else []


def _row(station: Station) -> dict[str, object]:
    row = {name: getattr(station, name) for name in _COLUMNS}
    return {"id": station.pk, **row, "booted_at": clock.iso(station.booted_at)}


def expect(station: Station) -> None:
    """Have the row of a station that boots read and locked with those of the rest of its batch."""
    unit_of_work.current().buffer(Boots).expect(station.pk)


def of(station: Station) -> Boot:
    """The boot of a station. Needs the open unit of work.

    Raises:
        Station.DoesNotExist: If it was deleted meanwhile.
    """
    return unit_of_work.current().buffer(Boots).of(station.pk)


def doubt(station: Station) -> None:
    """Say that variables or monitors of a station have changed in this unit of work."""
    unit_of_work.current().buffer(Boots).doubt(station.pk)


def change(station: Station) -> None:
    """Write what a boot changed of its station at the end of the unit of work."""
    unit_of_work.current().buffer(Boots).change(station)
