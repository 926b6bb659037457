"""Sockets of stations: who speaks for a station now, and what the others may no longer do.

The newest authenticated socket wins. Each has an epoch; whatever a socket wants written names it, and an
older one's writes, its close included, change nothing.

Rows that others refer to are locked with `no_key` here and elsewhere: PostgreSQL checks the references of a
transaction at its commit, when it holds the events' numbers that whoever locked the row may wait for.
"""

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from emobi.core import batch, checks, clock, events, unit_of_work
from emobi.core.batch import Found, Query
from emobi.core.models import AuditEntry
from emobi.core.services import audit
from stations.models import Connection, Station
from stations.services.commanding import command_ends
from stations.services.presence import connectivity
from stations.services.registry import deviations
from stations.services.trust import access_proofs

# As in the audit log.
BY = "system:gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A socket that is to speak for its station; ``at`` by our clock.

    ``password_hash`` is the stored one that the station's password matched; "" if it showed none.
    ``unchecked`` says why nobody knows whether its certificate was revoked; "" if somebody does.
    ``certificate_not_after`` is the end of the certificate that it showed; None if it showed none.
    """

    station_id: int
    at: datetime
    gateway: str
    version: str
    security_profile: int
    remote_address: str
    tls_version: str
    password_hash: str = ""
    unchecked: str = ""
    certificate_not_after: datetime | None = None


# Every column is written: nothing of the socket before is left.
_OPEN = """
INSERT INTO stations_connection AS connection (
    station_id, epoch, gateway, ocpp_version, security_profile, remote_address, tls_version,
    certificate_not_after, opened_at, last_heard_at, closed_at, close_code, close_reason, by_us
)
SELECT s, 1, g, v, p, r, l, c, t, t, NULL, NULL, '', false FROM jsonb_to_recordset(%s::jsonb)
    AS opening(s bigint, g text, v text, p smallint, r text, l text, c timestamptz, t timestamptz)
ORDER BY s
ON CONFLICT (station_id) DO UPDATE SET
    epoch = connection.epoch + 1, gateway = excluded.gateway, ocpp_version = excluded.ocpp_version,
    security_profile = excluded.security_profile, remote_address = excluded.remote_address,
    tls_version = excluded.tls_version, certificate_not_after = excluded.certificate_not_after,
    opened_at = excluded.opened_at,
    last_heard_at = excluded.last_heard_at, closed_at = NULL, close_code = NULL, close_reason = '',
    by_us = false
