"""Meter readings: kept, counted into their session, and told."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from emobi.core import clock, events, unit_of_work
from sessions import energy_flow, measurands, plausibility, suspicions
from sessions.measurands import Figures
from sessions.models import ChargingSession, SessionState
from sessions.reports import MeterReading
from sessions.services.meter_values import MeterValues
from sessions.suspicions import Suspicion
from stations.models import Station
from stations.services.registry import deviations

# Meters and stations round registers to tens of Wh, each in its own way: a smaller fall is none.
ROUNDING_WH = 10

# Who had no answer says a reading again after a time-out, or on its next socket: newer ones cost no query.
AT_ONCE = timedelta(seconds=3)

# A time so far ahead of the station's clock, as we know it, is a slip: it tells nothing of which came first.
AHEAD = timedelta(hours=1)

# Where a reading stands in the messages of both versions.
_SAMPLES = "meterValue[].sampledValue[].value"


def take(
    station: Station,
    session: ChargingSession,
    readings: Sequence[MeterReading],
    station_time: datetime | None,
) -> None:
    """Keep the readings of a message as the session's, be it over or not; its samples are one event."""
    meter_values = unit_of_work.current().buffer(MeterValues)
    samples: list[events.Sample] = []
    told: list[Figures] = []
    for reading in filter(_says_anything, readings):
        at = reading.at or clock.now()
        figures = measurands.figures(reading.samples)
        meter_values.add(station.pk, session.id, session.evse_id, at, reading.samples, figures)
        rule = plausibility.of(
            session.meter_last_at, session.meter_last_wh, at, figures.energy_wh, figures.power_w
        )
        if rule is not None:
            deviations.note(station, "", [deviations.Found(_SAMPLES, rule, "kept as it is")])
        told.append(figures)
        _count(session, at, reading, figures, ahead=_ahead(station))
        samples.extend(reading.samples)
    session.flow = energy_flow.after(session.flow, clock.now(), told, since=session.received_at)
    if samples:
        events.record(
            station.subject,
            events.SessionMeterValues(
                evse_id=session.evse_id,
                connector_id=session.connector_id,
                station_time=station_time,
                received_at=clock.now(),
                session_id=session.id,
                transaction_id=session.transaction_id,
                samples=tuple(samples),
            ),
        )


def take_outside(station: Station, evse_id: int | None, readings: Sequence[MeterReading]) -> None:
    """Keep readings that belong to no session; those that a station says again, once."""
    meter_values = unit_of_work.current().buffer(MeterValues)
    readings = [
        reading
        for reading in readings
        if reading.at is None
        or not _is_late(station, reading.at)
        or not meter_values.holds_outside(station.pk, evse_id, reading.at, reading.samples)
    ]
    for reading in filter(_says_anything, readings):
        figures = measurands.figures(reading.samples)
        meter_values.add(station.pk, None, evse_id, reading.at or clock.now(), reading.samples, figures)
    samples = tuple(sample for reading in readings for sample in reading.samples)
    if samples:
        events.record(
            station.subject,
            events.MeterValues(
                evse_id=evse_id or None,
                station_time=newest(readings),
                received_at=clock.now(),
                session_id=None,
                transaction_id=None,
                samples=samples,
            ),
        )


def unknown(
    station: Station, session: ChargingSession, readings: Sequence[MeterReading]
) -> list[MeterReading]:
    """Those of the readings that the session doesn't have yet; a station may send a message again."""
    meter_values = unit_of_work.current().buffer(MeterValues)
    last, ahead = session.meter_last_at, _ahead(station)
    return [
        reading
        for reading in readings
        # What is newer than all we have can't be a repetition, and costs no query.
        if reading.at is None
        or (reading.at <= ahead and (last is None or reading.at > last))
        or not meter_values.holds(session.id, reading.at, reading.samples)
    ]


def _ahead(station: Station) -> datetime:
    """From when on a time of the station's is too far ahead to be one of now."""
    return clock.now() + AHEAD + timedelta(seconds=station.clock_skew_s or 0)


