"""How a 2.0.1 station answers remote control, availability and transactions.

Source: OCPP 2.0.1 part 2, E14, F01 to F06, G03 and G04.
"""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import availability, remote, triggers
from emobi.simulator.dialect import Reply
from emobi.simulator.evse import Evse
from emobi.simulator.frames import Payload
from emobi.simulator.moments import ReadingContext, Registration, StopReason
from emobi.simulator.ocpp201 import smart_charging
from emobi.simulator.ocpp201.speech import CONNECTOR_ID
from emobi.simulator.tokens import IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def read_token(wire: Payload) -> IdToken:
    return IdToken(wire["idToken"], wire["type"])


def evses_named(station: "Station", evse: Payload | None) -> list[Evse]:
    """The EVSEs that an EVSEType names: all without one, none if it doesn't exist."""
    if evse is None:
        return station.evses.at(0)
    if evse["id"] < 1 or evse.get("connectorId", CONNECTOR_ID) != CONNECTOR_ID:
        return []
    return station.evses.at(evse["id"])


def change_availability(station: "Station", payload: Payload) -> Reply:
    operative = payload["operationalStatus"] == "Operative"
    if "evse" not in payload:
        status = availability.change_station(station, operative=operative)
    elif evses := evses_named(station, payload["evse"]):
        status = availability.change_evses(evses, operative=operative)
    else:
        return Reply({"status": "Rejected"})
    return Reply({"status": status}, partial(availability.take_effect, station))


def get_transaction_status(station: "Station", payload: Payload) -> Reply:
    transaction_id = payload.get("transactionId")
    answer: Payload = {"messagesInQueue": station.outbox.holds(transaction_id)}
    if transaction_id is not None:
        answer["ongoingIndicator"] = station.evses.charging_for(transaction_id) is not None
    return Reply(answer)


def request_start_transaction(station: "Station", payload: Payload) -> Reply:
    token = read_token(payload["idToken"])
    evse = remote.choose_evse(station, payload.get("evseId"), token)
    if evse is None:
        return Reply({"status": "Rejected"})
    profile = None
    if "chargingProfile" in payload:
        profile = smart_charging.read_profile(payload["chargingProfile"], evse.evse_id)
        if not remote.acceptable(profile):
            return Reply({"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}})
    start = partial(
        remote.start, station, evse, token, remote_start_id=payload["remoteStartId"], profile=profile
    )
    return Reply({"status": "Accepted"}, start)


def request_stop_transaction(station: "Station", payload: Payload) -> Reply:
    evse = station.evses.charging_for(payload["transactionId"])
    if evse is None or station.registration is not Registration.ACCEPTED:
        return Reply({"status": "Rejected"})
    return Reply({"status": "Accepted"}, partial(station.stop, evse.evse_id, StopReason.REMOTE))


def trigger_message(station: "Station", payload: Payload) -> Reply:
    evses = evses_named(station, payload.get("evse"))
    if not evses:
        return Reply({"status": "Rejected"})
    match payload["requestedMessage"]:
        case "BootNotification" if station.registration is Registration.ACCEPTED:
            return Reply({"status": "Rejected"})  # F06.FR.17
        case "BootNotification":
            told = partial(station.lifeline.boot_as_triggered)
        case "LogStatusNotification":
            told = partial(triggers.tell_log, station)
        case "FirmwareStatusNotification":
            told = partial(triggers.tell_firmware, station)
        case "Heartbeat":
            told = partial(triggers.tell_heartbeat, station)
        case "MeterValues":
            told = partial(triggers.tell_readings, station, evses)
        case "SignChargingStationCertificate":
            told = partial(triggers.ask_for_certificate, station)
        case "StatusNotification" if "connectorId" not in payload.get("evse", {}):
            return Reply({"status": "Rejected"})  # F06.FR.12
        case "StatusNotification":
            told = partial(triggers.tell_statuses, station, [evses[0].evse_id])
        case "TransactionEvent":
            return _trigger_transaction_event(station, [evse for evse in evses if evse.session is not None])
        case _:
            return Reply({"status": "NotImplemented"})
    return Reply({"status": "Accepted"}, told)


def unlock_connector(station: "Station", payload: Payload) -> Reply:
    evses = station.evses.at(payload["evseId"]) if payload["evseId"] > 0 else []
    if not evses or payload["connectorId"] != CONNECTOR_ID:
        return Reply({"status": "UnknownConnector"})
    if evses[0].session is not None:
        return Reply({"status": "OngoingAuthorizedTransaction"})
    jammed = evses[0].fault is not None and evses[0].fault.code == "ConnectorLockFailure"
    return Reply({"status": "UnlockFailed" if jammed else "Unlocked"})


def _trigger_transaction_event(station: "Station", evses: list[Evse]) -> Reply:
    if not evses:
        return Reply({"status": "Rejected"})

    async def tell() -> None:
        for evse in evses:
            await station.meter(evse.evse_id, ReadingContext.TRIGGER)

    return Reply({"status": "Accepted"}, tell)