RETURNING station_id, epoch
"""


# In another version it says other things of itself: its next boot counts as its first.
_SPEAKS = """
UPDATE stations_station SET ocpp_version = v, booted_at = NULL
FROM jsonb_to_recordset(%s::jsonb) AS speaks(s bigint, v text)
WHERE id = s AND ocpp_version <> v
"""


def open_sockets(openings: Sequence[Opening]) -> list[int]:
    """Make sockets the ones that speak for their stations; the epoch of each.

    0 for one whose station is gone, and for one that a later opening of the same list replaces already. Every
    number of sockets takes the same few statements: a fleet comes back at one moment.
    """
    newest = {opening.station_id: opening for opening in openings}
    with unit_of_work.begin():
        before = {
            each.pk: each
            for each in Connection.objects.select_for_update(no_key=True).filter(pk__in=newest).order_by("pk")
        }
        # Only now: whoever had the rows locked may have noted that the station is silent, or offline.
        found = stations(newest)
        rows = [_row(newest[station_id]) for station_id in found]
        epochs: dict[int, int] = dict(batch.execute(_OPEN, rows))
        entries: list[AuditEntry | None] = []
        for station in found.values():
            opening = newest[station.pk]
            with clock.at(opening.at):
                entries.append(_tell_opened(station, opening, before.get(station.pk)))
                access_proofs.came_in(
                    station,
                    security_profile=opening.security_profile,
                    password_hash=opening.password_hash,
                    at=opening.at,
                )
                if opening.unchecked:
                    unknown = deviations.Found("client certificate", "RevocationUnknown", opening.unchecked)
                    deviations.note(station, "", [unknown])
        batch.execute(_SPEAKS, [{"s": each.pk, "v": each.ocpp_version} for each in found.values()])
        connectivity.come_back((each, newest[each.pk].at) for each in found.values())
        audit.record_all(filter(None, entries))
        # What an older socket was asked and didn't answer will never be known.
        command_ends.lose({station_id: epoch - 1 for station_id, epoch in epochs.items()})
    return [
        epochs.get(opening.station_id, 0) if newest[opening.station_id] is opening else 0
        for opening in openings
    ]


def _row(opening: Opening) -> dict[str, object]:
    # An authority may say the year 9999 of a certificate that never ends (RFC 5280, section 4.1.2.5).
    ends = checks.sane_time(opening.certificate_not_after)
    return {
        "s": opening.station_id,
        "g": opening.gateway,
        "v": opening.version,
        "p": opening.security_profile,
        "r": opening.remote_address[:64],
        "l": opening.tls_version,
        "c": clock.iso(ends) if ends else None,
        "t": clock.iso(opening.at),
    }


def _tell_opened(station: Station, opening: Opening, before: Connection | None) -> AuditEntry | None:
    """Record its events; what of it belongs in the audit log."""
    station.ocpp_version = opening.version
    address = opening.remote_address or None
    events.record(
        station.subject,
        events.StationConnected(
            remote_address=address,
            security_profile=opening.security_profile,
            tls_version=opening.tls_version or None,
        ),
    )
    if before is None or before.closed_at is not None:
        return None
    let_go(before)
    previous = before.remote_address or None
    events.record(station.subject, events.StationTakenOver(remote_address=address, previous_address=previous))
    # In the detail, as text: on a unix socket, or behind a proxy, it need not be an IP address.
    detail = {"remote_address": address, "previous_address": previous}
    return audit.entry(station.network_id, BY, "station.taken_over", station.identity, detail)


def let_go(connection: Connection) -> None:
    """Ask the process that holds a socket to close it; needs the open unit of work."""
    unit_of_work.current().nudge(f"gateway.{connection.gateway}", f"drop:{connection.pk}:{connection.epoch}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """A socket that is gone; ``at`` by our clock, ``by_us`` if it was our restart or our fault."""

    station_id: int
    epoch: int
    at: datetime
    code: int
    reason: str
    by_us: bool


_CLOSE = """
UPDATE stations_connection SET closed_at = t, close_code = c, close_reason = r, by_us = u
FROM jsonb_to_recordset(%s::jsonb) AS closing(s bigint, t timestamptz, c integer, r text, u boolean)
WHERE station_id = s
"""


def close_sockets(closings: Sequence[Closing]) -> set[int]:
    """Note that sockets are gone; the ids of the stations that no socket speaks for now.

    Where a newer one does, nothing changes. Every number of sockets takes the same few statements.
    """
    with unit_of_work.begin():
        held = {
            each.pk: each
            for each in Connection.objects.select_for_update(of=("self",), no_key=True)
            .select_related("station")
            .filter(pk__in={closing.station_id for closing in closings}, closed_at=None)
            .order_by("pk")
        }
        last = {
            closing.station_id: closing
            for closing in closings
            if closing.station_id in held and held[closing.station_id].epoch == closing.epoch
        }
        batch.execute(
            _CLOSE,
            [
                {
                    "s": each.station_id,
                    "t": clock.iso(each.at),
                    "c": each.code,
                    "r": each.reason[:200],
                    "u": each.by_us,
                }
                for each in last.values()
            ],
        )
        connectivity.fall_silent({each.station_id: each.at for each in last.values()})
        for closing in last.values():
            with clock.at(closing.at):
                _tell_closed(held[closing.station_id], closing.at, closing.code, closing.reason)
        command_ends.lose({closing.station_id: closing.epoch for closing in closings})
    return set(last)


def _tell_closed(closed: Connection, now: datetime, code: int, reason: str) -> None:
    connected_s = max(0.0, (now - closed.opened_at).total_seconds())
    events.record(
        closed.station.subject,
        events.StationDisconnected(code=code, reason=reason[:200], connected_s=round(connected_s, 3)),
    )


# Locked in the order of their keys, so that two processes in a hand-over can't wait for each other. OFFSET 0:
# see `emobi.core.batch`.
_HEARD = """
WITH heard AS (
    SELECT s, e, max(t) AS t FROM jsonb_to_recordset(%s::jsonb) AS r(s bigint, e bigint, t timestamptz)
    GROUP BY s, e ORDER BY s
), current AS (
    SELECT held.station_id, heard.t FROM heard CROSS JOIN LATERAL (
        SELECT station_id, gateway, closed_at FROM stations_connection WHERE station_id = s AND epoch = e
        OFFSET 0 FOR NO KEY UPDATE
    ) AS held
    JOIN stations_gatewayprocess AS process ON process.name = held.gateway
    WHERE held.closed_at IS NULL AND process.stopped_at IS NULL AND process.lease_until > now()
)
UPDATE stations_connection AS connection SET last_heard_at = greatest(connection.last_heard_at, current.t)
FROM current WHERE connection.station_id = current.station_id
RETURNING connection.station_id, connection.epoch
"""


def hear(
    frames: Collection[tuple[int, int, datetime]], *, whole: Set[int] = frozenset()
) -> tuple[set[tuple[int, int]], dict[int, Station]]:
    """Note when stations were heard, given (station id, epoch, received at).

    Of stations that aren't among ``whole`` only what most messages need is read; the rest, all of it at once,
    when somebody asks for it.

    Returns:
        Those, as (station id, epoch), that still speak; and their stations, by id. What is not in it comes
        from a socket that was replaced, or from a process whose lease has run out: it must write nothing. The
        others are locked until the commit, so that no newer socket can slip in between.
    """
    rows = [{"s": station_id, "e": epoch, "t": clock.iso(at)} for station_id, epoch, at in frames]
    partly = dict.fromkeys(station_id for station_id, _, _ in frames if station_id not in whole)
    queries: list[Query] = [(_HEARD, rows), (_MOSTLY, [{"id": station_id} for station_id in partly])]
    if whole:
        queries.append((_STATIONS, [{"id": station_id} for station_id in whole]))
    heard, mostly, *wholly = batch.execute_all(queries)
    speaking = {(station_id, epoch) for station_id, epoch in heard}
    speakers = {station_id for station_id, _ in speaking}
    read = [*_read(mostly, only=MOSTLY_NEEDED), *(station for found in wholly for station in _read(found))]
    return speaking, {each.pk: each for each in read if each.pk in speakers}


# Most messages are heartbeats, readings and statuses, and a station has dozens of columns.
MOSTLY_NEEDED = frozenset(
    {
        "id", "network_id", "identity", "registration", "told_registration", "connectivity", "ocpp_version",
        "clock_skew_s", "quirks", "model_quirks",
    }
)  # fmt: skip


def _select(only: Collection[str]) -> str:
    return f"""
SELECT {batch.columns(Station, "station", only=only)},
    EXISTS (SELECT FROM stations_followup WHERE station_id = station.id)
FROM jsonb_to_recordset(%s::jsonb) AS wanted(id bigint)
CROSS JOIN LATERAL (SELECT * FROM stations_station WHERE id = wanted.id OFFSET 0) AS station
"""


_STATIONS, _MOSTLY = _select(()), _select(MOSTLY_NEEDED)


def stations(ids: Collection[int]) -> dict[int, Station]:
    """The stations of a batch, by id; with each whether an effect of a command is awaited of it."""
    found = batch.execute(_STATIONS, [{"id": station_id} for station_id in ids])
    return {station.pk: station for station in _read(found)}


def _read(found: Found, *, only: Collection[str] = ()) -> list[Station]:
    return batch.instances(Station, found, also=["is_followed"], only=only)
