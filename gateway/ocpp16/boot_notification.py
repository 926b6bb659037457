"""BootNotification (OCPP 1.6, section 4.2): a station has started, and asks to be let in."""

from emobi.core import clock
from gateway.adapter import Payload
from gateway.ocpp16 import fields
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
    """Translate BootNotification.req; 1.6 gives no reason."""
    return BootReport(
        vendor=payload["chargePointVendor"],
        model=payload["chargePointModel"],
        # chargeBoxSerialNumber is the older of the two, and deprecated (section 6.3).
        serial_number=fields.text(payload.get("chargePointSerialNumber"))
        or fields.text(payload.get("chargeBoxSerialNumber")),
        firmware_version=fields.text(payload.get("firmwareVersion")),
        iccid=fields.text(payload.get("iccid")),
        imsi=fields.text(payload.get("imsi")),
        meter_serial_number=fields.text(payload.get("meterSerialNumber")),
        meter_type=fields.text(payload.get("meterType")),
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
