"""A station's end of the wire, frame by frame, for what no well-behaved station says."""

import base64
import contextlib
import itertools
import json
import socket
import ssl
from typing import Any, Self

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.http11 import Response
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.gateway.listener_process import PATIENCE_S
from tests.gateway.whole.gateway_process import GatewayProcess

BOOT: dict[str, dict[str, Any]] = {
    "ocpp1.6": {"chargePointVendor": "Wallworks", "chargePointModel": "W1"},
    "ocpp2.0.1": {
        "reason": "PowerUp",
        "chargingStation": {"vendorName": "Wallworks", "model": "W1"},
    },
}


class Charger:
    """A connection that a station has opened.

    Args:
        path: Of the URL, percent-encoded.
        user: For Basic authentication; None: none is sent.
        offered: Subprotocols, in the station's order; None: no such header.
        address: Where the station connects from.
        tls: For wss.

    Attributes:
        asked: CALLs that came while something else was waited for.

    Raises:
        InvalidStatus: If the handshake is refused.
    """

    def __init__(
        self,
        gateway: GatewayProcess,
        path: str,
        *,
        user: str | None = None,
        password: str | bytes = "",
        offered: tuple[str, ...] | None = ("ocpp1.6",),
        address: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        headers: dict[str, str] | None = None,
        compression: str | None = None,
    ) -> None:
        port = gateway.tls_port if tls else gateway.port
        self._end = contextlib.ExitStack()
        opening = connect(
            f"{'wss' if tls else 'ws'}://127.0.0.1:{port}{path}",
            sock=socket.create_connection(("127.0.0.1", port), PATIENCE_S, source_address=(address, 0)),
            ssl=tls,
            subprotocols=None if offered is None else [Subprotocol(each) for each in offered],
            additional_headers=(headers or {}) | basic(user, password),
            compression=compression,
            open_timeout=PATIENCE_S,
            close_timeout=PATIENCE_S,
            ping_interval=None,
            proxy=None,
            max_size=None,
        )
        self.websocket = self._end.enter_context(opening)
        self.asked: list[list[Any]] = []
        self._ids = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self._end.close()

    @property
    def subprotocol(self) -> str | None:
        return self.websocket.subprotocol

    def send(self, frame: object) -> None:
        """Send a frame, or any text."""
        self.websocket.send(frame if isinstance(frame, str | bytes) else json.dumps(frame))

    def receive(self, timeout_s: float = PATIENCE_S) -> list[Any]:
        """The next frame; raises TimeoutError."""
        frame: list[Any] = json.loads(self.websocket.recv(timeout_s))
        return frame

    def hears_nothing(self, seconds: float) -> bool:
        try:
            self.receive(seconds)
        except TimeoutError:
            return True
        return False

    def say(self, action: str, payload: object, message_id: str | None = None) -> str:
        """Send a CALL; its message id."""
        message_id = message_id or f"{action}-{next(self._ids)}"
        self.send([2, message_id, action, payload])
        return message_id

    def answer_to(self, message_id: str, timeout_s: float = PATIENCE_S) -> list[Any]:
        """The CALLRESULT or CALLERROR with this id."""
        while True:
            frame = self.receive(timeout_s)
            if frame[0] == 2:
                self.asked.append(frame)
            elif frame[1] == message_id:
                return frame

    def call(self, action: str, payload: object, message_id: str | None = None) -> Any:
        """Send a CALL and return the payload of its CALLRESULT."""
        answer = self.answer_to(self.say(action, payload, message_id))
        assert answer[0] == 3, answer
        return answer[2]

    def error(self, action: str, payload: object) -> str:
        """Send a CALL and return the code of its CALLERROR."""
        answer = self.answer_to(self.say(action, payload))
        assert answer[0] == 4, answer
        return str(answer[2])

    def boot(self, **more: object) -> Any:
        return self.call("BootNotification", {**BOOT[self.subprotocol or "ocpp1.6"], **more})

    def heartbeat(self) -> Any:
        return self.call("Heartbeat", {})

    def next_call(self, timeout_s: float = PATIENCE_S) -> list[Any]:
        """The next CALL of the gateway's."""
        if self.asked:
            return self.asked.pop(0)
        while (frame := self.receive(timeout_s))[0] != 2:
            pass
        return frame

    def closed_with(self, timeout_s: float = PATIENCE_S) -> tuple[int, str]:
        """Close code and reason, once the gateway closes; what it says before is passed over."""
        with pytest.raises(ConnectionClosed) as end:
            self._read_on(timeout_s)
        assert end.value.rcvd is not None
        return end.value.rcvd.code, end.value.rcvd.reason

    def has_heard(self) -> bool:
        """Whether anything waits to be received."""
        try:
            self.websocket.recv(0)
        except (TimeoutError, ConnectionClosed):
            return False
        return True

    def _read_on(self, timeout_s: float) -> None:
        while True:
            self.websocket.recv(timeout_s)

    def vanish(self) -> None:
        """Lose the TCP connection, if it is there yet, with a FIN and no close frame."""
        with contextlib.suppress(OSError):
            self.websocket.socket.shutdown(socket.SHUT_RDWR)


def basic(user: str | None, password: str | bytes) -> dict[str, str]:
    if user is None:
        return {}
    secret = password.encode() if isinstance(password, str) else password
    return {"Authorization": f"Basic {base64.b64encode(user.encode() + b':' + secret).decode()}"}


def refusal(*arguments: Any, **options: Any) -> Response:
    """What a handshake is refused with; the arguments are `Charger`'s."""
    with pytest.raises(InvalidStatus) as refused, Charger(*arguments, **options):
        pass
    return refused.value.response
