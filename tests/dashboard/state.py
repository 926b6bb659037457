"""Puts stations into states by way of the services that gateways use."""

import json
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from django.http import StreamingHttpResponse

from emobi.core import clock, ulid, unit_of_work
from emobi.core.models import Role
from sessions.models import ChargingSession, InstalledProfile, LocalList
from stations import frame_ids
from stations.models import (
    Command,
    ConfigurationTemplate,
    Direction,
    DisplayMessage,
    FirmwareStep,
    Incident,
    InstalledCertificate,
    Kind,
    Monitor,
    MonitoredEvent,
    NetworkProfile,
    Reservation,
    SecurityEventEntry,
    SigningRequest,
    Station,
    StationLog,
    Variable,
)
from stations.reports import StatusReport
from stations.services.commanding import commands
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


def asked(station: Station, name: str = "reset", seen: str = "", **columns: Any) -> Command:
    """A command that is queued, sent or over; ``seen``: what its outcome says of its effect."""
    now = clock.wall()
    made: dict[str, Any] = {
        "id": ulid.new(), "network_id": station.network_id, "station": station, "name": name, "params": {},
        "requested_by": "user:otto", "created_at": now, "expires_at": now + timedelta(minutes=1),
    }  # fmt: skip
    if columns.get("state", "queued") != "queued":
        made |= {"sent_at": now + timedelta(milliseconds=20), "message_id": ulid.new(), "epoch": 1}
    if columns.get("state", "queued") not in ("queued", "sent"):
        made |= {"ended_at": now + timedelta(milliseconds=310), "outcome": {"status": "Accepted"}}
    if seen:
        verification = {"state": seen, "within_s": 300, "detail": {"after_s": 41.0}}
        made["outcome"] = {"status": "Accepted", "verification": verification}
    return Command.objects.create(**(made | columns))


def suffer(*stations: Station, severity: str = "major", **columns: Any) -> Incident:
    """An unresolved incident that takes these stations."""
    now = clock.wall()
    made: dict[str, Any] = {
        "id": ulid.new(), "network_id": stations[0].network_id, "kind": "other", "severity": severity,
        "key": ulid.new(), "title": f"A {severity} thing", "first_at": now, "last_at": now, "opened_at": now,
        "opened_by": "user:otto",
    }  # fmt: skip
    incident = Incident.objects.create(**(made | columns))
    for station in stations:
        incident.affected.create(station=station, since=now)
    return incident


def want(station: Station, reported: str = "300") -> Variable:
    """A template that wants a heartbeat each minute of every station, and what this one says it has."""
    wanted = {"component": "OCPPCommCtrlr", "variable": "HeartbeatInterval", "value": "60"}
    ConfigurationTemplate.objects.get_or_create(
        network_id=station.network_id, name="Quiet", defaults={"id": ulid.new(), "variables": [wanted]}
    )
    return Variable.objects.create(
        station=station, component="OCPPCommCtrlr", variable="HeartbeatInterval", value=reported,
        characteristics={"dataType": "integer"}, reported_at=clock.wall(),
    )  # fmt: skip


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


def fill_tabs(station: Station, count: int = 2) -> None:
    """Something on every tab of a station's page, ``count`` of each."""
    now = clock.wall()
    ended = {"ended_at": now, "reason": "Expired"}
    report(station, "Occupied", 1)
    for number in range(1, count + 1):
        name = {"component": f"Part{number}", "variable": "Enabled", "reported_at": now}
        Variable.objects.create(
            station=station, **name, value="true", characteristics={"dataType": "boolean"}
        )
        Monitor.objects.create(
            station=station, monitor_id=number, component="EVSE", variable="Power", type="UpperThreshold",
            value=80, severity=5, ours=True, reported_at=now,
        )  # fmt: skip
        MonitoredEvent.objects.create(
            station=station, event_id=number, received_at=now, trigger="Alerting", component="EVSE",
            variable="Power", actual_value="81", detail={"tech_info": "too much"},
        )  # fmt: skip
        SecurityEventEntry.objects.create(station=station, type=f"Tamper{number}", received_at=now)
        NetworkProfile.objects.update_or_create(
            station=station, configuration_slot=number,
            defaults={
                "ocpp_csms_url": f"wss://way{number}.example/ocpp", "security_profile": 2, "accepted_at": now,
                "ocpp_interface": "Wired0", "ocpp_version": "OCPP20", "ocpp_transport": "JSON",
                "message_timeout_s": 30, "apn": {"apn": "internet"}, "vpn": {"server": "vpn.example"},
            },
        )  # fmt: skip
        DisplayMessage.objects.create(
            station=station, message_id=number, priority="InFront", format="UTF8", content="Hello",
            reported_at=now,
        )  # fmt: skip
        InstalledCertificate.objects.create(
            station=station, use="CSMSRootCertificate", hash_algorithm="SHA256", issuer_name_hash="aa",
            issuer_key_hash="bb", serial_number=f"{number}", digest=f"{number}", not_after=now, listed_at=now,
        )  # fmt: skip
        SigningRequest.objects.create(
            id=ulid.new(), station=station, use="ChargingStationCertificate", csr="", digest=f"{number}",
            state="installed", chain="a chain", serial_number=f"{number}", created_at=now,
        )  # fmt: skip
        for over in ({}, ended):
            Reservation.objects.create(
                station=station, reservation_id=number, evse_id=1, id_token="GOOD0001",
                expires_at=now + timedelta(hours=1), **over,
            )  # fmt: skip
        profile = {
            "id": number, "stack_level": number, "charging_profile_purpose": "TxDefaultProfile",
            "charging_profile_kind": "Absolute", "recurrency_kind": None, "transaction_id": None,
            "valid_from": None, "valid_to": None,
            "charging_schedule": [{
                "id": 1, "charging_rate_unit": "A", "start_schedule": clock.iso(now), "duration": None,
                "min_charging_rate": None, "sales_tariff": None,
                "charging_schedule_period": [
                    {"start_period": 0, "limit": 16, "number_phases": 3, "phase_to_use": None}
                ],
            }],
        }  # fmt: skip
        InstalledProfile.objects.create(
            station=station, evse_id=0, profile_id=number, purpose="TxDefaultProfile", stack_level=number,
            source="ours", content=profile, set_at=now,
        )  # fmt: skip
        charge(station, state="ended", ended_at=now)
        asked: dict[str, Any] = {"requested_by": "user:otto", "role": Role.ADMIN}
        commands.request(station.network, station, "get_log", {}, **asked)
        update = commands.request(
            station.network, station, "update_firmware", {"location": "https://example.com/two.bin"}, **asked
        )
        FirmwareStep.objects.create(station=station, command=update, status="Downloading", received_at=now)
        log = commands.request(station.network, station, "get_log", {}, **asked)
        StationLog.objects.create(id=ulid.new(), station=station, command=log, type="DiagnosticsLog")
    entries = [{"id_token": f"THERE{number}", "status": "Accepted"} for number in range(count)]
    LocalList.objects.update_or_create(
        station=station, defaults={"version": 3, "entries": entries, "changed_at": now}
    )
