"""What happened to sockets, between the messages of the log: opened, closed and why, refused, taken over."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard.figures import duration
from dashboard.statuses import Shown
from emobi.core import ulid
from emobi.core.events import StationConnected, StationDisconnected, StationRejected, StationTakenOver
from emobi.core.models import Event, Network

MOST = 60
# A page of a quiet network spans days; further than this events aren't looked for.
LONGEST = timedelta(days=1)

_TYPES = (StationConnected.type, StationDisconnected.type, StationRejected.type, StationTakenOver.type)
# Close codes that people meet. Source: RFC 6455, section 7.4.1.
_CODES = {
    1000: "normally",
    1001: "going away",
    1002: "protocol error",
    1006: "without a word: the connection broke",
    1008: "refused by policy",
    1009: "a frame was too big",
    1011: "an error of the server",
    1012: "the server restarts",
}


@dataclass(frozen=True, kw_only=True)
class ConnectionEvent:
    """One of them, as a row of the log."""

    at: datetime
    station: str
    shown: Shown
    summary: str


def between(
    network: Network, since: datetime, until: datetime, stations: Collection[str] | None = None
) -> Sequence[ConnectionEvent]:
    """The newest in a time, of these stations or of all; one query, by the primary key."""
    since = max(since, until - LONGEST)
    found = Event.objects.filter(
        id__gte=ulid.lowest(since), id__lte=ulid.lowest(until + timedelta(milliseconds=1)),
        network=network, type__in=_TYPES,
    )  # fmt: skip
    if stations is not None:
        found = found.filter(station__in=stations)
    return [_told(event) for event in found.order_by("-id")[:MOST]]


def _told(event: Event) -> ConnectionEvent:
    shown, summary = _words(event.type, event.data)
    return ConnectionEvent(at=event.time, station=event.station or "", shown=shown, summary=summary)


def _words(type: str, data: dict[str, Any]) -> tuple[Shown, str]:
    address = data.get("remote_address") or "an unknown address"
    if type == StationConnected.type:
        secured = f", {data['tls_version']}" if data.get("tls_version") else ", not encrypted"
        return Shown(
            "online", "Connected"
        ), f"from {address}{secured}, profile {data.get('security_profile')}"
    if type == StationDisconnected.type:
        code = data.get("code")
        why = _CODES.get(code, "") if isinstance(code, int) else ""
        said = f"closed with {code}" + (f": {why}" if why else "")
        if data.get("reason"):
            said += f" ({data['reason']})"
        if data.get("connected_s") is not None:
            said += f", after {duration(float(data['connected_s']))}"
        return Shown("offline", "Disconnected"), said
    if type == StationRejected.type:
        said = f"handshake refused with {data.get('status')}: {data.get('reason')}, from {address}"
        return Shown("rejected", "Refused"), said
    return Shown("silent", "Taken over"), f"a newer socket from {address} took over"
