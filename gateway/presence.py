"""Work about sockets: one opened, closed, or refused."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Self, override

from emobi.core import clock
from gateway.dispatch import Line, Piece
from gateway.presented import Refusal
from stations.models import Station
from stations.services.presence import connections, refused_handshakes
from stations.services.presence.connections import Closing, Opening


@dataclass(slots=True, eq=False, kw_only=True)
class Close(Piece):
    """A socket is gone. What it was asked and didn't answer will never be known.

    While the database was away the station couldn't come back: then its time to do so begins now. Its turn is
    after the frames that it still brought.

    Attributes:
        held_up: Whether what happened at a time is written only now because the database was away.
    """

    turn: ClassVar[int] = 1
    closing: Line
    code: int
    reason: str
    by_us: bool
    held_up: Callable[[datetime], bool]

    @property
    @override
    def lane(self) -> int:
        return self.closing.station_id

    @classmethod
    @override
    def run_together(cls, pieces: Sequence[Self]) -> Sequence[object]:
        connections.close_sockets([piece._row() for piece in pieces])
        return [None] * len(pieces)

    def _row(self) -> Closing:
        late = self.held_up(self.at)
        return Closing(
            station_id=self.closing.station_id,
            epoch=self.closing.epoch,
            at=clock.wall() if late else self.at,
            code=self.code,
            reason=self.reason,
            by_us=self.by_us or late,
        )


@dataclass(slots=True, eq=False, kw_only=True)
class Open(Piece):
    """A socket is to speak for its station; its result is its epoch, 0 if it may not.

    The line is kept apart from the piece's own: it has no epoch yet. Its turn is after the closes of older
    sockets.

    Attributes:
        wanted: Whether the station still waits: of those that gave up nothing is kept.
    """

    turn: ClassVar[int] = 2
    opening: Line
    gateway: str
    security_profile: int
    password_hash: str
    remote_address: str
    tls_version: str
    unchecked: str
    certificate_not_after: datetime | None
    wanted: Callable[[], bool]

    @property
    @override
    def lane(self) -> int:
        return self.opening.station_id

    @classmethod
    @override
    def run_together(cls, pieces: Sequence[Self]) -> Sequence[object]:
        wanted = [piece for piece in pieces if piece.wanted()]
        epochs = dict(zip(wanted, connections.open_sockets([piece._row() for piece in wanted]), strict=True))
        return [epochs.get(piece, 0) for piece in pieces]

    def _row(self) -> Opening:
        return Opening(
            station_id=self.opening.station_id,
            at=self.at,
            gateway=self.gateway,
            version=self.opening.adapter.version,
            security_profile=self.security_profile,
            password_hash=self.password_hash,
            remote_address=self.remote_address,
            tls_version=self.tls_version,
            unchecked=self.unchecked,
            certificate_not_after=self.certificate_not_after,
        )


@dataclass(slots=True, eq=False, kw_only=True)
class Refused(Piece):
    """A handshake was refused: kept with its reason, and how often it came."""

    refusal: Refusal
    remote_address: str
    times: int = 1

    @override
    def run(self, station: Station | None) -> None:
        refused_handshakes.keep(
            network_id=self.refusal.network_id,
            network_slug=self.refusal.network_slug,
            identity=self.refusal.identity,
            known=self.refusal.known,
            remote_address=self.remote_address,
            reason=self.refusal.reason,
            status=self.refusal.status,
            detail=self.refusal.detail,
            times=self.times,
        )
