"""The meter values of OCPP 1.5, which some 1.6 firmwares still send, in the shape of 1.6.

1.5 says ``values: [{timestamp, value: ["100"]}]`` where 1.6 says ``meterValue: [{timestamp, sampledValue:
[{value: "100"}]}]``; its StopTransaction has such ``values`` inside each ``transactionData``.
"""

from gateway.frames import Payload
from gateway.json_text import Json


def modernise(action: str, payload: Payload) -> Payload | None:
    """``payload`` in the shape of 1.6; None if it doesn't have the old one."""
    if action == "MeterValues" and "meterValue" not in payload and isinstance(payload.get("values"), list):
        rest = {key: value for key, value in payload.items() if key != "values"}
        return {**rest, "meterValue": [_reading(old) for old in payload["values"]]}
    data = payload.get("transactionData")
    if action == "StopTransaction" and isinstance(data, list) and any(_is_old(item) for item in data):
        return {**payload, "transactionData": [reading for item in data for reading in _readings(item)]}
    return None


def _is_old(item: Json) -> bool:
    return isinstance(item, dict) and isinstance(item.get("values"), list)


def _readings(item: Json) -> list[Json]:
    if isinstance(item, dict) and isinstance(values := item.get("values"), list):
        return [_reading(old) for old in values]
    return [item]


def _reading(old: Json) -> Json:
    if not isinstance(old, dict) or "sampledValue" in old:
        return old
    rest = {key: value for key, value in old.items() if key not in ("value", "values")}
    samples = old.get("value", old.get("values"))
    if not isinstance(samples, list):
        samples = [samples]
    return {**rest, "sampledValue": [_sample(sample) for sample in samples]}


def _sample(old: Json) -> Json:
    return old if isinstance(old, dict) else {"value": old}
