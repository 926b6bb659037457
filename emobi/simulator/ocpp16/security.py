"""How a 1.6 station answers the messages of the security whitepaper, edition 3, section 4."""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import certificates, firmware, times
from emobi.simulator.dialect import Reply
from emobi.simulator.firmware import Update
from emobi.simulator.frames import Payload

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def certificate_signed(station: "Station", payload: Payload) -> Reply:
    kept = station.certificates.accept_signed(payload["certificateChain"])
    return Reply({"status": "Accepted" if kept else "Rejected"})


def install_certificate(station: "Station", payload: Payload) -> Reply:
    kept = station.certificates.install(payload["certificateType"], payload["certificate"])
    return Reply({"status": "Accepted" if kept else "Rejected"})


def delete_certificate(station: "Station", payload: Payload) -> Reply:
    deleted = station.certificates.delete(payload["certificateHashData"])
    return Reply({"status": "Accepted" if deleted else "NotFound"})


def get_installed_certificate_ids(station: "Station", payload: Payload) -> Reply:
    installed = station.certificates.installed({payload["certificateType"]})
    if not installed:
        return Reply({"status": "NotFound"})
    return Reply({"status": "Accepted", "certificateHashData": [data for _, data in installed]})


def get_log(station: "Station", payload: Payload) -> Reply:
    location, request_id = payload["log"]["remoteLocation"], payload["requestId"]
    status = "AcceptedCanceled" if firmware.cancel(station.log_job) else "Accepted"
    upload = partial(firmware.run_upload, station, location, request_id, "UploadFailure")
    name = f"{station.plan.serial_number}-{payload['logType']}.log"
    return Reply({"status": status, "filename": name}, upload)


def signed_update_firmware(station: "Station", payload: Payload) -> Reply:
    """The file never arrives, so that its signature is taken as good; the certificate must be one."""
    image = payload["firmware"]
    if not certificates.is_certificate(image["signingCertificate"]):
        return Reply({"status": "InvalidCertificate"})
    wanted = Update(
        location=image["location"],
        retrieve_at=times.read(image["retrieveDateTime"]),
        install_at=times.read_optional(image.get("installDateTime")),
        request_id=payload["requestId"],
        verified=True,
    )
    status = "AcceptedCanceled" if firmware.cancel(station.firmware_job) else "Accepted"
    return Reply({"status": status}, partial(firmware.run_update, station, wanted))
