"""What a 2.0.1 station says.

Source: OCPP 2.0.1 part 2, sections B, E, G, J, L, M and N. An EVSE has one connector here, number 1.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emobi.simulator import times
from emobi.simulator.dialect import Report
from emobi.simulator.evse import Evse, Session
from emobi.simulator.faults import Fault
from emobi.simulator.frames import Payload
from emobi.simulator.moments import BootReason, ChargingState, ReadingContext, StartTrigger, StopReason
from emobi.simulator.plan import StationPlan
from emobi.simulator.readings import Reading, read_meter
from emobi.simulator.settings import Setting
from emobi.simulator.tokens import Authorization, IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station

CONNECTOR_ID = 1

# triggerReason of the event that ends a transaction; what isn't here is an AbnormalCondition.
STOP_TRIGGERS = {
    StopReason.DE_AUTHORIZED: "Deauthorized",
    StopReason.ENERGY_LIMIT_REACHED: "EnergyLimitReached",
    StopReason.EV_DISCONNECTED: "EVCommunicationLost",
    StopReason.IMMEDIATE_RESET: "ResetCommand",
    StopReason.LOCAL: "StopAuthorized",
    StopReason.REMOTE: "RemoteStop",
    StopReason.STOPPED_BY_EV: "ChargingStateChanged",
    StopReason.TIMEOUT: "EVConnectTimeout",
    StopReason.TIME_LIMIT_REACHED: "TimeLimitReached",
    StopReason.UNLOCK_COMMAND: "UnlockCommand",
}

# Reasons that only 1.6 has a word for.
STOPPED_REASONS = {
    StopReason.HARD_RESET: "ImmediateReset",
    StopReason.SOFT_RESET: "ImmediateReset",
    StopReason.UNLOCK_COMMAND: "Other",
}

METER_TRIGGERS = {ReadingContext.CLOCK: "MeterValueClock", ReadingContext.TRIGGER: "Trigger"}


def places(station: "Station") -> Sequence[int]:
    """The station itself has no status of its own."""
    return range(1, len(station.evses) + 1)


def boot(plan: StationPlan, firmware_version: str, reason: BootReason) -> Report:
    station: Payload = {
        "vendorName": plan.vendor,
        "model": plan.model,
        "serialNumber": plan.serial_number,
        "firmwareVersion": firmware_version,
    }
    modem = {"iccid": plan.iccid, "imsi": plan.imsi}
    if any(modem.values()):
        station["modem"] = {name: value for name, value in modem.items() if value is not None}
    return Report("BootNotification", {"reason": reason.value, "chargingStation": station})


def status(station: "Station", place: int) -> Report:
    payload = {
        "timestamp": times.written(station.now()),
        "connectorStatus": state(station, place),
        "evseId": place,
        "connectorId": CONNECTOR_ID,
    }
    return Report("StatusNotification", payload)


def state(station: "Station", evse_id: int) -> str:
    """ConnectorStatusEnumType; a reserved connector stays so until its driver is known (G03.FR.09)."""
    evse = station.evse(evse_id)
    if evse.fault is not None:
        return "Faulted"
    if evse.session is not None:
        return "Occupied"
    if evse.resetting or not station.is_operative(evse):
        return "Unavailable"
    if evse.reservation is not None:
        return "Reserved"
    return "Occupied" if evse.ev is not None else "Available"


def station_state(station: "Station") -> str:
    if station.fault is not None and station.fault.severe:
        return "Faulted"
    return "Available" if station.operative else "Unavailable"


def authorize(token: IdToken) -> Report:
    return Report("Authorize", {"idToken": id_token(token)})


def id_token(token: IdToken) -> Payload:
    return {"idToken": token.value, "type": token.type}


def read_authorization(answer: Payload) -> Authorization | None:
    info = answer.get("idTokenInfo")
    return None if info is None else read_info(info)


def read_info(info: Payload) -> Authorization:
    return Authorization(
        status=info["status"],
        group=info.get("groupIdToken", {}).get("idToken"),
        expires_at=times.read_optional(info.get("cacheExpiryDateTime")),
    )


def started(station: "Station", evse: Evse, session: Session, trigger: StartTrigger) -> Report:
    """What is told once: EVSE, token, reservation and remote start (E, section 1.5)."""
    payload = _event(station, session, "Started", trigger.value)
    payload["timestamp"] = times.written(session.started_at)
    payload["evse"] = {"id": evse.evse_id, "connectorId": CONNECTOR_ID}
    payload["idToken"] = id_token(session.token)
    if session.remote_start_id is not None:
        payload["transactionInfo"]["remoteStartId"] = session.remote_start_id
    if session.reservation_id is not None:
        payload["reservationId"] = session.reservation_id
    _add_readings(station, payload, session.begin_readings, ReadingContext.BEGIN)
    return Report("TransactionEvent", payload)


def read_number(answer: Payload) -> None:
    """The station itself names its transactions."""


def state_changed(station: "Station", evse: Evse, session: Session) -> Report:
    payload = _event(station, session, "Updated", "ChargingStateChanged")
    if session.state is ChargingState.CHARGING and not evse.plan.is_dc:
        payload["numberOfPhasesUsed"] = evse.draw.phases
    return Report("TransactionEvent", payload)


def metered(
    station: "Station", evse: Evse, session: Session, readings: list[Reading], context: ReadingContext
) -> Report:
    payload = _event(station, session, "Updated", METER_TRIGGERS.get(context, "MeterValuePeriodic"))
    _add_readings(station, payload, readings, context)
    return Report("TransactionEvent", payload)


def ended(
    station: "Station", evse: Evse, session: Session, reason: StopReason, token: IdToken | None
) -> Report:
    payload = _event(station, session, "Ended", STOP_TRIGGERS.get(reason, "AbnormalCondition"))
    payload["transactionInfo"]["stoppedReason"] = STOPPED_REASONS.get(reason, reason.value)
    if token is not None:
        payload["idToken"] = id_token(token)
    measured = read_meter(evse, station.settings.words(Setting.ENDED_MEASURANDS))
    _add_readings(station, payload, measured, ReadingContext.END)
    return Report("TransactionEvent", payload)


def readings(station: "Station", evse_id: int, readings: list[Reading], context: ReadingContext) -> Report:
    return Report(
        "MeterValues", {"evseId": evse_id, "meterValue": [_meter_value(station, readings, context)]}
    )


def fault_event(station: "Station", evse_id: int, fault: Fault, cleared: bool) -> Report:
    """NotifyEvent of a hard-wired monitor on the variable Problem (N07)."""
    now = times.written(station.now())
    component: Payload = {"name": fault.component}
    if evse_id:
        component["evse"] = {"id": evse_id, "connectorId": CONNECTOR_ID}
    event = {
        "eventId": station.next_number(),
        "timestamp": now,
        "trigger": "Alerting",
        "actualValue": "false" if cleared else "true",
        "techCode": fault.vendor_code,
        "techInfo": fault.info,
        "cleared": cleared,
        "component": component,
        "variable": {"name": "Problem"},
        "eventNotificationType": "HardWiredNotification",
    }
    return Report("NotifyEvent", {"generatedAt": now, "seqNo": 0, "tbc": False, "eventData": [event]})


def firmware_status(status: str, request_id: int | None) -> Report:
    return Report("FirmwareStatusNotification", _with_request({"status": status}, request_id))


def log_status(status: str, request_id: int | None) -> Report:
    return Report("LogStatusNotification", _with_request({"status": status}, request_id))


def security_event(station: "Station", kind: str, info: str) -> Report:
    payload = {"type": kind, "timestamp": times.written(station.now()), "techInfo": info}
    return Report("SecurityEventNotification", payload)


def sign_certificate(csr: str) -> Report:
    return Report("SignCertificate", {"csr": csr, "certificateType": "ChargingStationCertificate"})


def reservation_ended(reservation_id: int, status: str) -> Report:
    payload = {"reservationId": reservation_id, "reservationUpdateStatus": status}
    return Report("ReservationStatusUpdate", payload)


def complete(payload: Payload, session: Session) -> None:
    """All was known when it was said."""


def mark_offline(payload: Payload) -> None:
    payload["offline"] = True


def _event(station: "Station", session: Session, event_type: str, trigger: str) -> Payload:
    return {
        "eventType": event_type,
        "timestamp": times.written(station.now()),
        "triggerReason": trigger,
        "seqNo": session.next_seq_no(),
        "transactionInfo": {
            "transactionId": session.transaction_id,
            "chargingState": session.state.value,
        },
    }


def _add_readings(
    station: "Station", payload: Payload, readings: list[Reading], context: ReadingContext
) -> None:
    if readings:
        payload["meterValue"] = [_meter_value(station, readings, context)]


def _meter_value(station: "Station", readings: list[Reading], context: ReadingContext) -> Payload:
    return {
        "timestamp": times.written(station.now()),
        "sampledValue": [_sampled_value(reading, context) for reading in readings],
    }


def _sampled_value(reading: Reading, context: ReadingContext) -> Payload:
    value: Payload = {
        "value": reading.value,
        "context": context.value,
        "measurand": reading.measurand,
        "location": reading.location,
        "unitOfMeasure": {"unit": reading.unit},
    }
    if reading.phase is not None:
        value["phase"] = reading.phase
    return value


def _with_request(payload: Payload, request_id: int | None) -> Payload:
    return payload if request_id is None else payload | {"requestId": request_id}
