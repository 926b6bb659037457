"""StartTransaction (OCPP 1.6, section 4.8): a station began a transaction, and asks for its number."""

import hashlib
from decimal import Decimal

from gateway import operator_verdicts, timestamps
from gateway.adapter import Payload
from gateway.ocpp16 import fields
from sessions.authorization import Authorization, AuthorizationStatus
from sessions.reports import Token, TransactionStart
from sessions.services import charging_sessions
from stations.models import Station
from stations.services.device_model import connectors
from stations.services.registry import deviations

# What is judged of a tag without text: nobody has it.
NO_TOKEN = Authorization(status=AuthorizationStatus.UNKNOWN)
NO_TAG = deviations.Found("idTag", "no token", "read as nobody's")


def parse(payload: Payload) -> TransactionStart:
    """Translate StartTransaction.req. 1.6 says neither why it began nor whether the station was offline then.

    Impossible connectors and times are `sessions`' to cope with: refused, the start would be lost.
    """
    evse_id, connector_id = fields.place(payload["connectorId"])
    return TransactionStart(
        evse_id=evse_id,
        connector_id=connector_id,
        token=fields.token(payload["idTag"]),
        started_at=timestamps.read(payload.get("timestamp")),
        meter_start_wh=Decimal(payload["meterStart"]),
        start_key=_start_key(payload),
        reservation_id=payload.get("reservationId"),
    )


def _start_key(payload: Payload) -> str:
    """Tells a start that is sent again: its message id may be another one, the rest isn't (errata 3.18)."""
    said = (payload["connectorId"], payload["idTag"], payload["meterStart"], payload.get("timestamp"))
    return hashlib.sha256(repr(said).encode()).hexdigest()


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    connectors.expect(station)
    charging_sessions.expect(station, start_key=_start_key(payload), token=fields.token(payload["idTag"]))


def shown(payload: Payload) -> tuple[Token | None, int | None]:
    """The token, and the EVSE where it was shown."""
    return fields.token(payload["idTag"]), fields.place(payload["connectorId"])[0]


OPERATOR = operator_verdicts.lookup(shown)


def handle(station: Station, payload: Payload) -> Payload:
    """Open a session, whatever is thought of the token; the same one when the start is sent again."""
    report = operator_verdicts.with_verdict(parse(payload))
    connectors.learn(station, report.evse_id, report.connector_id)
    if report.token is None:
        deviations.note(station, "StartTransaction", [NO_TAG])
    started = charging_sessions.start(station, report)
    return {
        "transactionId": int(started.session.transaction_id),
        "idTagInfo": fields.id_tag_info(started.authorization or NO_TOKEN),
    }
