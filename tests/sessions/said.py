"""What stations say of charging, with what a test doesn't care about filled in; and what is told of it."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from emobi.core import clock, unit_of_work
from emobi.core.models import Event
from sessions import measurands
from sessions.models import ChargingSession
from sessions.reports import (
    MeterReading,
    MeterReport,
    Token,
    TransactionEnd,
    TransactionStart,
    TransactionUpdate,
)
from stations.models import Station

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
GOOD = Token(id_token="GOOD")


def after(minutes: float) -> datetime:
    """A time by the station's clock, in minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def tell[Report, Answer](
    verb: Callable[[Station, Report], Answer], station: Station, report: Report, *, received: datetime = NOON
) -> Answer:
    """Have a message handled by itself."""
    with unit_of_work.begin(), clock.at(received):
        return verb(station, report)


def reading(minutes: float | None, wh: float | str | None = None, **other: Any) -> MeterReading:
    """A reading of the register, of ``power`` in W and of ``soc`` in percent."""
    at = None if minutes is None else after(minutes)
    context = other.get("context")
    values = [(wh, None), (other.get("power"), measurands.POWER), (other.get("soc"), measurands.SOC)]
    return MeterReading(
        at=at,
        samples=tuple(
            measurands.sample(value, at=at or NOON, measurand=measurand, context=context)
            for value, measurand in values
            if value is not None
        ),
    )


def start_16(minutes: float = 0, **changes: Any) -> TransactionStart:
    """StartTransaction: we give it a number."""
    said = {
        "evse_id": 1,
        "connector_id": 1,
        "token": GOOD,
        "started_at": after(minutes),
        "meter_start_wh": Decimal(1000),
        **changes,
    }
    key = hashlib.sha256(repr(sorted(said.items())).encode()).hexdigest()
    return TransactionStart(**{"start_key": key, **said})


def stop_16(transaction_id: str, minutes: float = 60, **changes: Any) -> TransactionEnd:
    """StopTransaction."""
    said = {
        "transaction_id": transaction_id,
        "token": GOOD,
        "ended_at": after(minutes),
        "meter_stop_wh": Decimal(5000),
        "reason": "Local",
        **changes,
    }
    return TransactionEnd(**said)


def meter_16(transaction_id: str | None, *readings: MeterReading, evse_id: int = 1) -> MeterReport:
    """MeterValues."""
    return MeterReport(evse_id=evse_id, transaction_id=transaction_id, readings=readings)


def started(seq_no: int = 0, minutes: float = 0, **changes: Any) -> TransactionStart:
    """TransactionEvent Started, with the register in its readings as 2.0.1 has it."""
    said = {
        "transaction_id": "tx-1",
        "evse_id": 1,
        "connector_id": 1,
        "token": GOOD,
        "started_at": after(minutes),
        "meter_start_wh": None,
        "seq_no": seq_no,
        "trigger": "Authorized",
        "readings": (reading(minutes, 1000, context=measurands.BEGIN),),
        **changes,
    }
    return TransactionStart(**said)


def updated(seq_no: int, minutes: float, **changes: Any) -> TransactionUpdate:
    """TransactionEvent Updated."""
    said = {
        "transaction_id": "tx-1",
        "at": after(minutes),
        "seq_no": seq_no,
        "trigger": "MeterValuePeriodic",
        **changes,
    }
    return TransactionUpdate(**said)


def ended(seq_no: int, minutes: float = 60, **changes: Any) -> TransactionEnd:
    """TransactionEvent Ended."""
    said = {
        "transaction_id": "tx-1",
        "ended_at": after(minutes),
        "meter_stop_wh": None,
        "reason": "EVDisconnected",
        "seq_no": seq_no,
        "trigger": "EVDeparted",
        "readings": (reading(minutes, 5000, context=measurands.END),),
        **changes,
    }
    return TransactionEnd(**said)


def told(station: Station, *types: str) -> list[tuple[str, dict[str, Any]]]:
    """The events of a station, of these types or of all, in their order."""
    events = Event.objects.filter(network=station.network_id, station=station.identity).order_by("sequence")
    return [(event.type, event.data) for event in events if not types or event.type in types]


def kinds(station: Station) -> list[str]:
    """The types of a station's events, in their order."""
    return [kind for kind, _ in told(station)]


def only_session(station: Station) -> ChargingSession:
    """The one session that the station has."""
    return ChargingSession.objects.get(station=station)
