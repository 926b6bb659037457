"""What the meter of a charging session showed: as a table, as a file, and what it signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from emobi.core import clock
from sessions import selectors
from sessions.models import ChargingSession, MeterValue

SHOWN = 100
AT_ONCE = 500
COLUMNS = ("at", "received_at", "context", "measurand", "phase", "location", "value", "unit", "signed")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A row of the table: the figures that count, and how many other values came with them."""

    value: MeterValue
    others: Sequence[str]


def table(values: Sequence[MeterValue]) -> list[Reading]:
    """The newest readings first."""
    return [Reading(value=each, others=_others(each)) for each in reversed(values[-SHOWN:])]


def _others(value: MeterValue) -> list[str]:
    told = []
    for sample in value.samples:
        if sample.get("phase") or sample.get("measurand") in ("Voltage", "Current.Import", "Temperature"):
            name = " ".join(filter(None, (sample.get("measurand"), sample.get("phase"))))
            told.append(f"{name} {_plain(sample.get('value'))} {sample.get('unit') or ''}".strip())
    return told[:8]


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def has_signed(values: Sequence[MeterValue]) -> bool:
    """Whether its meter signed anything."""
    return any(sample.get("signed") for value in values for sample in value.samples)


def signed(session: ChargingSession) -> list[Mapping[str, Any]]:
    """What its meter signed, in the order in which it was read."""
    return [
        {name: sample.get(name) for name in ("measurand", "context", "signed")} | {"at": clock.iso(value.at)}
        for value in selectors.meter_values(session).iterator(chunk_size=AT_ONCE)
        for sample in value.samples
        if sample.get("signed")
    ]


def exported(session: ChargingSession, after: str) -> tuple[list[Mapping[str, Any]], str]:
    """A page of the readings for a file: a row a sampled value."""
    at, _, last_id = after.partition(" ")
    since = (datetime.fromisoformat(at), int(last_id)) if after else None
    values = list(selectors.meter_values(session, after=since)[:AT_ONCE])
    rows = [_told(value, sample) for value in values for sample in value.samples]
    last = values[-1] if len(values) == AT_ONCE else None
    return rows, f"{last.at.isoformat()} {last.pk}" if last else ""


def _told(value: MeterValue, sample: Mapping[str, Any]) -> Mapping[str, Any]:
    told = {name: sample.get(name) for name in ("measurand", "phase", "location", "value", "unit", "signed")}
    return {
        "at": clock.iso(value.at),
        "received_at": clock.iso(value.received_at),
        "context": sample.get("context") or value.context or None,
        **told,
    }
