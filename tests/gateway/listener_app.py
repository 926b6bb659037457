"""A listener in a process of its own, with an ASGI application that does what it is told.

Run with one argument, a JSON object: ``ports`` (each null for ws, or the arguments of `Tls` for wss),
``options`` of the `Listener`, and ``journal``, a file that takes one line for each thing that the application
saw. Prints its ports when it listens.

By path, the application refuses (``/status/429``), doesn't decide (``/undecided``), breaks (``/broken``,
``/unborn``), reads nothing (``/deaf``) or compresses nothing (``/plain``); else it accepts, does what a text
says, and echoes all others.
"""

from gateway.listener import Endpoint, Event, Listener, Receive, Send, bind  # isort: skip

import asyncio
import json
import logging
import os
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import uvloop

from gateway.reactor import LOOP
from gateway.tls import Tls

ARGUMENTS = json.loads(sys.argv[1])
SENDERS: set[Send] = set()
TOLD = asyncio.Event()


def application(scope: dict[str, Any], receive: Receive, send: Send) -> Coroutine[Any, Any, None]:
    if scope["path"] == "/unborn":
        raise RuntimeError("broken before it began")
    return serve(scope, receive, send)


async def serve(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    event = await receive()
    note({"scope": scope["type"], "path": scope["path"], "first": event["type"]})
    kind, _, detail = scope["path"].strip("/").partition("/")
    match kind:
        case "status":
            await refuse(send, int(detail))
        case "undecided":
            note(await receive() | {"path": scope["path"]})
        case "broken":
            raise RuntimeError("broken on purpose")
        case "forbidden":
            await send({"type": "websocket.close"})
        case "foreign":
            await send({"type": "websocket.accept", "subprotocol": "mqtt"})
        case _:
            await converse(scope, receive, send, deaf=kind == "deaf")


async def refuse(send: Send, status: int) -> None:
    headers = {401: [(b"www-authenticate", b'Basic realm="ocpp"')], 429: [(b"retry-after", b"7")]}
    start = {"type": "websocket.http.response.start", "status": status, "headers": headers.get(status, [])}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": b"first, ", "more_body": True})
    await send({"type": "websocket.http.response.body", "body": b"second"})


async def converse(scope: dict[str, Any], receive: Receive, send: Send, *, deaf: bool) -> None:
    offered = scope["subprotocols"]
    if scope["path"] == "/plain":
        await send({"type": "emobi.plain"})
    await send({"type": "websocket.accept", "subprotocol": offered[0] if offered else None})
    SENDERS.add(send)
    try:
        if deaf:
            await asyncio.Event().wait()
        while (event := await receive())["type"] == "websocket.receive":
            await obey(event, scope, send)
        note(event | {"path": scope["path"]})
    finally:
        SENDERS.discard(send)


async def obey(event: Event, scope: dict[str, Any], send: Send) -> None:
    text = event.get("text")
    if text is None:
        await say(send, f"{len(event['bytes'])} bytes")
        return
    command, _, rest = text.partition(" ")
    match command:
        case "scope":
            await say(send, json.dumps(scope, default=lambda octets: octets.decode("latin-1")))
        case "close":
            code, _, reason = rest.partition(" ")
            await send({"type": "websocket.close", "code": int(code), "reason": reason})
        case "raise":
            raise RuntimeError("broken on purpose")
        case "length":
            await say(send, str(len(rest)))
        case "flood":
            for _ in range(int(rest)):
                await say(send, "x" * 65536)
        case "ping":
            await send({"type": "emobi.ping", "interval_s": float(rest)})
            await say(send, "pinging")
        case "drain":
            TOLD.set()
        case "process":
            await say(send, str(os.getpid()))
        case "loop":
            await say(send, "uvloop" if isinstance(LOOP, uvloop.Loop) else repr(LOOP))
        case _:
            await say(send, text)


async def say(send: Send, text: str) -> None:
    await send({"type": "websocket.send", "text": text})


def note(event: Event) -> None:
    with Path(ARGUMENTS["journal"]).open("a") as journal:
        journal.write(json.dumps(event) + "\n")


def endpoint(tls: dict[str, Any] | None) -> Endpoint:
    sock = bind(ARGUMENTS.get("host", "127.0.0.1"), ARGUMENTS.get("port", 0))
    return Endpoint(sock, None if tls is None else secured(**tls))


def secured(
    certificates: list[list[str]], client_ca: str | None = None, *, allow_tls_1_2: bool = False
) -> Tls:
    pairs = [(Path(certificate), Path(key)) for certificate, key in certificates]
    return Tls(pairs, None if client_ca is None else Path(client_ca), allow_tls_1_2=allow_tls_1_2)


async def drain() -> None:
    note({"path": "", "drain": len(SENDERS)})
    if ARGUMENTS["drains"] == "badly":
        raise RuntimeError("badly drained")
    if ARGUMENTS["drains"] == "when told":
        await TOLD.wait()
    for send in list(SENDERS):
        await send({"type": "websocket.close", "code": 1012, "reason": "restart"})


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    endpoints = [endpoint(tls) for tls in ARGUMENTS["ports"]]
    ports = [each.sock.getsockname()[1] for each in endpoints]

    async def on_start() -> None:
        if ARGUMENTS.get("fails"):
            raise RuntimeError("can't start")
        sys.stdout.write(json.dumps(ports) + "\n")
        sys.stdout.flush()

    Listener(
        application,
        endpoints,
        on_start=on_start,
        drain=drain if ARGUMENTS.get("drains") else None,
        **ARGUMENTS.get("options", {}),
    ).run()


if __name__ == "__main__":
    main()
