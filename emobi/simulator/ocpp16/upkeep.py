"""How a 1.6 station answers RemoteTrigger, FirmwareManagement, LocalAuthListManagement and Reservation.

Source: OCPP 1.6 sections 5.1, 5.9, 5.10, 5.13, 5.15, 5.17 and 5.19; its security whitepaper, section 6.16.
"""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import firmware, reservations, statuses, times, triggers
from emobi.simulator.dialect import Reply, Report
from emobi.simulator.evse import Reservation
from emobi.simulator.firmware import Update, Upload
from emobi.simulator.frames import Payload
from emobi.simulator.ocpp16 import speech
from emobi.simulator.tokens import IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def trigger_message(station: "Station", payload: Payload) -> Reply:
    """A connector that isn't named is every one, and for a status the station too."""
    connector_id = payload.get("connectorId")
    if connector_id is not None and connector_id > len(station.evses):
        return Reply({"status": "Rejected"})
    match payload["requestedMessage"]:
        case "BootNotification":
            told = partial(station.lifeline.boot_as_triggered)
        case "DiagnosticsStatusNotification" | "LogStatusNotification":
            told = partial(triggers.tell_log, station)
        case "FirmwareStatusNotification":
            told = partial(triggers.tell_firmware, station)
        case "Heartbeat":
            told = partial(triggers.tell_heartbeat, station)
        case "MeterValues":
            told = partial(triggers.tell_readings, station, station.evses.at(connector_id or 0))
        case "StatusNotification":
            places = speech.places(station) if connector_id is None else [connector_id]
            told = partial(triggers.tell_statuses, station, places)
        case "SignChargePointCertificate":
            told = partial(triggers.ask_for_certificate, station)
        case _:
            return Reply({"status": "NotImplemented"})
    return Reply({"status": "Accepted"}, told)


def extended_trigger_message(station: "Station", payload: Payload) -> Reply:
    """As TriggerMessage, but of firmware it tells as of a signed update (whitepaper, section 6.16)."""
    if payload["requestedMessage"] != "FirmwareStatusNotification":
        return trigger_message(station, payload)
    return Reply({"status": "Accepted"}, partial(_tell_signed_firmware, station))


async def _tell_signed_firmware(station: "Station") -> None:
    job = station.firmware_job
    if job.request_id is None or job.status in {firmware.IDLE, "Installed"}:
        report = Report("SignedFirmwareStatusNotification", {"status": firmware.IDLE})
    else:
        report = speech.firmware_status(job.status, job.request_id)
    await station.tell(report, asked=True)


def update_firmware(station: "Station", payload: Payload) -> Reply:
    """The answer says nothing; a running update gives way to the new one."""
    wanted = Update(location=payload["location"], retrieve_at=times.read(payload["retrieveDate"]))
    firmware.cancel(station.firmware_job)
    return Reply({}, partial(firmware.run_update, station, wanted))


def get_diagnostics(station: "Station", payload: Payload) -> Reply:
    firmware.cancel(station.log_job)
    name = f"{station.plan.serial_number}-diagnostics.log"
    wanted = Upload(location=payload["location"], filename=name, failure="UploadFailed")
    return Reply({"fileName": name}, partial(firmware.run_upload, station, wanted))


def get_local_list_version(station: "Station", payload: Payload) -> Reply:
    return Reply({"listVersion": station.tokens.list_version})


def send_local_list(station: "Station", payload: Payload) -> Reply:
    """An entry without idTagInfo removes the tag, in a differential update (section 6.36)."""
    version = payload["listVersion"]
    entries = {
        entry["idTag"]: speech.read_info(entry["idTagInfo"]) if "idTagInfo" in entry else None
        for entry in payload.get("localAuthorizationList", [])
    }
    if version <= 0:
        return Reply({"status": "Failed"})
    if payload["updateType"] == "Differential":
        changed = station.tokens.change_list(version, entries)
        return Reply({"status": "Accepted" if changed else "VersionMismatch"})
    listed = {tag: entry for tag, entry in entries.items() if entry is not None}
    if len(listed) < len(entries):
        return Reply({"status": "Failed"})
    station.tokens.replace_list(version, listed)
    return Reply({"status": "Accepted"})


def reserve_now(station: "Station", payload: Payload) -> Reply:
    """Connector 0, some connector, is taken too (ReserveConnectorZeroSupported)."""
    candidates = station.evses.at(payload["connectorId"])
    if not candidates:
        return Reply({"status": "Rejected"})
    reservation = Reservation(
        reservation_id=payload["reservationId"],
        token=IdToken(payload["idTag"]),
        group=payload.get("parentIdTag"),
        expires_at=times.read(payload["expiryDate"]),
    )
    status = reservations.reserve(station, reservation, candidates)
    return Reply({"status": status}, partial(statuses.report_all, station))


def cancel_reservation(station: "Station", payload: Payload) -> Reply:
    freed = reservations.cancel(station, payload["reservationId"])
    if freed is None:
        return Reply({"status": "Rejected"})
    return Reply({"status": "Accepted"}, partial(statuses.report_all, station))
