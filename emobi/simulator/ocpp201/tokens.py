"""How a 2.0.1 station answers about drivers: cache, local list, reservations, customer information.

Source: OCPP 2.0.1 part 2, C11, D01, D02, H01, H02, N09 and N10.
"""

from functools import partial
from typing import TYPE_CHECKING

from emobi.simulator import reservations, statuses, times
from emobi.simulator.dialect import Reply, Report
from emobi.simulator.evse import Reservation
from emobi.simulator.frames import Payload
from emobi.simulator.ocpp201.control import read_token
from emobi.simulator.ocpp201.speech import read_info
from emobi.simulator.tokens import Authorization

if TYPE_CHECKING:
    from emobi.simulator.station import Station


def clear_cache(station: "Station", payload: Payload) -> Reply:
    station.tokens.clear_cache()
    return Reply({"status": "Accepted"})


def get_local_list_version(station: "Station", payload: Payload) -> Reply:
    return Reply({"versionNumber": station.tokens.list_version})


def send_local_list(station: "Station", payload: Payload) -> Reply:
    """An element without idTokenInfo removes the token from the list (D01.FR.17)."""
    version = payload["versionNumber"]
    entries: dict[str, Authorization | None] = {
        entry["idToken"]["idToken"]: read_info(entry["idTokenInfo"]) if "idTokenInfo" in entry else None
        for entry in payload.get("localAuthorizationList", [])
    }
    if version <= 0:
        return Reply({"status": "Failed"})
    if payload["updateType"] == "Differential":
        changed = station.tokens.change_list(version, entries)
        return Reply({"status": "Accepted" if changed else "VersionMismatch"})
    listed = {value: entry for value, entry in entries.items() if entry is not None}
    if len(listed) < len(entries):
        return Reply({"status": "Failed"})
    station.tokens.replace_list(version, listed)
    return Reply({"status": "Accepted"})


def reserve_now(station: "Station", payload: Payload) -> Reply:
    candidates = [
        evse
        for evse in station.evses.at(payload.get("evseId", 0))
        if payload.get("connectorType") in {None, evse.plan.connector}
    ]
    if not candidates:
        return Reply({"status": "Rejected"})
    reservation = Reservation(
        reservation_id=payload["id"],
        token=read_token(payload["idToken"]),
        group=payload.get("groupIdToken", {}).get("idToken"),
        expires_at=times.read(payload["expiryDateTime"]),
    )
    status = reservations.reserve(station, reservation, candidates)
    return Reply({"status": status}, partial(statuses.report_all, station))


def cancel_reservation(station: "Station", payload: Payload) -> Reply:
    freed = reservations.cancel(station, payload["reservationId"])
    if freed is None:
        return Reply({"status": "Rejected"})
    return Reply({"status": "Accepted"}, partial(statuses.report_all, station))


def customer_information(station: "Station", payload: Payload) -> Reply:
    """What is known of a customer is the cache's entry for a token."""
    references = [
        name for name in ("idToken", "customerCertificate", "customerIdentifier") if name in payload
    ]
    if len(references) != 1:
        return Reply({"status": "Invalid"})  # N09.FR.09
    if not payload["report"] and not payload["clear"]:
        return Reply({"status": "Rejected"})
    known = None
    if "idToken" in payload:
        token = read_token(payload["idToken"])
        known = station.tokens.find(token, station.now())
        if payload["clear"] and station.tokens.forget(token) and not payload["report"]:
            known = None
    data = "no data found" if known is None else f"authorization cache: {known.status}"
    return Reply({"status": "Accepted"}, partial(_tell_customer, station, payload["requestId"], data))


async def _tell_customer(station: "Station", request_id: int, data: str) -> None:
    payload = {
        "data": data,
        "tbc": False,
        "seqNo": 0,
        "generatedAt": times.written(station.now()),
        "requestId": request_id,
    }
    await station.tell(Report("NotifyCustomerInformation", payload), asked=True)
