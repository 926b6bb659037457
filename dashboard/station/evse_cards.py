"""The connectors of one station as its page shows them, with the session that runs there and its meter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dashboard import figures, statuses
from dashboard.station import error_words
from dashboard.station.error_words import Wrong
from dashboard.statuses import Shown
from emobi.core import clock
from sessions.models import ChargingSession, MeterValue
from stations.models import Connector, Station


@dataclass(frozen=True, kw_only=True)
class Running:
    """A session that runs at a connector.

    Attributes:
        started_at: By our clock, as far as the station's drift is known.
        voltage_v: Mean over the phases.
        current_a: Of the phase that carries most.
        phases: How many the current was told for.
    """

    session: ChargingSession
    started_at: datetime
    voltage_v: float | None
    current_a: float | None
    phases: int


@dataclass(frozen=True, kw_only=True)
class EvseCard:
    """A connector."""

    connector: Connector
    shown: Shown
    running: Running | None

    @property
    def key(self) -> str:
        """What a live page calls it."""
        return f"connector:{self.connector.pk}"

    @property
    def values(self) -> dict[str, Any]:
        """Its figures, as a live page gets them."""
        session = self.running.session if self.running else None
        return {
            "state": {"s": self.shown.status},
            "status": self.shown.value,
            "changed": clock.iso(self.connector.changed_at),
            "reported": clock.iso(self.connector.reported_at),
            "kw": self.kw,
            "voltage": self.voltage,
            "current": self.current,
            "kwh": self.kwh,
            "soc": figures.percent(session.soc_percent if session else None),
            "soc_bar": figures.percent(session.soc_percent) if session and session.soc_percent else "0",
        }

    @property
    def shape(self) -> str:
        """Changes when the card has to be drawn anew."""
        session = self.running.session.pk if self.running else ""
        return f"{self.connector.pk}/{session}/{self.connector.error_code}/{self.connector.vendor_error_code}"

    @property
    def error(self) -> Wrong | None:
        """What is wrong with it."""
        return error_words.of(self.connector)

    @property
    def kw(self) -> str:
        return figures.kilo(self.running.session.power_w if self.running else None)

    @property
    def kwh(self) -> str:
        return figures.energy(self.running.session.energy_wh if self.running else None)

    @property
    def voltage(self) -> str:
        volts = self.running.voltage_v if self.running else None
        return figures.UNKNOWN if volts is None else f"{volts:.0f}"

    @property
    def current(self) -> str:
        amperes = self.running.current_a if self.running else None
        return figures.UNKNOWN if amperes is None else f"{amperes:.1f}"


def of(station: Station, running: Sequence[ChargingSession]) -> list[EvseCard]:
    """The connectors of a station that came with them; one query for what its meters said last."""
    plugs = [connector for connector in station.connectors.all() if connector.evse_id]
    places = placed(plugs, running)
    readings = _newest([session.pk for session in places.values()])
    skew = timedelta(seconds=station.clock_skew_s or 0)
    return [_card(connector, places.get(connector.pk), readings, skew) for connector in plugs]


def shape_of(cards: Iterable[EvseCard]) -> str:
    """Changes when the cards have to be drawn anew: another connector, session or error."""
    return " ".join(card.shape for card in cards)


def _card(
    connector: Connector, session: ChargingSession | None, readings: Mapping[str, MeterValue], skew: timedelta
) -> EvseCard:
    return EvseCard(
        connector=connector,
        shown=statuses.of_connector(connector, session.charging_state if session else ""),
        running=_running(session, readings.get(session.pk), skew) if session else None,
    )


def placed(plugs: Sequence[Connector], running: Iterable[ChargingSession]) -> dict[int, ChargingSession]:
    """Sessions by the connector they run at. One that names only its EVSE is put where it is occupied."""
    places: dict[int, ChargingSession] = {}
    for session in running:
        of_evse = [plug for plug in plugs if plug.evse_id == session.evse_id]
        named = [plug for plug in of_evse if plug.connector_id == session.connector_id]
        occupied = [plug for plug in of_evse if plug.status == "Occupied"]
        for plug in (named or occupied or of_evse)[:1]:
            places[plug.pk] = session
    return places


def _newest(session_ids: Sequence[str]) -> dict[str, MeterValue]:
    if not session_ids:
        return {}
    of_sessions = MeterValue.objects.filter(session__in=session_ids)
    newest = of_sessions.order_by("session", "-at", "-pk").distinct("session")
    return {value.session: value for value in newest if value.session}


def _running(session: ChargingSession, reading: MeterValue | None, skew: timedelta) -> Running:
    samples = reading.samples if reading else []
    volts = _values(samples, "Voltage")
    amperes = _values(samples, "Current.Import")
    return Running(
        session=session,
        started_at=session.started_at - skew,
        voltage_v=sum(volts) / len(volts) if volts else None,
        current_a=max(amperes) if amperes else None,
        phases=len(amperes),
    )


def _values(samples: Iterable[Mapping[str, Any]], measurand: str) -> list[float]:
    """What was said of a measurand at the outlet, or wherever nobody said where."""
    return [
        float(sample["value"])
        for sample in samples
        if sample["measurand"] == measurand
        and sample["value"] is not None
        and sample["location"] in (None, "Outlet")
    ]
