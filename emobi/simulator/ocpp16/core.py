"""How a 1.6 station answers the Core profile.

Source: OCPP 1.6 section 5. Each function is the answer to the message it is named for.
"""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import availability, remote, resets
from emobi.simulator.dialect import Reply
from emobi.simulator.frames import Payload
from emobi.simulator.moments import BootReason, Registration, StopReason
from emobi.simulator.ocpp16 import smart_charging
from emobi.simulator.ocpp16.configuration import Configuration
from emobi.simulator.tokens import IdToken

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def configuration(station: "Station") -> Configuration:
    if not isinstance(station.settings, Configuration):
        raise TypeError("a 1.6 station keeps a Configuration")
    return station.settings


def change_availability(station: "Station", payload: Payload) -> Reply:
    """Connector 0 is the station and all its connectors (section 5.2)."""
    operative = payload["type"] == "Operative"
    evses = station.evses.at(payload["connectorId"])
    if not evses:
        return Reply({"status": "Rejected"})
    status = availability.change_evses(evses, operative=operative)
    if payload["connectorId"] == 0:
        availability.change_station(station, operative=operative)
    return Reply({"status": status}, partial(availability.take_effect, station))


def change_configuration(station: "Station", payload: Payload) -> Reply:
    status = configuration(station).change(payload["key"], payload["value"])
    if status != "Accepted":
        return Reply({"status": status})
    if payload["key"].casefold() == "authorizationkey":
        return Reply(
            {"status": status}, partial(station.lifeline.use_password, bytes.fromhex(payload["value"]))
        )
    return Reply({"status": status}, station.heed_settings)


def clear_cache(station: "Station", payload: Payload) -> Reply:
    station.tokens.clear_cache()
    return Reply({"status": "Accepted"})


def data_transfer(station: "Station", payload: Payload) -> Reply:
    """No vendor's extension is known here."""
    return Reply({"status": "UnknownVendorId"})


def get_configuration(station: "Station", payload: Payload) -> Reply:
    known, unknown = configuration(station).report(payload.get("key") or [])
    answer: Payload = {"configurationKey": known} if known else {}
    if unknown:
        answer["unknownKey"] = unknown
    return Reply(answer)


def remote_start_transaction(station: "Station", payload: Payload) -> Reply:
    token = IdToken(payload["idTag"])
    evse = remote.choose_evse(station, payload.get("connectorId"), token)
    if evse is None:
        return Reply({"status": "Rejected"})
    profile = None
    if "chargingProfile" in payload:
        profile = smart_charging.read_profile(payload["chargingProfile"], evse.evse_id)
        if not remote.acceptable(profile):
            return Reply({"status": "Rejected"})
    return Reply({"status": "Accepted"}, partial(remote.start, station, evse, token, profile=profile))


def remote_stop_transaction(station: "Station", payload: Payload) -> Reply:
    evse = station.evses.charging_for(str(payload["transactionId"]))
    if evse is None or station.registration is not Registration.ACCEPTED:
        return Reply({"status": "Rejected"})
    return Reply({"status": "Accepted"}, partial(station.stop, evse.evse_id, StopReason.REMOTE))


def reset(station: "Station", payload: Payload) -> Reply:
    if payload["type"] == "Hard":
        return Reply({"status": "Accepted"}, partial(resets.reset_hard, station))
    gracefully = partial(resets.reset_gracefully, station, StopReason.SOFT_RESET, BootReason.REMOTE_RESET)
    return Reply({"status": "Accepted"}, gracefully)


def unlock_connector(station: "Station", payload: Payload) -> Reply:
    """A transaction is ended first (section 5.18); a fixed cable has no lock to open."""
    evses = station.evses.at(payload["connectorId"]) if payload["connectorId"] > 0 else []
    if not evses or not evses[0].plan.connector.startswith("s"):
        return Reply({"status": "NotSupported"})
    evse = evses[0]
    if evse.fault is not None and evse.fault.code == "ConnectorLockFailure":
        return Reply({"status": "UnlockFailed"})
    if evse.session is None:
        return Reply({"status": "Unlocked"})
    return Reply({"status": "Unlocked"}, partial(station.stop, evse.evse_id, StopReason.UNLOCK_COMMAND))
