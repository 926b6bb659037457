"""A listener in a process of its own, for Twisted's reactor starts only once in each, and stations for it."""

import json
import os
import selectors
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

ROOT = Path(__file__).parents[2]
PATIENCE_S = 40
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class ListenerProcess:
    """`listener_app.py` with these arguments, while the context lasts."""

    def __init__(
        self, folder: Path, *, ports: Sequence[dict[str, Any] | None] = (None,), **arguments: Any
    ) -> None:
        self._journal_file = folder / "journal"
        self._log_file = folder / "log"
        self._arguments = {"ports": ports, "journal": str(self._journal_file)} | arguments

    def __enter__(self) -> Self:
        self._journal_file.touch()
        with self._log_file.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("listener_app.py"), json.dumps(self._arguments)],
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        with self.process.stdout as said, selectors.DefaultSelector() as selector:
            selector.register(said, selectors.EVENT_READ)
            line = said.readline() if selector.select(PATIENCE_S) else b""
        self.ports = json.loads(line) if line else []
        return self

    def __exit__(self, *failure: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def exit_status(self) -> int:
        return self.process.wait(PATIENCE_S)

    @property
    def port(self) -> int:
        assert self.ports, self.log
        return int(self.ports[0])

    def connect(
        self,
        path: str = "/ocpp/net/CP1",
        subprotocols: Sequence[Subprotocol] = (Subprotocol("ocpp1.6"),),
        **options: Any,
    ) -> ClientConnection:
        url = f"ws://127.0.0.1:{self.port}{path}"
        connection: ClientConnection = connect(url, subprotocols=subprotocols, **options)
        return connection

    def dial(self) -> socket.socket:
        """A bare TCP connection."""
        return socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)

    def open(self, *headers: bytes, path: str = "/ocpp/net/CP1") -> "RawStation":
        """A WebSocket whose frames are ours to make."""
        sock = self.dial()
        sock.sendall(upgrade(*headers, path=path))
        return RawStation(sock)

    def answer(self, request: bytes) -> tuple[int, str]:
        """Status and body of the answer to a raw request."""
        with self.dial() as sock:
            sock.sendall(request)
            return status_and_body(until_end(sock))

    def journal(self, path: str | None = None) -> list[dict[str, Any]]:
        """What the application saw, or what it saw of the sockets at ``path``."""
        seen = [json.loads(line) for line in self._journal_file.read_text().splitlines()]
        return [each for each in seen if path in (None, each["path"])]

    def disconnection(self, path: str) -> dict[str, Any]:
        """What the application was told when the socket at ``path`` was gone."""
        events = until(lambda: [each for each in self.journal(path) if "code" in each])
        return events[0]

    @property
    def log(self) -> str:
        return self._log_file.read_text()

    @property
    def resident_mib(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


class RawStation:
    """The station's end of an open WebSocket, frame by frame.

    EOFError is raised where the connection ended in order, ConnectionResetError where it was cut off.
    """

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            self.received += self._read()
        self.head, _, self.received = self.received.partition(b"\r\n\r\n")
        assert b" 101 " in self.head, self.head

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.sock.close()

    def send(self, *frames: bytes) -> None:
        self.sock.sendall(b"".join(frames))

    def receive(self) -> tuple[int, bytes]:
        """The next frame: opcode and payload."""
        header = self._take(2)
        length = header[1] & 0x7F
        if length == 126:
            length = int.from_bytes(self._take(2))
        elif length == 127:
            length = int.from_bytes(self._take(8))
        return header[0] & 0x0F, self._take(length)

    def close_code(self) -> int:
        """The code with which the listener closes; what comes before is passed over."""
        while True:
            opcode, payload = self.receive()
            if opcode == CLOSE:
                return int.from_bytes(payload[:2])

    def until_end(self) -> None:
        """Read until the connection ends in order."""
        self.sock.settimeout(PATIENCE_S)
        until_end(self.sock)

    def _take(self, count: int) -> bytes:
        while len(self.received) < count:
            self.received += self._read()
        taken, self.received = self.received[:count], self.received[count:]
        return taken

    def _read(self) -> bytes:
        octets = self.sock.recv(65536)
        if not octets:
            raise EOFError
        return octets


def upgrade(
    *headers: bytes,
    path: str = "/ocpp/net/CP1",
    method: str = "GET",
    version: str = "HTTP/1.1",
    key: str = KEY,
) -> bytes:
    """An upgrade request; each of ``headers`` is a line in bytes."""
    lines = [f"{method} {path} {version}", "Host: emobi", "Connection: Upgrade", "Upgrade: websocket"]
    lines += ["Sec-WebSocket-Version: 13", f"Sec-WebSocket-Key: {key}"]
    return b"\r\n".join([*(line.encode("latin-1") for line in lines), *headers, b"", b""])


def frame(opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True) -> bytes:
    octets = bytes([fin << 7 | rsv << 4 | opcode])
    mask = 0x80 if masked else 0
    if len(payload) < 126:
        octets += bytes([mask | len(payload)])
    elif len(payload) < 65536:
        octets += bytes([mask | 126]) + struct.pack("!H", len(payload))
    else:
        octets += bytes([mask | 127]) + struct.pack("!Q", len(payload))
    return octets + (b"\0\0\0\0" if masked else b"") + payload


def closure(connection: ClientConnection) -> tuple[int, str] | None:
    """Code and reason with which the listener closed."""
    with pytest.raises(ConnectionClosed) as closed:
        connection.recv()
    close = closed.value.rcvd
    return None if close is None else (close.code, close.reason)


def until_end(sock: socket.socket) -> bytes:
    octets = b""
    while more := sock.recv(65536):
        octets += more
    return octets


def status_and_body(octets: bytes) -> tuple[int, str]:
    head, _, body = octets.partition(b"\r\n\r\n")
    return int(head.split()[1]), body.decode()


def retry_after_s(octets: bytes) -> int:
    """What a response says of when to come back."""
    head = octets.partition(b"\r\n\r\n")[0].decode().lower()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    return int(headers["retry-after"])


def until[T](condition: Callable[[], T]) -> T:
    """Wait for what another process does."""
    deadline = time.monotonic() + PATIENCE_S
    while not (value := condition()):
        assert time.monotonic() < deadline, "in vain"
        time.sleep(0.02)
    return value
