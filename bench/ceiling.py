"""An answering machine: how fast the load client is when the server does nothing. No OCPP server."""

import asyncio
import sys
from typing import Any, override

import uvloop

ANSWER = b'{"transactionId":1,"idTagInfo":{"status":"Accepted"},"currentTime":"2026-01-01T00:00:00Z"}'


class Answering(asyncio.Protocol):
    """Answers every frame without reading it, but for its message id."""

    def __init__(self) -> None:
        self._buffer = b""
        self._open = False

    @override
    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        if not self._open:
            self._buffer += data
            if b"\r\n\r\n" in self._buffer:
                self._open = True
                self._transport.write(b"HTTP/1.1 101 Switching Protocols\r\n\r\n")
            return
        # [2,"id", … : what stands between the first two quotes.
        message_id = data.split(b'"', 2)[1]
        body = b'[3,"' + message_id + b'",' + ANSWER + b"]"
        head = bytes((0x81, len(body))) if len(body) < 126 else b"\x81\x7e" + len(body).to_bytes(2)
        self._transport.write(head + body)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    print(port, flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
