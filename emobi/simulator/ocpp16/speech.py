"""What a 1.6 station says.

Source: OCPP 1.6 sections 4 and 6. A transaction is named by the number in the answer to its
StartTransaction; a report that had to wait gets the number when it goes out.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from emobi.simulator import times
from emobi.simulator.dialect import Report
from emobi.simulator.evse import Evse, Session
from emobi.simulator.faults import Fault
from emobi.simulator.frames import Payload
from emobi.simulator.moments import BootReason, ReadingContext, StartTrigger, StopReason
from emobi.simulator.plan import StationPlan
from emobi.simulator.readings import Reading, read_meter
from emobi.simulator.settings import Setting
from emobi.simulator.tokens import Authorization, IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station

# While the central system hasn't told the number of a transaction (errata 3.18).
UNKNOWN_NUMBER = -1

STOP_REASONS = {
    "DeAuthorized",
    "EmergencyStop",
    "EVDisconnected",
    "HardReset",
    "Local",
    "Other",
    "PowerLoss",
    "Reboot",
    "Remote",
    "SoftReset",
    "UnlockCommand",
}


def places(station: "Station") -> Sequence[int]:
    """Connector 0 is the station."""
    return range(len(station.evses) + 1)


def boot(plan: StationPlan, firmware_version: str, reason: BootReason) -> Report:
    """1.6 has no place for the reason."""
    payload = {
        "chargePointVendor": plan.vendor,
        "chargePointModel": plan.model,
        "chargePointSerialNumber": plan.serial_number,
        "firmwareVersion": firmware_version,
    }
    if plan.iccid is not None:
        payload["iccid"] = plan.iccid
    if plan.imsi is not None:
        payload["imsi"] = plan.imsi
    return Report("BootNotification", payload)


def status(station: "Station", place: int) -> Report:
    fault = station.fault if place == 0 else station.evse(place).fault or station.evse(place).warning
    word = _station_status(station) if place == 0 else connector_status(station, station.evse(place))
    payload: Payload = {
        "connectorId": place,
        "errorCode": fault.code if fault is not None else "NoError",
        "status": word,
        "timestamp": times.written(station.now()),
    }
    if fault is not None:
        payload |= {
            "info": fault.info,
            "vendorId": station.plan.vendor,
            "vendorErrorCode": fault.vendor_code,
        }
    return Report("StatusNotification", payload)


def connector_status(station: "Station", evse: Evse) -> str:
    """One of 1.6's nine words (section 4.9)."""
    if evse.fault is not None:
        return "Faulted"
    if evse.session is not None:
        word = evse.session.state.value
        return word if word in {"Charging", "SuspendedEV", "SuspendedEVSE"} else "Preparing"
    if evse.resetting or not station.is_operative(evse):
        return "Unavailable"
    if evse.reservation is not None:
        return "Reserved"
    if evse.finishing:
        return "Finishing"
    return "Preparing" if evse.ev is not None or evse.awaited is not None else "Available"


def authorize(token: IdToken) -> Report:
    return Report("Authorize", {"idTag": token.value})


def read_authorization(answer: Payload) -> Authorization | None:
    info = answer.get("idTagInfo")
    return None if info is None else read_info(info)


def read_info(info: Payload) -> Authorization:
    expiry = info.get("expiryDate")
    return Authorization(
        status=info["status"],
        group=info.get("parentIdTag"),
        expires_at=None if expiry is None else times.read(expiry),
    )


def started(station: "Station", evse: Evse, session: Session, trigger: StartTrigger) -> Report:
    payload = {
        "connectorId": evse.evse_id,
        "idTag": session.token.value,
        "meterStart": session.meter_start_wh,
        "timestamp": times.written(session.started_at),
    }
    if session.reservation_id is not None:
        payload["reservationId"] = session.reservation_id
    return Report("StartTransaction", payload)


def read_number(answer: Payload) -> int | None:
    return answer.get("transactionId")


def state_changed(station: "Station", evse: Evse, session: Session) -> None:
    """Said by StatusNotification."""


def metered(
    station: "Station", evse: Evse, session: Session, readings: list[Reading], context: ReadingContext
) -> Report | None:
    if not readings:
        return None
    payload = {
        "connectorId": evse.evse_id,
        "transactionId": UNKNOWN_NUMBER,
        "meterValue": [meter_value(station, readings, context)],
    }
    return Report("MeterValues", payload)


def ended(
    station: "Station", evse: Evse, session: Session, reason: StopReason, token: IdToken | None
) -> Report:
    payload: Payload = {
        "transactionId": UNKNOWN_NUMBER,
        "meterStop": round(evse.meter_wh),
        "timestamp": times.written(station.now()),
        "reason": reason.value if reason in STOP_REASONS else "Other",
    }
    if token is not None:
        payload["idTag"] = token.value
    if measurands := station.settings.words(Setting.ENDED_MEASURANDS):
        begin = [reading for reading in session.begin_readings if reading.measurand in measurands]
        payload["transactionData"] = [
            meter_value(station, begin, ReadingContext.BEGIN),
            meter_value(station, read_meter(evse, measurands), ReadingContext.END),
        ]
    return Report("StopTransaction", payload)


def readings(station: "Station", evse_id: int, readings: list[Reading], context: ReadingContext) -> Report:
    payload: Payload = {"connectorId": evse_id, "meterValue": [meter_value(station, readings, context)]}
    session = station.evse(evse_id).session
    if session is not None and session.number is not None:
        payload["transactionId"] = session.number
    return Report("MeterValues", payload)


def meter_value(station: "Station", readings: list[Reading], context: ReadingContext) -> Payload:
    return {
        "timestamp": times.written(station.now()),
        "sampledValue": [_sampled_value(reading, context) for reading in readings],
    }


def fault_event(station: "Station", evse_id: int, fault: Fault, cleared: bool) -> None:
    """Said by StatusNotification."""


def firmware_status(status: str, request_id: int | None) -> Report:
    """Only a signed update has a request id, and its own message (whitepaper, L01)."""
    if request_id is None:
        return Report("FirmwareStatusNotification", {"status": status})
    return Report("SignedFirmwareStatusNotification", {"status": status, "requestId": request_id})


def log_status(status: str, request_id: int | None) -> Report:
    if request_id is None:
        return Report("DiagnosticsStatusNotification", {"status": status})
    return Report("LogStatusNotification", {"status": status, "requestId": request_id})


def security_event(station: "Station", kind: str, info: str) -> Report:
    payload = {"type": kind, "timestamp": times.written(station.now()), "techInfo": info}
    return Report("SecurityEventNotification", payload)


def sign_certificate(csr: str) -> Report:
    return Report("SignCertificate", {"csr": csr})


def reservation_ended(reservation_id: int, status: str) -> None:
    """Said by StatusNotification of the connector that is free again."""


def complete(payload: Payload, session: Session) -> None:
    if payload.get("transactionId") == UNKNOWN_NUMBER and session.number is not None:
        payload["transactionId"] = session.number


def mark_offline(payload: Payload) -> None:
    """Nothing in 1.6 tells a report that waited from a fresh one."""


def _station_status(station: "Station") -> str:
    """Connector 0 knows three of the words."""
    if station.fault is not None and station.fault.severe:
        return "Faulted"
    return "Available" if station.operative else "Unavailable"


def _sampled_value(reading: Reading, context: ReadingContext) -> Payload:
    value = {
        "value": str(reading.value),
        "context": context.value,
        "measurand": reading.measurand,
        "location": reading.location,
        "unit": reading.unit,
    }
    if reading.phase is not None:
        value["phase"] = reading.phase
    return value
