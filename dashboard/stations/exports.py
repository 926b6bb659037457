"""The list of stations as a file: all that a filter finds, streamed, a page in memory at a time."""

import csv
import io
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from asgiref.sync import sync_to_async

from dashboard.stations import sorting, station_incidents, station_list, station_rows
from dashboard.stations.station_filter import StationFilter
from dashboard.stations.station_rows import StationRow
from emobi.core import clock
from emobi.core.models import Network

AT_ONCE = 500
COLUMNS = (
    "identity", "connectivity", "since", "registration", "statuses", "power_w", "sessions", "last_heard_at",
    "ocpp_version", "vendor", "model", "serial_number", "firmware_version", "site", "tags",
    "security_profile", "maintenance", "open_incidents", "name",
)  # fmt: skip

# What makes a spreadsheet take a text for a formula (CWE-1236).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


async def chunks(
    network: Network, wanted: StationFilter, kind: str, picked: Sequence[str] = ()
) -> AsyncGenerator[str]:
    """The file, piece by piece; of the stations ``picked`` alone, where any are."""
    if kind == "csv":
        yield _csv([COLUMNS])
    wanted = replace(wanted, after="")
    while True:
        rows, after = await sync_to_async(_read)(network, wanted, picked)
        if kind == "csv":
            yield _csv(_cells(row) for row in rows)
        else:
            yield "".join(f"{orjson.dumps(row).decode()}\n" for row in rows)
        if not after:
            return
        wanted = replace(wanted, after=after)


def _read(
    network: Network, wanted: StationFilter, picked: Sequence[str]
) -> tuple[Sequence[Mapping[str, Any]], str]:
    found, _ = station_list.find(network, wanted)
    if picked:
        found = found.filter(identity__in=picked)
    stations = list(station_incidents.weighed(found)[: AT_ONCE + 1])
    rows = [_told(row) for row in station_rows.of(stations[:AT_ONCE])]
    return rows, sorting.cursor(stations[AT_ONCE - 1], wanted.order) if len(stations) > AT_ONCE else ""


def _told(row: StationRow) -> Mapping[str, Any]:
    station = row.station
    values = (
        station.identity, station.connectivity, clock.iso(station.connectivity_since), station.registration,
        [group.shown.word for group in row.groups for _ in range(group.count)],
        None if row.power_w is None else float(row.power_w), row.sessions, clock.iso(row.heard_at),
        station.ocpp_version, station.vendor, station.model, station.serial_number, station.firmware_version,
        station.site, station.tags, station.profile, station.maintenance, station_incidents.count_of(station),
        station.name,
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def _cells(row: Mapping[str, Any]) -> Iterator[object]:
    for value in row.values():
        text = ", ".join(map(str, value)) if isinstance(value, list) else value
        yield f"'{text}" if isinstance(text, str) and text.startswith(_FORMULA) else text


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
