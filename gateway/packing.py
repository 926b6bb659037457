"""How much one message to a station may hold: items, and bytes."""

from collections.abc import Callable, Sequence

from gateway import frames
from gateway.frames import Call, Payload
from stations import selectors
from stations.models import Station
from stations.selectors import MessageLimits

# Where a station says how large a message may be: component, and instance of the variables. A key of 1.6
# stands where 2.0.1 has its variable.
_LIMITED = {
    "ClearVariableMonitoring": ("MonitoringCtrlr", "ClearVariableMonitoring"),
    "GetConfiguration": ("DeviceDataCtrlr", "GetVariables"),
    "GetMonitoringReport": ("DeviceDataCtrlr", "GetReport"),
    "GetReport": ("DeviceDataCtrlr", "GetReport"),
    "GetVariables": ("DeviceDataCtrlr", "GetVariables"),
    "SendLocalList": ("LocalAuthListCtrlr", ""),
    "SetVariableMonitoring": ("MonitoringCtrlr", "SetVariableMonitoring"),
    "SetVariables": ("DeviceDataCtrlr", "SetVariables"),
}


def limits_of(station: Station, action: str) -> MessageLimits:
    """The station's, for messages of this action."""
    said_at = _LIMITED.get(action)
    return selectors.message_limits(station, *said_at) if said_at else MessageLimits()


def packed[Item](
    items: Sequence[Item],
    limits: MessageLimits,
    *,
    action: str,
    encode: Callable[[Sequence[Item]], Payload],
) -> list[Sequence[Item]]:
    """``items`` in their order, in as few messages as the limits allow.

    One that is too large for any message goes alone: the station is to say so. None at all are one message.

    Args:
        items: What is to be said.
        limits: The station's.
        action: Of the messages.
        encode: The payload of a message with some of them.
    """

    def fits(held: Sequence[Item]) -> bool:
        return (limits.items is None or len(held) <= limits.items) and (
            limits.bytes is None or size(action, encode(held)) <= limits.bytes
        )

    messages: list[Sequence[Item]] = []
    start = 0
    for end in range(2, len(items) + 1):
        if start < end - 1 and not fits(items[start:end]):
            messages.append(items[start : end - 1])
            start = end - 1
    return [*messages, items[start:]]


def size(action: str, payload: Payload) -> int:
    """Bytes of the whole frame, with the longest id that it may have."""
    return len(frames.encode(Call("x" * frames.LONGEST_ID, action, payload)).encode())
