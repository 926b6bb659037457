"""TransactionEvent (OCPP 2.0.1, functional block E): a transaction began, went on or ended."""

from decimal import Decimal
from typing import Any, TypedDict

from gateway import operator_verdicts, timestamps
from gateway.adapter import Payload
from gateway.ocpp201 import fields
from sessions.authorization import Authorization
from sessions.reports import MeterReading, Token, TransactionEnd, TransactionStart, TransactionUpdate
from sessions.services import charging_sessions
from stations.models import Station
from stations.services.device_model import connectors

# What is meant by no reason (E07.FR.06).
NO_REASON = "Local"


class _Part(TypedDict):
    """What every event may say; most of it comes once (section E, 1.5)."""

    transaction_id: str
    evse_id: int | None
    connector_id: int | None
    token: Token | None
    seq_no: int
    trigger: str | None
    charging_state: str | None
    reservation_id: int | None
    remote_start_id: int | None
    offline: bool
    readings: tuple[MeterReading, ...]


def parse(payload: Payload) -> TransactionStart | TransactionUpdate | TransactionEnd:
    """Translate TransactionEventRequest. Its first and last register are among its readings."""
    info = payload["transactionInfo"]
    evse_id, connector_id = fields.place(payload.get("evse"))
    part: _Part = {
        "transaction_id": info["transactionId"],
        "evse_id": evse_id,
        "connector_id": connector_id,
        "token": fields.token(payload.get("idToken")),
        "seq_no": payload["seqNo"],
        "trigger": payload["triggerReason"].strip() or None,
        "charging_state": info.get("chargingState"),
        "reservation_id": payload.get("reservationId"),
        "remote_start_id": info.get("remoteStartId"),
        "offline": payload.get("offline", False),
        "readings": fields.readings(payload.get("meterValue", ())),
    }
    at = timestamps.read(payload.get("timestamp"))
    match payload["eventType"]:
        case "Started":
            return TransactionStart(**part, started_at=at, meter_start_wh=None)
        case "Ended":
            return TransactionEnd(
                **part,
                ended_at=at,
                meter_stop_wh=None,
                reason=info.get("stoppedReason", NO_REASON),
            )
        case _:
            return TransactionUpdate(**part, at=at)


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    connectors.expect(station)
    charging_sessions.expect(
        station,
        transaction_id=payload["transactionInfo"]["transactionId"],
        token=fields.token(payload.get("idToken")),
    )


def shown(payload: Payload) -> tuple[Token | None, int | None]:
    """The token, and the EVSE where it was shown, if that is said."""
    return fields.token(payload.get("idToken")), fields.place(payload.get("evse"))[0]


OPERATOR = operator_verdicts.lookup(shown)


def handle(station: Station, payload: Payload) -> Payload:
    """Keep the part with its session, in whatever order parts come; judge the token that was shown."""
    report = operator_verdicts.with_verdict(parse(payload))
    connectors.learn(station, report.evse_id, report.connector_id)
    authorization = _tell(station, report)
    answer: dict[str, Any] = {}
    if authorization is not None:
        answer["idTokenInfo"] = fields.id_token_info(authorization)
    cost = _cost(station, report)
    if cost is not None:
        answer["totalCost"] = float(cost)
    return answer


def _cost(station: Station, report: TransactionStart | TransactionUpdate | TransactionEnd) -> Decimal | None:
    """The running cost, or in the end the total (I02.FR.01, I03.FR.02); left out where it isn't known."""
    match report:
        case TransactionUpdate(transaction_id=transaction_id, at=at):
            return charging_sessions.cost(station, transaction_id, at)
        case TransactionEnd(transaction_id=transaction_id, ended_at=at):
            return charging_sessions.cost(station, transaction_id, at)
    return None


def _tell(
    station: Station, report: TransactionStart | TransactionUpdate | TransactionEnd
) -> Authorization | None:
    match report:
        case TransactionStart():
            return charging_sessions.start(station, report).authorization
        case TransactionUpdate():
            return charging_sessions.update(station, report)
        case TransactionEnd():
            return charging_sessions.end(station, report)
