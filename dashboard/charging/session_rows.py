"""Charging sessions as lists and live pages show them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max

from dashboard import figures, statuses
from dashboard.charging import session_flags, session_search
from dashboard.charging.session_search import SessionSearch
from dashboard.messages import enum_words
from dashboard.statuses import Shown
from emobi.core import clock
from emobi.core.models import Network
from sessions.models import ChargingSession, MeterValue, SessionState
from stations.models import Station

ROWS = 50
EXPORTED_AT_ONCE = 200
# A live page follows so many of a station's sessions.
FOLLOWED = 10
EXPORT_COLUMNS = (
    "session_id", "station", "evse_id", "connector_id", "transaction_id", "id_token", "state", "started_at",
    "ended_at", "duration_s", "energy_wh", "meter_start_wh", "meter_stop_wh", "peak_power_w", "soc_percent",
    "reason", "authorization", "offline", "flags",
)  # fmt: skip

ENDED = Shown("available", "Ended")
LOST = Shown("unknown-end", "Lost")
STARTING = Shown("preparing", "Starting")


@dataclass(frozen=True, kw_only=True)
class SessionRow:
    """A session, told.

    Attributes:
        peak_w: The most that its meter showed.
        flags: What is odd about it, in words.
    """

    session: ChargingSession
    peak_w: float | None
    flags: Sequence[str]

    @property
    def runs(self) -> bool:
        return self.session.state == SessionState.ACTIVE

    @property
    def shown(self) -> Shown:
        return state_of(self.session)

    @property
    def key(self) -> str:
        """What a live page calls it; the station's page says the same."""
        return f"session:{self.session.pk}"

    @property
    def reason(self) -> str:
        """Why it ended, by the station's word."""
        return self.session.reason or ("" if self.runs else figures.UNKNOWN)

    @property
    def reason_meaning(self) -> str:
        return enum_words.stop_reason(self.session.reason)


@dataclass(frozen=True, kw_only=True)
class Page:
    """Rows, the newest first; ``next`` is where to go on, "" at the end."""

    rows: Sequence[SessionRow]
    next: str
    problems: Sequence[str]


def state_of(session: ChargingSession) -> Shown:
    """What it does now, or how it ended."""
    if session.state == SessionState.LOST:
        return LOST
    if session.state == SessionState.ENDED:
        return ENDED
    return statuses.OCCUPIED.get(session.charging_state, STARTING)


def page(network: Network, search: SessionSearch) -> Page:
    """A page of the list; two queries."""
    found, problems = session_search.find(network, search)
    sessions = list(found[: ROWS + 1])
    after = search.from_(sessions[ROWS - 1].pk) if len(sessions) > ROWS else ""
    return Page(rows=of(sessions[:ROWS]), next=after, problems=problems)


def of(sessions: Sequence[ChargingSession]) -> list[SessionRow]:
    """Rows of these sessions; one query."""
    peaks = _peaks(sessions)
    now = clock.wall()
    return [
        SessionRow(session=each, peak_w=peaks.get(each.pk), flags=session_flags.of(each, now))
        for each in sessions
    ]


def _peaks(sessions: Iterable[ChargingSession]) -> Mapping[str, float]:
    found = MeterValue.objects.filter(session__in=[each.pk for each in sessions], power_w__isnull=False)
    return dict(found.order_by().values_list("session").annotate(Max("power_w")))


def live(stations: Sequence[Station]) -> Mapping[str, Mapping[str, Any]]:
    """What live pages show of the newest sessions of these stations; one query a station."""
    values: dict[str, Mapping[str, Any]] = {}
    for station in stations:
        for session in ChargingSession.objects.filter(station=station).order_by("-pk")[:FOLLOWED]:
            values[f"session:{session.pk}"] = _values(session)
            values[f"charging:{session.pk}"] = {"shape": shape(session)}
    return values


def shape(session: ChargingSession) -> str:
    """What makes its page be drawn anew."""
    return f"{session.state} {session.charging_state} {session.reason}"


def _values(session: ChargingSession) -> Mapping[str, Any]:
    readings: dict[str, Any] = {"at": clock.iso(session.meter_last_at or session.heard_at)}
    if session.power_w is not None:
        readings["power_kw"] = float(session.power_w) / 1000
    if session.soc_percent is not None:
        readings["soc"] = float(session.soc_percent)
    return {
        "state": state_of(session).value,
        "energy": figures.energy(session.energy_wh),
        "power": figures.kilo(session.power_w),
        "soc": figures.percent(session.soc_percent),
        "heard": clock.iso(session.heard_at),
        "plot": readings,
    }


def exported(
    network: Network, search: SessionSearch, after: str, *, whole: bool
) -> tuple[list[dict[str, Any]], str]:
    """A page of the list for a file; id tokens in full only if ``whole``."""
    found, _ = session_search.find(
        network, SessionSearch(text=search.text, tokens=search.tokens, after=after)
    )
    sessions = list(found[: EXPORTED_AT_ONCE + 1])
    rows = [_told(row, whole) for row in of(sessions[:EXPORTED_AT_ONCE])]
    return rows, sessions[EXPORTED_AT_ONCE - 1].pk if len(sessions) > EXPORTED_AT_ONCE else ""


def _told(row: SessionRow, whole: bool) -> dict[str, Any]:
    session = row.session
    return {
        "session_id": session.pk,
        "station": session.station.identity,
        "evse_id": session.evse_id,
        "connector_id": session.connector_id,
        "transaction_id": session.transaction_id,
        "id_token": (session.id_token if whole else figures.masked(session.id_token)) or None,
        "state": session.state,
        "started_at": _iso(session.started_at),
        "ended_at": _iso(session.ended_at),
        "duration_s": session.duration_s,
        "energy_wh": _number(session.energy_wh),
        "meter_start_wh": _number(session.meter_start_wh),
        "meter_stop_wh": _number(session.meter_stop_wh),
        "peak_power_w": row.peak_w,
        "soc_percent": _number(session.soc_percent),
        "reason": session.reason or None,
        "authorization": session.authorization or None,
        "offline": session.offline,
        "flags": list(row.flags),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else clock.iso(moment)


def _number(value: figures.Number | None) -> float | None:
    return None if value is None else float(value)
