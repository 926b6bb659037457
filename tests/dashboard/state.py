"""Puts stations into states by way of the services that gateways use."""

import json
from typing import Any

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

from emobi.core import clock, ulid, unit_of_work
from sessions.models import ChargingSession
from stations import frame_ids
from stations.models import Direction, Kind, Station
from stations.reports import StatusReport
from stations.services.device_model import connectors
from stations.services.log.frames import FrameLog


def report(station: Station, status: str, evse_id: int = 1, connector_id: int = 1, **said: Any) -> None:
    with unit_of_work.begin():
        said |= {"evse_id": evse_id, "connector_id": connector_id, "status": status}
        connectors.report_status(station, StatusReport(**said))


def charge(station: Station, evse_id: int = 1, **columns: Any) -> ChargingSession:
    now = clock.wall()
    made: dict[str, Any] = {
        "id": ulid.new(), "network_id": station.network_id, "station": station, "evse_id": evse_id,
        "connector_id": 1, "transaction_id": ulid.new(), "charging_state": "Charging", "id_token": "GOOD0001",
        "started_at": now, "received_at": now, "heard_at": now,
        "meter_start_wh": 1000, "meter_last_wh": 13340, "power_w": 47800, "soc_percent": 63,
    }  # fmt: skip
    return ChargingSession.objects.create(**(made | columns))


def exchange(
    station: Station, action: str, payload: Any, answer: Any = None, *, sent: bool = False, error: str = ""
) -> int:
    """A CALL and what answered it, if anything did; the CALL's id."""
    now = clock.wall()
    call_id, answer_id = frame_ids.new(now), frame_ids.new(now)
    there, back = (Direction.SENT, Direction.RECEIVED) if sent else (Direction.RECEIVED, Direction.SENT)
    answered = answer is not None or bool(error)
    with unit_of_work.begin() as work:
        about: dict[str, Any] = {
            "at": now, "network_id": station.network_id, "station_id": station.pk, "message_id": "m1"
        }  # fmt: skip
        log = work.buffer(FrameLog)
        log.add(
            **about, id=call_id, direction=there, kind=Kind.CALL, action=action,
            text=json.dumps([2, "m1", action, payload]), pair_id=answer_id if answered else None,
        )  # fmt: skip
        if answered:
            text = [4, "m1", error, "no", {}] if error else [3, "m1", answer]
            kind = Kind.ERROR if error else Kind.RESULT
            log.add(
                **about, id=answer_id, direction=back, kind=kind, action=action, error_code=error,
                text=json.dumps(text), pair_id=call_id, round_trip_ms=8.4,
            )  # fmt: skip
    return call_id


def streamed(answer: StreamingHttpResponse) -> str:
    """All of a file that is sent piece by piece."""

    async def read() -> bytes:
        return b"".join([part async for part in answer])

    return async_to_sync(read)().decode()
