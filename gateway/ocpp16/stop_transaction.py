"""StopTransaction (OCPP 1.6, section 4.10): a transaction has ended. It can't be refused."""

from collections.abc import Mapping
from decimal import Decimal

from gateway import operator_verdicts, timestamps
from gateway.adapter import Payload
from gateway.ocpp16 import fields
from sessions.reports import Token, TransactionEnd
from sessions.services import charging_sessions
from stations.models import Station

# Reason → ReasonEnumType, where they differ. An unlocked plug doesn't end 2.0.1's transactions.
REASONS: Mapping[str, str] = {
    "HardReset": "ImmediateReset",
    "SoftReset": "ImmediateReset",
    "UnlockCommand": "Other",
}

# What is meant by no reason (section 4.10; 1.6-J errata 2.6).
NO_REASON = "Local"

# How some stations say that they couldn't read their meter (quirk 55).
UNKNOWN_WH = -1


def parse(payload: Payload) -> TransactionEnd:
    """Translate StopTransaction.req; -1, 0 and numbers that nobody gave are `sessions`' to make sense of."""
    reason = payload.get("reason", NO_REASON)
    meter_stop = payload["meterStop"]
    return TransactionEnd(
        transaction_id=str(payload["transactionId"]),
        token=fields.token(payload.get("idTag")),
        ended_at=timestamps.read(payload.get("timestamp")),
        meter_stop_wh=None if meter_stop == UNKNOWN_WH else Decimal(meter_stop),
        reason=REASONS.get(reason, reason),
        readings=fields.readings(payload.get("transactionData", ())),
    )


def expect(station: Station, payload: Payload) -> None:
    """Have the rows read that `handle` will need."""
    charging_sessions.expect(
        station, transaction_id=str(payload["transactionId"]), token=fields.token(payload.get("idTag"))
    )


def shown(payload: Payload) -> tuple[Token | None, int | None]:
    """The token that stopped it, wherever that was."""
    return fields.token(payload.get("idTag")), None


OPERATOR = operator_verdicts.lookup(shown)


def handle(station: Station, payload: Payload) -> Payload:
    """End the session, once; the verdict on the token that ended it is for the station's cache only."""
    report = operator_verdicts.with_verdict(parse(payload))
    authorization = charging_sessions.end(station, report)
    return {} if authorization is None else {"idTagInfo": fields.id_tag_info(authorization)}
