"""The event model: what can be true of a network, whatever OCPP version said it. One dataclass a type.

Types are ``noun.past_participle`` and grow by adding fields only. A field that is unknown is None, never
left out. ``station_time`` is the station's clock, ``received_at`` ours. Energy is in Wh, power in W.
Integrators read `docs/events.md`, which a test holds to this module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import orjson

from emobi.core import batch, clock, ulid, unit_of_work


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """Whom an event is about: a network, and usually one of its stations."""

    network_id: int
    station: str | None = None
    ocpp_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Event:
    """A fact we vouch for."""

    type: ClassVar[str]


@dataclass(frozen=True, kw_only=True)
class Received(Event):
    """A fact that a station reported."""

    station_time: datetime | None = None
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class AtEvse(Received):
    """A fact about an EVSE; ``connector_id`` counts from 1 within it. Both None: the whole station."""

    evse_id: int | None = None
    connector_id: int | None = None


# ── the station and its connection ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class StationConnected(Event):
    """A socket was accepted."""

    type = "station.connected"
    remote_address: str | None
    security_profile: int
    tls_version: str | None


@dataclass(frozen=True, kw_only=True)
class StationDisconnected(Event):
    """Its socket is gone; ``code`` is the WebSocket close code, 1006 where none was said."""

    type = "station.disconnected"
    code: int
    reason: str
    connected_s: float | None


@dataclass(frozen=True, kw_only=True)
class StationRejected(Event):
    """A handshake was refused before any frame was read."""

    type = "station.rejected"
    reason: str
    status: int
    remote_address: str | None


@dataclass(frozen=True, kw_only=True)
class StationTakenOver(Event):
    """A newer authenticated socket replaced an older one of the same station."""

    type = "station.taken_over"
    remote_address: str | None
    previous_address: str | None


@dataclass(frozen=True, kw_only=True)
class StationBooted(Received):
    """BootNotification of an accepted station; repeats that say nothing new are not told again."""

    type = "station.booted"
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    reason: str | None
    iccid: str | None
    imsi: str | None


@dataclass(frozen=True, kw_only=True)
class StationPending(StationBooted):
    """BootNotification of a station that waits for an operator's decision."""

    type = "station.pending"


@dataclass(frozen=True, kw_only=True)
class StationOffline(Event):
    """Silent past its heartbeats and a probe, or without a socket past the grace."""

    type = "station.offline"
    reason: str
    last_heard_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class StationOnline(Event):
    """Back after `StationOffline`, or here for the first time."""

    type = "station.online"
    offline_s: float | None


@dataclass(frozen=True, kw_only=True)
class StationFault(AtEvse):
    """A fault began; ``fault_id`` is the same in the `StationFaultCleared` that ends it."""

    type = "station.fault"
    error_code: str
    vendor_error_code: str | None
    info: str | None
    fault_id: str


@dataclass(frozen=True, kw_only=True)
class StationFaultCleared(StationFault):
    """The fault is over."""

    type = "station.fault_cleared"


@dataclass(frozen=True, kw_only=True)
class ConnectorStatusChanged(AtEvse):
    """Availability of a connector, or of the station (no EVSE), in 2.0.1's words.

    ``status`` is Available, Occupied, Reserved, Unavailable or Faulted; ``detail`` 1.6's finer word.
    """

    type = "connector.status_changed"
    status: str
    detail: str | None
    previous: str | None
    error_code: str | None
    vendor_error_code: str | None
    info: str | None


# ── charging ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SessionAuthorized(AtEvse):
    """A token was presented and judged; ``authorization`` says how (Accepted, Blocked, Expired, …)."""

    type = "session.authorized"
    id_token: str
    id_token_type: str | None
    authorization: str


@dataclass(frozen=True, kw_only=True)
class SessionStarted(AtEvse):
    """A transaction began."""

    type = "session.started"
    session_id: str
    transaction_id: str
    id_token: str | None
    id_token_type: str | None
    authorization: str | None
    meter_start_wh: Decimal | None
    reservation_id: int | None
    remote_start_id: int | None
    offline: bool


@dataclass(frozen=True, kw_only=True)
class SessionUpdated(AtEvse):
    """A transaction went on: its state, or how far it has come."""

    type = "session.updated"
    session_id: str
    transaction_id: str
    charging_state: str | None
    trigger: str | None
    energy_wh: Decimal | None
    power_w: Decimal | None
    soc_percent: Decimal | None
    offline: bool


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One reading in base units (Wh, W, A, V, varh, Percent, …)."""

    measurand: str
    phase: str | None
    context: str | None
    location: str | None
    value: Decimal | None
    unit: str | None
    at: datetime
    signed: str | None


@dataclass(frozen=True, kw_only=True)
class MeterValues(AtEvse):
    """Readings outside a session; the session's fields are None."""

    type = "meter.values"
    session_id: str | None
    transaction_id: str | None
    samples: tuple[Sample, ...]


@dataclass(frozen=True, kw_only=True)
class SessionMeterValues(MeterValues):
    """Readings of a session."""

    type = "session.meter_values"


