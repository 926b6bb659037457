"""A small central system over real sockets that holds every frame against the OCPP schemas."""

import asyncio
import itertools
import json
import uuid
from functools import cache
from pathlib import Path

import jsonschema_rs
import ocpp
from websockets.asyncio.server import serve

from emobi.simulator import frames
from emobi.simulator.frames import Call, CallError, CallResult

SCHEMAS = Path(ocpp.__file__).parent

# Waiting for something that never comes has to end somewhere.
PATIENCE_S = 20

NOW = "2026-01-15T10:00:00.000Z"


@cache
def validator(version, name):
    folder = "v16" if version == "1.6" else "v201"
    suffix = "Request" if folder == "v201" and not name.endswith("Response") else ""
    text = (SCHEMAS / folder / "schemas" / f"{name}{suffix}.json").read_text(encoding="utf-8-sig")
    return jsonschema_rs.Draft4Validator(json.loads(text), validate_formats=False)


async def eventually(condition):
    """Wait for something that happens inside a station."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - a station has no event for most of what it does
            await asyncio.sleep(0.005)


class CentralSystem:
    """Answers with what is sensible, unless ``answers`` has something else for an action.

    Attributes:
        answers: By action: a payload, a function of the CALL's payload, a CallError, or None for silence.
        calls: (identity, action, payload) of all that stations said, in order.
        faults: Frames that the schemas don't allow.
        refuse_with: HTTP status and headers for the next handshakes; None lets everybody in.
        handshakes: (path, headers) of each.
    """

    def __init__(self):
        self.answers = {}
        self.calls = []
        self.faults = []
        self.handshakes = []
        self.refuse_with = None
        self.sockets = {}
        self.peer_certificates = {}
        self._versions = {}
        self._waiting = {}
        self._changed = asyncio.Condition()
        self._numbers = itertools.count(100)

    async def start(self, **options):
        self._server = await serve(
            self._attend,
            "127.0.0.1",
            0,
            subprotocols=["ocpp1.6", "ocpp2.0.1"],
            process_request=self._greet,
            compression=None,
            ping_interval=None,
            **options,
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()

    @property
    def url(self):
        return f"ws://127.0.0.1:{self.port}/ocpp/demo/{{identity}}"

    async def command(self, action, payload=None, identity="CP001"):
        """Send a CALL and return the CALLRESULT's payload, or the CallError."""
        message_id = str(uuid.uuid4())
        answer = self._waiting[message_id] = asyncio.get_running_loop().create_future()
        await self.sockets[identity].send(frames.encode(Call(message_id, action, payload or {})))
        frame = await asyncio.wait_for(answer, PATIENCE_S)
        if isinstance(frame, CallError):
            return frame
        self._check(identity, f"{action}Response", frame.payload)
        return frame.payload

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(condition)

    async def heard(self, action, count=1, **fields):
        """Wait until ``action`` was said ``count`` times with these fields; returns the last of them."""
        await self.until(lambda: len(self.said(action, **fields)) >= count)
        return self.said(action, **fields)[count - 1]

    def said(self, action, identity=None, **fields):
        return [
            payload
            for who, what, payload in self.calls
            if what == action
            and identity in {None, who}
            and all(payload.get(name) == value for name, value in fields.items())
        ]

    def actions(self):
        return [action for _, action, _ in self.calls]

    async def _greet(self, connection, request):
        self.handshakes.append((request.path, dict(request.headers.raw_items())))
        if self.refuse_with is None:
            return None
        status, headers = self.refuse_with
        response = connection.respond(status, "")
        response.headers.update(headers)
        return response

    async def _attend(self, websocket):
        identity = websocket.request.path.rsplit("/", 1)[1]
        self._versions[identity] = websocket.subprotocol.removeprefix("ocpp")
        self.peer_certificates[identity] = websocket.transport.get_extra_info("peercert")
        self.sockets[identity] = websocket
        await self._notify()
        async for text in websocket:
            frame = frames.decode(text)
            if isinstance(frame, Call):
                await self._answer(websocket, identity, frame)
            elif frame.message_id in self._waiting:
                self._waiting.pop(frame.message_id).set_result(frame)
        if self.sockets.get(identity) is websocket:
            del self.sockets[identity]
        await self._notify()

    async def _answer(self, websocket, identity, call):
        self._check(identity, call.action, call.payload)
        answer = self.answers.get(call.action, self._sensible)
        if callable(answer):
            answer = answer(call.payload) if answer != self._sensible else answer(identity, call)
        if isinstance(answer, CallError):
            await websocket.send(frames.encode(CallError(call.message_id, answer.code)))
        elif answer is not None:
            self._check(identity, f"{call.action}Response", answer)
            await websocket.send(frames.encode(CallResult(call.message_id, answer)))
        self.calls.append((identity, call.action, call.payload))
        await self._notify()

    def _sensible(self, identity, call):
        token = {"status": "Blocked" if "BLOCKED" in json.dumps(call.payload) else "Accepted"}
        match call.action, self._versions[identity]:
            case "BootNotification", _:
                return {"status": "Accepted", "currentTime": NOW, "interval": 300}
            case "Heartbeat", _:
                return {"currentTime": NOW}
            case "Authorize", "1.6":
                return {"idTagInfo": token}
            case "Authorize", _:
                return {"idTokenInfo": token}
            case "StartTransaction", _:
                return {"transactionId": next(self._numbers), "idTagInfo": token}
            case "TransactionEvent", _:
                return {"idTokenInfo": token} if "idToken" in call.payload else {}
            case "SignCertificate", _:
                return {"status": "Accepted"}
        return {}

    def _check(self, identity, name, payload):
        error = next(validator(self._versions[identity], name).iter_errors(payload), None)
        if error is not None:
            self.faults.append((name, payload, error.message))

    async def _notify(self):
        async with self._changed:
            self._changed.notify_all()
