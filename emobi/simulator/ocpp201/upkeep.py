"""How a 2.0.1 station answers blocks L and M, and GetLog.

Source: OCPP 2.0.1 part 2, L01 to L04, M03 to M05, A02 and N01.
"""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import certificates, firmware, times
from emobi.simulator.dialect import NotSupported, Reply
from emobi.simulator.firmware import Update, Upload
from emobi.simulator.frames import Payload

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def update_firmware(station: "Station", payload: Payload) -> Reply:
    """The certificate must be one; of whom, no simulated station knows."""
    image = payload["firmware"]
    if "signingCertificate" in image and not certificates.is_certificate(image["signingCertificate"]):
        return Reply({"status": "InvalidCertificate"})
    wanted = Update(
        location=image["location"],
        retrieve_at=times.read(image["retrieveDateTime"]),
        install_at=times.read_optional(image.get("installDateTime")),
        request_id=payload["requestId"],
        signature=image.get("signature"),
        certificate=image.get("signingCertificate", ""),
    )
    status = "AcceptedCanceled" if firmware.cancel(station.firmware_job) else "Accepted"
    return Reply({"status": status}, partial(firmware.run_update, station, wanted))


def publish_firmware(station: "Station", payload: Payload) -> Reply:
    raise NotSupported("only a local controller publishes firmware")


def unpublish_firmware(station: "Station", payload: Payload) -> Reply:
    return Reply({"status": "NoFirmware"})


def get_log(station: "Station", payload: Payload) -> Reply:
    replaced = station.log_job.request_id if firmware.cancel(station.log_job) else None
    wanted = Upload(
        location=payload["log"]["remoteLocation"],
        filename=f"{station.plan.serial_number}-{payload['logType']}.log",
        failure="UploadFailure",
        request_id=payload["requestId"],
    )
    return Reply(
        {"status": "Accepted" if replaced is None else "AcceptedCanceled", "filename": wanted.filename},
        partial(_upload, station, wanted, replaced),
    )


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
    types = payload.get("certificateType")
    installed = station.certificates.installed(None if types is None else set(types))
    if not installed:
        return Reply({"status": "NotFound"})
    chain = [{"certificateType": kind, "certificateHashData": data} for kind, data in installed]
    return Reply({"status": "Accepted", "certificateHashDataChain": chain})


async def _upload(station: "Station", wanted: Upload, replaced: int | None) -> None:
    """Tell that an older upload was given up (N01.FR.20), then start this one."""
    if replaced is not None:
        await station.tell(station.dialect.log_status("AcceptedCanceled", replaced))
    await firmware.run_upload(station, wanted)