@dataclass(frozen=True, kw_only=True)
class SessionEnded(AtEvse):
    """A transaction ended. ``suspect`` sessions need a look before they are billed."""

    type = "session.ended"
    session_id: str
    transaction_id: str
    id_token: str | None
    meter_start_wh: Decimal | None
    meter_stop_wh: Decimal | None
    energy_wh: Decimal | None
    duration_s: int | None
    reason: str | None
    suspect: bool
    offline: bool


# ── maintenance ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class FirmwareStatusChanged(Received):
    """An update moved on, in 2.0.1's words (Downloading, Installed, InvalidSignature, …)."""

    type = "firmware.status_changed"
    status: str
    request_id: int | None


@dataclass(frozen=True, kw_only=True)
class LogStatusChanged(Received):
    """An upload of diagnostics or a log moved on."""

    type = "log.status_changed"
    status: str
    request_id: int | None


@dataclass(frozen=True, kw_only=True)
class SecurityEvent(Received):
    """The station's own security log, from its queue: ``station_time`` may be long ago."""

    type = "security.event"
    event_type: str
    tech_info: str | None


@dataclass(frozen=True, kw_only=True)
class ConfigReportReceived(Received):
    """The last part of a report on the device model arrived; ``variables`` is how many it named."""

    type = "config.report_received"
    request_id: int | None
    variables: int


@dataclass(frozen=True, kw_only=True)
class VendorDataReceived(Received):
    """DataTransfer from the station; ``data`` as it came."""

    type = "vendor.data_received"
    vendor_id: str
    message_id: str | None
    data: Any
    answer: str


# ── what we asked ───────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class CommandCompleted(Event):
    """A command ended with the station's answer: accepted, scheduled or rejected."""

    type = "command.completed"
    command_id: str
    command: str
    state: str
    outcome: Mapping[str, Any] | None
    requested_by: str


@dataclass(frozen=True, kw_only=True)
class CommandFailed(CommandCompleted):
    """A command ended without a useful answer: failed, unknown, unsupported, expired or cancelled."""

    type = "command.failed"


def _every(kind: type[Event]) -> list[type[Event]]:
    below = [found for child in kind.__subclasses__() for found in _every(child)]
    return ([kind] if "type" in vars(kind) else []) + below


# Each type that can be recorded, by its name without "emobi.".
TYPES: dict[str, type[Event]] = {kind.type: kind for kind in _every(Event)}


def record(subject: Subject, event: Event) -> str:
    """Record a fact in the open unit of work; return the event's id.

    Raises:
        emobi.core.unit_of_work.NoUnitOfWork: If none is open: facts and changes commit together.
    """
    work = unit_of_work.current()
    event_id = ulid.new()
    work.buffer(_Recorded, last=True).rows.append(
        {
            "i": event_id,
            "n": subject.network_id,
            "y": event.type,
            "s": subject.station,
            "v": subject.ocpp_version,
            "t": clock.iso(clock.now()),
            "d": orjson.Fragment(encoded(event)),
        }
    )
    work.nudge(f"live.{subject.network_id}", subject.station or "")
    return event_id


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """``value`` as JSON has it: times ISO 8601 with Z, decimals numbers, tuples lists."""
    return orjson.loads(encoded(value))


def encoded(value: object) -> bytes:
    """The same as JSON text."""
    return orjson.dumps(value, default=_plain, option=_OPTIONS)


# Dataclasses are walked by orjson itself, ten times as fast as in Python; those with __dict__ at least.
_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


def _plain(value: object) -> object:
    match value:
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return clock.iso(value)
        case Mapping():
            return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


_INSERT = """
WITH batch AS MATERIALIZED (
    SELECT r.*, row_number() OVER (PARTITION BY n ORDER BY o) AS k
    FROM jsonb_to_recordset(%s::jsonb)
        AS r(o int, i text, n bigint, y text, s text, v text, t timestamptz, d jsonb)
), numbered AS (
    INSERT INTO core_eventcounter AS counter (network_id, value) SELECT n, count(*) FROM batch GROUP BY n
    ON CONFLICT (network_id) DO UPDATE SET value = counter.value + excluded.value
    RETURNING network_id, value
)
INSERT INTO core_event (id, network_id, sequence, type, station, ocpp_version, "time", data)
SELECT i, n, value - count(*) OVER (PARTITION BY n) + k, y, s, v, t, d
FROM batch JOIN numbered ON numbered.network_id = batch.n
"""

# With several networks in one batch, two processes must lock their counters in the same order.
_LOCK = """
SELECT 1 FROM core_eventcounter WHERE network_id IN (
    SELECT n FROM jsonb_to_recordset(%s::jsonb) AS r(n bigint)
) ORDER BY network_id FOR NO KEY UPDATE
"""


class _Recorded:
    """The events of a unit of work, numbered and inserted right before its commit."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []

    def flush(self) -> None:
        networks = {row["n"] for row in self.rows}
        if len(networks) > 1:
            batch.execute(_LOCK, [{"n": network} for network in sorted(networks)])
        for order, row in enumerate(self.rows):
            row["o"] = order
        batch.execute(_INSERT, self.rows)