def _is_late(station: Station, at: datetime) -> bool:
    """Whether a reading was taken so long ago that the station may be saying it again."""
    return clock.now() - at + timedelta(seconds=station.clock_skew_s or 0) > AT_ONCE


def newest(readings: Sequence[MeterReading]) -> datetime | None:
    """When the newest was taken, by the station's clock."""
    return max((reading.at for reading in readings if reading.at is not None), default=None)


def register(readings: Sequence[MeterReading], context: str) -> Decimal | None:
    """The register that was read on this occasion."""
    for reading in readings:
        found = measurands.register_of(reading.samples, context)
        if found is not None:
            return found
    return None


def opening_register(readings: Sequence[MeterReading]) -> Decimal | None:
    """The register that a start was sent with."""
    found = register(readings, measurands.BEGIN)
    return _first_register(readings) if found is None else found


def closing_register(readings: Sequence[MeterReading]) -> Decimal | None:
    """The register that an end was sent with."""
    found = register(readings, measurands.END)
    return _first_register(readings[::-1]) if found is None else found


def with_register(
    readings: Sequence[MeterReading], value_wh: Decimal | None, context: str, at: datetime | None
) -> Sequence[MeterReading]:
    """``readings`` with the register of this occasion, which 1.6 says beside them, unless they hold it."""
    if value_wh is None or register(readings, context) is not None:
        return readings
    sample = measurands.register_sample(value_wh, context=context, at=at or clock.now())
    reading = MeterReading(at=at, samples=(sample,))
    return [reading, *readings] if context == measurands.BEGIN else [*readings, reading]


def _says_anything(reading: MeterReading) -> bool:
    return bool(reading.samples)


def _first_register(readings: Sequence[MeterReading]) -> Decimal | None:
    figures = (measurands.figures(reading.samples) for reading in readings)
    return next((found.energy_wh for found in figures if found.energy_wh is not None), None)


def _count(
    session: ChargingSession, at: datetime, reading: MeterReading, figures: Figures, *, ahead: datetime
) -> None:
    """Add a reading to the session's figures, so that the order of readings doesn't matter in the end.

    One whose time is beyond ``ahead`` is the latest when it comes, and until the next one does.
    """
    last = session.meter_last_at
    latest = last is None or at >= last or max(at, last) > ahead
    if latest and at <= ahead:
        session.meter_last_at = at
    if figures.impossible:
        suspicions.note(session, Suspicion.IMPOSSIBLE_VALUE)
    if figures.energy_wh is not None:
        _count_energy(session, figures.energy_wh, reading, latest=latest)
    power, soc = figures.power_w, figures.soc_percent
    if power is not None and session.state == SessionState.ACTIVE and (latest or session.power_w is None):
        session.power_w = power
    # Of a reading that comes late we can't tell which others came before it; but batteries fill.
    if soc is not None and (latest or session.soc_percent is None or soc > session.soc_percent):
        session.soc_percent = soc


def _count_energy(
    session: ChargingSession, energy_wh: Decimal, reading: MeterReading, *, latest: bool
) -> None:
    if session.meter_start_wh is None:
        session.meter_start_wh = measurands.register_of(reading.samples, measurands.BEGIN)
    if session.meter_stop_wh is None and session.state == SessionState.ENDED:
        # Closing values may come after the end.
        session.meter_stop_wh = measurands.register_of(reading.samples, measurands.END)
    lowest = session.meter_start_wh
    if latest and session.meter_last_wh is not None:
        lowest = session.meter_last_wh
    if lowest is not None and energy_wh < lowest - ROUNDING_WH:
        suspicions.note(session, Suspicion.METER_WENT_BACK)
    # A register that drops for one sample, or starts over, takes back nothing.
    if session.meter_last_wh is None or energy_wh > session.meter_last_wh:
        session.meter_last_wh = energy_wh
