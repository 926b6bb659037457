"""What the stations of the benches say: a station's day in twenty messages, over and over.

One boot's statuses, heartbeats and a transaction with ten readings of six values, in either version.
"""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson

READINGS = 10


def _time() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _samples(energy_wh: int, *, number: bool) -> list[dict[str, object]]:
    """Six sampled values, as 1.6 (text) or 2.0.1 (numbers) has them."""

    def value(amount: float) -> object:
        return amount if number else str(amount)

    unit = "unitOfMeasure" if number else "unit"

    def of(name: str) -> object:
        return {"unit": name} if number else name

    return [
        {"value": value(energy_wh), "measurand": "Energy.Active.Import.Register", unit: of("Wh")},
        {"value": value(11040.5), "measurand": "Power.Active.Import", unit: of("W")},
        {"value": value(16.1), "measurand": "Current.Import", "phase": "L1", unit: of("A")},
        {"value": value(16.0), "measurand": "Current.Import", "phase": "L2", unit: of("A")},
        {"value": value(15.9), "measurand": "Current.Import", "phase": "L3", unit: of("A")},
        {"value": value(47), "measurand": "SoC", unit: of("Percent")},
    ]


class Station:
    """Makes one station's messages; ``take`` is told what came back, for ids that the server chooses."""

    def __init__(self, identity: str, version: str) -> None:
        self.identity = identity
        self.version = version
        self.transaction: object = 0
        self._numbers = itertools.count()
        self._messages = self._life()
        self.action = ""
        self.payload: dict[str, object] = {}

    def boot(self) -> bytes:
        """Its BootNotification."""
        if self.version == "1.6":
            return self._call("BootNotification", {"chargePointVendor": "Bench", "chargePointModel": "B1"})
        station = {"vendorName": "Bench", "model": "B2"}
        return self._call("BootNotification", {"reason": "PowerUp", "chargingStation": station})

    def next(self) -> bytes:
        """Its next message."""
        return next(self._messages)

    def take(self, answer: bytes) -> None:
        """Read an answer."""
        if answer[1:2] != b"3":
            raise AssertionError(f"{self.identity} {self.action}: {answer[:200].decode()}")
        if self.action == "StartTransaction":
            self.transaction = orjson.loads(answer)[2]["transactionId"]

    def _call(self, action: str, payload: dict[str, object]) -> bytes:
        self.action, self.payload = action, payload
        return orjson.dumps([2, f"{self.identity}-{next(self._numbers)}", action, payload])

    def _life(self) -> Iterator[bytes]:
        for turn in itertools.count():
            yield from self._turn16(turn) if self.version == "1.6" else self._turn201(turn)

    def _turn16(self, turn: int) -> Iterator[bytes]:
        energy_wh = turn * 10_000
        yield self._status16("Preparing")
        start = {
            "connectorId": 1,
            "idTag": f"T-{self.identity}",
            "meterStart": energy_wh,
            "timestamp": _time(),
        }
        yield self._call("StartTransaction", start)
        yield self._status16("Charging")
        for reading in range(READINGS):
            energy_wh += 100
            value = {"timestamp": _time(), "sampledValue": _samples(energy_wh, number=False)}
            payload = {"connectorId": 1, "transactionId": self.transaction, "meterValue": [value]}
            yield self._call("MeterValues", payload)
            if reading % 2:
                yield self._call("Heartbeat", {})
        stop = {"transactionId": self.transaction, "meterStop": energy_wh, "timestamp": _time()}
        yield self._call("StopTransaction", stop)
        yield self._status16("Available")

    def _status16(self, status: str) -> bytes:
        payload = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": _time()}
        return self._call("StatusNotification", payload)

    def _turn201(self, turn: int) -> Iterator[bytes]:
        energy_wh = turn * 10_000
        transaction = f"{self.identity}-{turn}-{id(self) & 0xFFFF:x}"
        yield self._status201("Occupied")
        yield self._event("Started", transaction, 0, energy_wh, "EVConnected")
        yield self._status201("Occupied")
        for reading in range(READINGS):
            energy_wh += 100
            yield self._event("Updated", transaction, reading + 1, energy_wh, "Charging")
            if reading % 2:
                yield self._call("Heartbeat", {})
        yield self._event("Ended", transaction, READINGS + 1, energy_wh, "EVConnected")
        yield self._status201("Available")

    def _status201(self, status: str) -> bytes:
        payload = {"timestamp": _time(), "connectorStatus": status, "evseId": 1, "connectorId": 1}
        return self._call("StatusNotification", payload)

    def _event(self, kind: str, transaction: str, number: int, energy_wh: int, state: str) -> bytes:
        trigger = {"Started": "CablePluggedIn", "Updated": "MeterValuePeriodic", "Ended": "EVDeparted"}[kind]
        payload: dict[str, object] = {
            "eventType": kind,
            "timestamp": _time(),
            "triggerReason": trigger,
            "seqNo": number,
            "transactionInfo": {"transactionId": transaction, "chargingState": state},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [{"timestamp": _time(), "sampledValue": _samples(energy_wh, number=True)}],
        }
        if kind == "Started":
            payload["idToken"] = {"idToken": f"T-{self.identity}", "type": "ISO14443"}
        return self._call("TransactionEvent", payload)
