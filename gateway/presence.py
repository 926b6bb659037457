"""Work about sockets: one opened, closed, or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import override

from emobi.core import clock
from gateway.dispatch import Line, Piece
from gateway.presented import Refusal
from stations.models import Station
from stations.services import commands, connections


@dataclass(slots=True, eq=False, kw_only=True)
class Open(Piece):
    """A socket is to speak for its station; its result is its epoch, 0 if there is no such station.

    The line is kept apart from the piece's own: it has no epoch yet.
    """

    opening: Line
    gateway: str
    security_profile: int
    remote_address: str
    tls_version: str

    @override
    def run(self, station: Station | None) -> int:
        found = Station.objects.select_related("network").filter(pk=self.opening.station_id).first()
        if found is None:
            return 0  # deleted a moment ago
        epoch = connections.open_socket(
            found,
            gateway=self.gateway,
            version=self.opening.adapter.version,
            security_profile=self.security_profile,
            remote_address=self.remote_address,
            tls_version=self.tls_version,
        )
        # What an older socket was asked and didn't answer will never be known.
        commands.lose(found.pk, epoch - 1)
        return epoch


@dataclass(slots=True, eq=False, kw_only=True)
class Close(Piece):
    """A socket is gone. What it was asked and didn't answer will never be known.

    While the database was away the station couldn't come back: then its time to do so begins now.

    Attributes:
        held_up: Whether what happened at a time is written only now because the database was away.
    """

    closing: Line
    code: int
    reason: str
    by_us: bool
    held_up: Callable[[datetime], bool]

    @override
    def run(self, station: Station | None) -> None:
        late = self.held_up(self.at)
        with clock.at(clock.wall() if late else self.at):
            connections.close(
                self.closing.station_id,
                self.closing.epoch,
                code=self.code,
                reason=self.reason,
                by_us=self.by_us or late,
            )
            commands.lose(self.closing.station_id, self.closing.epoch)


@dataclass(slots=True, eq=False, kw_only=True)
class Refused(Piece):
    """A handshake was refused: kept with its reason."""

    refusal: Refusal
    remote_address: str

    @override
    def run(self, station: Station | None) -> None:
        connections.refuse(
            network_id=self.refusal.network_id,
            network_slug=self.refusal.network_slug,
            identity=self.refusal.identity,
            known=self.refusal.known,
            remote_address=self.remote_address,
            reason=self.refusal.reason,
            status=self.refusal.status,
            detail=self.refusal.detail,
        )
