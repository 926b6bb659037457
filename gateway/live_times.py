"""What a message tells of its station's clock, if it tells of now.

Stations keep what they couldn't say while they were offline, and 1.6 doesn't mark it when it is said at last.
"""

from datetime import datetime

from gateway import timestamps
from gateway.adapter import Payload


def skew_s(action: str, payload: Payload, received_at: datetime, begun_at: datetime) -> float | None:
    """How far the station's clock is ahead of ours, in seconds; None if the message doesn't tell.

    Args:
        action: Of the CALL.
        payload: As its handler gets it.
        received_at: By our clock.
        begun_at: When its socket brought its first message, by our clock.
    """
    match action:
        case "TransactionEvent" if not payload.get("offline"):
            at = timestamps.read(payload.get("timestamp"))
        case "MeterValues":
            at = _newest(payload)
            # What is older than the socket may have waited for it.
            if at is not None and at < begun_at:
                return None
        case "StatusNotification":
            at = timestamps.read(payload.get("timestamp"))
            # An old status may just have waited; one from the future hasn't.
            if at is not None and at <= received_at:
                return None
        case _:
            return None
    return None if at is None else (at - received_at).total_seconds()


def _newest(payload: Payload) -> datetime | None:
    read = (timestamps.read(element.get("timestamp")) for element in payload["meterValue"])
    return max((at for at in read if at is not None), default=None)
