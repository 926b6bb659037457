"""BootNotification (OCPP 2.0.1, use cases B01 to B03): a station has started, and asks to be let in."""

from emobi.core import clock
from gateway.adapter import Payload
from stations.models import Registration, Station
from stations.reports import BootReport
from stations.services.device_model import boots
from stations.services.registry import registration

STATUSES = {
    Registration.ACCEPTED: "Accepted",
    Registration.PENDING: "Pending",
    Registration.REJECTED: "Rejected",
}

# How long a station that isn't let in yet waits before it boots again.
RETRY_S = 30


def parse(payload: Payload) -> BootReport:
    """Translate BootNotificationRequest."""
    described = payload["chargingStation"]
    modem = described.get("modem", {})
    return BootReport(
        vendor=described["vendorName"],
        model=described["model"],
        serial_number=described.get("serialNumber") or None,
        firmware_version=described.get("firmwareVersion") or None,
        iccid=modem.get("iccid") or None,
        imsi=modem.get("imsi") or None,
        reason=payload["reason"],
    )


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    boots.expect(station)


def handle(station: Station, payload: Payload) -> Payload:
    """Note what the station is; answer how it is registered, what time it is, and when to be heard of again.

    The station sets its clock by the answer: the message may have waited for the database.
    """
    decided = registration.boot(station, parse(payload))
    return {
        "status": STATUSES[decided],
        "currentTime": clock.iso(clock.wall()),
        "interval": station.heartbeat_s if decided == Registration.ACCEPTED else RETRY_S,
    }
