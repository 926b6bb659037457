"""How a 1.6 station answers the messages of the security whitepaper, edition 3, section 4."""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import certificates, firmware, times
from emobi.simulator.dialect import Reply
from emobi.simulator.firmware import Update, Upload
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
    status = "AcceptedCanceled" if firmware.cancel(station.log_job) else "Accepted"
    wanted = Upload(
        location=payload["log"]["remoteLocation"],
        filename=f"{station.plan.serial_number}-{payload['logType']}.log",
        failure="UploadFailure",
        request_id=payload["requestId"],
    )
    answer = {"status": status, "filename": wanted.filename}
    return Reply(answer, partial(firmware.run_upload, station, wanted))


def signed_update_firmware(station: "Station", payload: Payload) -> Reply:
    """The certificate must be one; of whom, no simulated station knows."""
    image = payload["firmware"]
    if not certificates.is_certificate(image["signingCertificate"]):
        return Reply({"status": "InvalidCertificate"})
    wanted = Update(
        location=image["location"],
        retrieve_at=times.read(image["retrieveDateTime"]),
        install_at=times.read_optional(image.get("installDateTime")),
        request_id=payload["requestId"],
        signature=image["signature"],
        certificate=image["signingCertificate"],
    )
    status = "AcceptedCanceled" if firmware.cancel(station.firmware_job) else "Accepted"
    return Reply({"status": status}, partial(firmware.run_update, station, wanted))
