"""What makes a charging session worth a look: each flag as a condition of rows and of one session."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from sessions.models import ChargingSession, SessionState
from sessions.suspicions import Suspicion

DAY = timedelta(days=1)
# So long a session may be without its first reading: many send one every quarter of an hour.
SILENT = timedelta(minutes=20)


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag.

    Attributes:
        word: What it is called.
        condition: Which rows have it, at a moment by our clock.
        holds: Whether a session has it then.
    """

    word: str
    condition: Callable[[datetime], Q]
    holds: Callable[[ChargingSession, datetime], bool]


def _suspected(
    suspicion: Suspicion,
) -> tuple[Callable[[datetime], Q], Callable[[ChargingSession, datetime], bool]]:
    word = suspicion.value
    return (lambda now: Q(suspect__contains=[word]), lambda session, now: word in session.suspect)


def _no_readings(now: datetime) -> Q:
    return Q(meter_last_at=None) & (~Q(state=SessionState.ACTIVE) | Q(received_at__lt=now - SILENT))


def _has_no_readings(session: ChargingSession, now: datetime) -> bool:
    is_over = session.state != SessionState.ACTIVE
    return session.meter_last_at is None and (is_over or now - session.received_at > SILENT)


def _long(now: datetime) -> Q:
    runs = Q(ended_at=None, state=SessionState.ACTIVE, started_at__lt=now - DAY)
    return runs | Q(ended_at__gt=F("started_at") + DAY)


def _is_long(session: ChargingSession, now: datetime) -> bool:
    if session.ended_at is None:
        return session.state == SessionState.ACTIVE and now - session.started_at > DAY
    return session.ended_at - session.started_at > DAY


def _zero(now: datetime) -> Q:
    return Q(state=SessionState.ENDED, meter_stop_wh=F("meter_start_wh"))


def _is_zero(session: ChargingSession, now: datetime) -> bool:
    known = session.meter_stop_wh is not None
    return session.state == SessionState.ENDED and known and session.meter_stop_wh == session.meter_start_wh


_BACK, _CLOCK = _suspected(Suspicion.METER_WENT_BACK), _suspected(Suspicion.TIMES_BACKWARDS)

_TOLD: frozenset[str] = frozenset({Suspicion.METER_WENT_BACK.value, Suspicion.TIMES_BACKWARDS.value})

FLAGS: Mapping[str, Flag] = {
    "nometer": Flag(word="no meter values", condition=_no_readings, holds=_has_no_readings),
    "back": Flag(word="energy going back", condition=_BACK[0], holds=_BACK[1]),
    "clock": Flag(word="clock jump", condition=_CLOCK[0], holds=_CLOCK[1]),
    "offline": Flag(
        word="offline", condition=lambda now: Q(offline=True), holds=lambda session, now: session.offline
    ),
    "long": Flag(word="over 24 h", condition=_long, holds=_is_long),
    "zero": Flag(word="zero kWh", condition=_zero, holds=_is_zero),
    "suspect": Flag(
        word="needs a look",
        condition=lambda now: ~Q(suspect=[]),
        # The others say it in words of their own.
        holds=lambda session, now: bool(set(session.suspect) - _TOLD),
    ),
}


def of(session: ChargingSession, now: datetime) -> list[str]:
    """The words of the flags that a session has."""
    return [flag.word for flag in FLAGS.values() if flag.holds(session, now)]
