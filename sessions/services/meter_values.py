"""Meter readings of a batch of messages, inserted in one statement."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

import orjson

from emobi.core import clock, events
from emobi.core.batch import Query
from emobi.core.events import Sample
from sessions.measurands import Figures
from sessions.models import MeterValue

_INSERT = """
INSERT INTO charging_metervalue
    (station_id, session, evse_id, "at", received_at, context, energy_wh, power_w, soc_percent, samples)
SELECT station_id, session, evse_id, "at", received_at, context, energy_wh, power_w, soc_percent, samples
FROM jsonb_to_recordset(%s::jsonb) AS r(
    station_id bigint, session text, evse_id integer, "at" timestamptz, received_at timestamptz, context text,
    energy_wh float8, power_w float8, soc_percent float8, samples jsonb
)
"""

_LONGEST_CONTEXT = 24

# What a station says again follows soon: outside of sessions it is looked for among so many of the newest.
_RECENT = 50


class MeterValues:
    """Readings that wait for the end of the unit of work."""

    def __init__(self) -> None:
        self._rows: list[dict[str, object]] = []
        self._taken: list[tuple[object, datetime, tuple[Sample, ...]]] = []
        self._outside: dict[int, list[list[object]]] = {}

    def add(
        self,
        station_id: int,
        session_id: str | None,
        evse_id: int | None,
        at: datetime,
        samples: tuple[Sample, ...],
        figures: Figures,
    ) -> None:
        """Have a reading written: what a meter showed at ``at`` by the station's clock."""
        self._taken.append((session_id or (station_id, evse_id), at, samples))
        self._rows.append(
            {
                "station_id": station_id,
                "session": session_id,
                "evse_id": evse_id,
                "at": at,
                "received_at": clock.now(),
                "context": (samples[0].context or "")[:_LONGEST_CONTEXT] if samples else "",
                "energy_wh": _float(figures.energy_wh),
                "power_w": _float(figures.power_w),
                "soc_percent": _float(figures.soc_percent),
                "samples": orjson.Fragment(events.encoded(samples)),
            }
        )

    def holds(self, session_id: str, at: datetime, samples: tuple[Sample, ...]) -> bool:
        """Whether the session has this very reading already."""
        if (session_id, at, samples) in self._taken:
            return True
        return MeterValue.objects.filter(session=session_id, at=at, samples=events.plain(samples)).exists()

    def holds_outside(
        self, station_id: int, evse_id: int | None, at: datetime, samples: tuple[Sample, ...]
    ) -> bool:
        """Whether the EVSE has this very reading already, in no session; one query for each station."""
        if ((station_id, evse_id), at, samples) in self._taken:
            return True
        if station_id not in self._outside:
            newest = MeterValue.objects.filter(station=station_id).order_by("-id")[:_RECENT]
            kept = newest.values_list("session", "evse_id", "at", "samples")
            self._outside[station_id] = [found for session, *found in kept if session is None]
        return [evse_id, at, events.plain(samples)] in self._outside[station_id]

    def flush(self) -> Sequence[Query]:
        return [(_INSERT, self._rows)] if self._rows else []


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
