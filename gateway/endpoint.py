"""Where charging stations connect: a bound socket, plain or with TLS."""

import socket
from dataclasses import dataclass

from gateway.tls import Tls

# A station whose quirk is to answer no pings isn't pinged; TCP then notices within a minute that its network
# died. Accepted sockets inherit these from the listening one. macOS and Linux don't know the same options.
KEEP_ALIVE = {"TCP_KEEPIDLE": 20, "TCP_KEEPALIVE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


@dataclass(frozen=True)
class Endpoint:
    """A bound socket that a `Listener` takes over; with ``tls`` it speaks wss, else ws."""

    sock: socket.socket
    tls: Tls | None = None


def bind(host: str, port: int) -> socket.socket:
    """Bind a TCP port for stations, without listening on it yet.

    Several processes may bind the same port; the kernel spreads the connections over those that listen.

    Args:
        host: An IPv4 or IPv6 address, or a name, of which the first address counts.
        port: 0 takes any free one: ``bind(host, 0).getsockname()[1]``.

    Raises:
        OSError: If the name has no address, or the address can't be bound.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEP_ALIVE.items():
            if hasattr(socket, option):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        sock.bind(address)
    except OSError:
        sock.close()
        raise
    return sock
