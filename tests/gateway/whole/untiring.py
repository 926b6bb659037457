"""Stations that charge without end and say everything until it is acknowledged, whatever happens to us.

Each keeps a history of what was acknowledged, to be compared with what the database has.
"""

import asyncio
import json
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from tests.gateway.whole.charger import basic
from tests.gateway.whole.known import Known

ANSWER_WITHIN_S = 3
BEGAN_AT = datetime(2026, 1, 15, 10, tzinfo=UTC)


@dataclass
class Charge:
    """One charge, as the station knows it; None for what wasn't acknowledged."""

    number: int
    answers: set[int] = field(default_factory=set)
    readings: list[int] = field(default_factory=list)
    stopped_at_wh: int | None = None

    @property
    def key(self) -> str:
        return f"charge-{self.number}"


class UntiringStation:
    """One station, of either version.

    Attributes:
        charges: What it did, oldest first. Only the last may be unfinished, and unacknowledged.
        acknowledged: How much of what it said was.
        errors: CALLERRORs that it was told.
    """

    def __init__(self, known: Known, version: str, port: int, seed: int) -> None:
        self.known = known
        self.version = version
        self.charges: list[Charge] = []
        self.acknowledged = 0
        self.errors: list[Any] = []
        self._url = f"ws://127.0.0.1:{port}{known.path}"
        self._chance = random.Random(seed)
        self._socket: ClientConnection | None = None
        self._meter_wh = 0
        self._seq_no: defaultdict[int, int] = defaultdict(int)
        self._ending = asyncio.Event()

    def end(self) -> None:
        """Finish the charge at hand, then stop."""
        self._ending.set()

    async def live(self) -> None:
        while not self._ending.is_set():
            charge = Charge(len(self.charges) + 1)
            self.charges.append(charge)
            await self._charge(charge)
        if self._socket is not None:
            await self._socket.close()

    async def _charge(self, charge: Charge) -> None:
        number = await self._start(charge)
        for _ in range(self._chance.randint(1, 3)):
            self._meter_wh += 10
            await self._insist(*self._reading(charge, number))
            charge.readings.append(self._meter_wh)
        self._meter_wh += 10
        await self._insist(*self._stop(charge, number))
        charge.stopped_at_wh = self._meter_wh

    async def _start(self, charge: Charge) -> int:
        """The start, said again now and then although it was acknowledged."""
        action, payload = self._said_at_start(charge)
        while True:
            answer = await self._insist(action, payload)
            charge.answers.add(answer.get("transactionId", 0))
            if self._chance.random() < 0.7:
                return int(answer.get("transactionId", 0))

    def _said_at_start(self, charge: Charge) -> tuple[str, dict[str, Any]]:
        if self.version == "2.0.1":
            return self._event("Started", "CablePluggedIn", charge, [self._meter_wh])
        return "StartTransaction", {
            "connectorId": 1,
            "idTag": "GOOD",
            "meterStart": self._meter_wh,
            "timestamp": self._time(charge),
        }

    def _reading(self, charge: Charge, number: int) -> tuple[str, dict[str, Any]]:
        if self.version == "2.0.1":
            return self._event("Updated", "MeterValuePeriodic", charge, [self._meter_wh])
        sampled = [{"value": str(self._meter_wh)}]
        return "MeterValues", {
            "connectorId": 1,
            "transactionId": number,
            "meterValue": [{"timestamp": self._time(charge), "sampledValue": sampled}],
        }

    def _stop(self, charge: Charge, number: int) -> tuple[str, dict[str, Any]]:
        if self.version == "2.0.1":
            return self._event("Ended", "EVDeparted", charge, [self._meter_wh])
        return "StopTransaction", {
            "transactionId": number,
            "meterStop": self._meter_wh,
            "timestamp": self._time(charge),
        }

    def _event(
        self, kind: str, trigger: str, charge: Charge, meter_wh: list[int]
    ) -> tuple[str, dict[str, Any]]:
        seq_no = self._seq_no[charge.number]
        self._seq_no[charge.number] += 1
        return "TransactionEvent", {
            "eventType": kind,
            "timestamp": self._time(charge),
            "triggerReason": trigger,
            "seqNo": seq_no,
            "transactionInfo": {"transactionId": charge.key},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [
                {
                    "timestamp": self._time(charge),
                    "sampledValue": [{"value": value, "context": CONTEXTS[kind]} for value in meter_wh],
                }
            ],
        }

    def _time(self, charge: Charge) -> str:
        at = BEGAN_AT + timedelta(minutes=charge.number, milliseconds=self._meter_wh)
        return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def _insist(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Say it until it is acknowledged; a repetition has the same message id, or another."""
        message_id = str(uuid.uuid4())
        while True:
            answer = await self._say(message_id, action, payload)
            if answer is not None and answer[0] == 3:
                self.acknowledged += 1
                result: dict[str, Any] = answer[2]
                return result
            if answer is not None:
                self.errors.append(answer)
            if self._chance.random() < 0.5:
                message_id = str(uuid.uuid4())

    async def _say(self, message_id: str, action: str, payload: dict[str, Any]) -> list[Any] | None:
        """The answer; None when the connection breaks first, or none comes."""
        try:
            socket = await self._connected()
            async with asyncio.timeout(ANSWER_WITHIN_S):
                await socket.send(json.dumps([2, message_id, action, payload]))
                while (answer := json.loads(await socket.recv()))[1] != message_id:
                    pass
        except (ConnectionClosed, InvalidHandshake, OSError, TimeoutError):
            if self._socket is not None:
                self._socket.transport.abort()
                self._socket = None
            await asyncio.sleep(0.2)
            return None
        await asyncio.sleep(self._chance.random() * 0.05)
        found: list[Any] = answer
        return found

    async def _connected(self) -> ClientConnection:
        if self._socket is None:
            self._socket = await connect(
                self._url,
                subprotocols=[Subprotocol(f"ocpp{self.version}")],
                additional_headers=basic(**self.known.credentials),
                ping_interval=None,
                proxy=None,
            )
        return self._socket


CONTEXTS = {"Started": "Transaction.Begin", "Updated": "Sample.Periodic", "Ended": "Transaction.End"}
