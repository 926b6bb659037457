"""What happens to a station: its connection, its boots, its connectors."""

from dataclasses import dataclass
from datetime import datetime

from emobi.core.events.model import AtEvse, Event, Received


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
    """Silent past its heartbeats and a probe, or without a socket past the grace.

    ``by_us``: its socket was closed by a restart or death of ours, and it didn't come back.
    """

    type = "station.offline"
    reason: str
    last_heard_at: datetime | None
    by_us: bool = False


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
