"""A charging session's readings as plots: power with charge and limits, current and voltage of each phase."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from dashboard import plots
from dashboard.charging.session_profiles import Known
from dashboard.plots import Sample, Series, Tone
from emobi.core import clock
from sessions import measurands
from sessions.models import ChargingSession, MeterValue, SessionState

# Beyond that many readings a plot shows the newest.
MOST = 20_000
# A profile's limit is looked for from the start of a session, but no longer back.
LIMIT_BACK = timedelta(hours=24)
AHEAD = timedelta(minutes=5)
_TONES = (Tone.FIRST, Tone.SECOND, Tone.THIRD)


def readings(session: ChargingSession) -> list[MeterValue]:
    """What its meter showed, the oldest first."""
    newest = MeterValue.objects.filter(session=session.pk).order_by("-at", "-pk")[:MOST]
    return list(reversed(newest))


def of(
    session: ChargingSession, values: Sequence[MeterValue], profiles: Known | None
) -> list[plots.LinePlot]:
    """The plots that have something to show; with the limit of the profiles while it runs."""
    runs = session.state == SessionState.ACTIVE
    now = clock.wall()
    window = _window(session, values, now if runs else None)
    found = [_power(session, values, window, now if runs else None, profiles)]
    for caption, measurand, unit in (("Current", "Current.Import", "A"), ("Voltage", "Voltage", "V")):
        series = _by_phase(values, measurand, unit)
        if series:
            found.append(
                plots.LinePlot(
                    caption=f"{caption} by phase" if len(series) > 1 else caption,
                    window=window, series=series, group="session", height=130, finding=_finding(series),
                )
            )  # fmt: skip
    return found


def _window(session: ChargingSession, values: Sequence[MeterValue], now: datetime | None) -> plots.Window:
    moments = [value.at for value in values]
    since = min([session.started_at, *moments[:1]])
    until = max([now + AHEAD if now else session.ended_at or since, *moments[-1:]])
    return plots.Window(
        since=since,
        until=max(until, since + timedelta(minutes=1)),
        zone=timezone.get_current_timezone(),
    )


def _power(
    session: ChargingSession,
    values: Sequence[MeterValue],
    window: plots.Window,
    now: datetime | None,
    profiles: Known | None,
) -> plots.LinePlot:
    power = [(each.at, each.power_w / 1000) for each in values if each.power_w is not None]
    charge = [(each.at, each.soc_percent) for each in values if each.soc_percent is not None]
    series = [Series(name="Power", unit="kW", samples=power, field="power_kw")]
    offered = [
        (at, value / 1000)
        for at, value in _values_of(values, "Power.Offered").get("", ())
        if value is not None
    ]
    if offered:
        series.append(
            Series(name="Offered by the station", unit="kW", samples=offered, step=True, tone=Tone.ENERGY)
        )
    limit = _limit(profiles, window, now) if now and profiles else []
    if limit:
        series.append(
            Series(name="Limit of its profiles", unit="kW", samples=limit, step=True, tone=Tone.LIMIT)
        )
    if charge:
        series.append(
            Series(
                name="State of charge",
                unit="%",
                samples=charge,
                tone=Tone.CHARGE,
                right=True,
                digits=0,
                field="soc",
            )
        )
    return plots.LinePlot(
        caption="Power and state of charge" if charge else "Power",
        window=window, series=series, top=100 if charge else None, now=now, group="session",
        live_key=f"session:{session.pk}" if now else "",
        finding="" if power else "No reading of power has come",
    )  # fmt: skip


def _limit(profiles: Known, window: plots.Window, now: datetime) -> list[Sample]:
    """What the profiles that are known to be at the station now allow, in kW."""
    since = max(window.since, now - LIMIT_BACK)
    composite = profiles.composite(since, max(1, int((window.until - since).total_seconds())))
    periods = [
        (
            since + timedelta(seconds=each.start_period),
            None if each.limit is None else float(each.limit) / 1000,
        )
        for each in composite.periods
    ]
    return periods if any(limit is not None for _, limit in periods) else []


def _by_phase(values: Sequence[MeterValue], measurand: str, unit: str) -> list[Series]:
    """A series a conductor; one for all where the meter doesn't tell them apart."""
    by_line = _values_of(values, measurand)
    # What is between two conductors, or in the neutral one, is told where there is nothing else.
    named = sorted(line for line in by_line if line)
    names = [line for line in named if line in measurands.LINES] or named or list(by_line)
    return [
        Series(name=name or "All", unit=unit, samples=by_line[name], tone=tone)
        for name, tone in zip(names, _TONES, strict=False)
    ]


def _values_of(values: Sequence[MeterValue], measurand: str) -> Mapping[str, list[Sample]]:
    """The readings of a measurand by conductor, at the place that counts most; "" where none is named."""
    read = [
        (_place(sample), sample.get("phase") or "", (value.at, number))
        for value in values
        for sample in value.samples
        if sample.get("measurand") == measurand and (number := _number(sample)) is not None
    ]
    place = min((place for place, _, _ in read), default=0)
    found: dict[str, list[Sample]] = {}
    for at, phase, reading in read:
        if at == place:
            found.setdefault(measurands.LINES.get(phase, phase), []).append(reading)
    return found


def _place(sample: Mapping[str, Any]) -> int:
    """Where it was measured, as a rank: one of them for all of a plot, as each has a voltage of its own."""
    location = sample.get("location") or measurands.DEFAULT_LOCATION
    places = measurands.LOCATIONS
    return places.index(location) if location in places else len(places)


def _number(sample: Mapping[str, Any]) -> float | None:
    value = sample.get("value")
    return float(value) if isinstance(value, int | float | Decimal) else None


def _finding(series: Sequence[Series]) -> str:
    """From 229.1 V to 231.0 V."""
    known = [value for each in series for _, value in each.samples if value is not None]
    return f"From {series[0].words(min(known))} to {series[0].words(max(known))}" if known else ""
