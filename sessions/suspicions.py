"""What can be wrong with a charging session, in the words that people read.

Some follow from its columns and go away when the missing part comes (`following`); the others were seen in a
message and stay, but for that more waits: that goes when the station says otherwise, or all has come.
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from sessions import sequence_numbers
from sessions.models import ChargingSession, SessionState

# Cars stand for weeks at an airport; beyond this, more likely, the station's clock was set meanwhile.
LONGEST = timedelta(days=31)


class Suspicion(StrEnum):
    """A reason to look at a session before it is billed."""

    NO_START = "its start never came"
    NO_ENERGY = "its energy isn't known"
    STOP_BELOW_START = "its meter stopped below its start"
    TIMES_BACKWARDS = "it ended before it started"
    TOO_LONG = "it lasted longer than a month"
    PARTS_MISSING = "parts of it haven't come"
    METER_WENT_BACK = "its meter went back"
    NO_CLOCK = "its station told no time of its start or end, so ours is taken"
    IMPOSSIBLE_VALUE = "it held a value that can't be"
    SECOND_END = "its station ended it again, with other figures"
    NO_NUMBER = "its end named no transaction and was taken for it"
    LOST = "its station went on without ending it"
    MORE_WAITS = "its station says that messages of it still wait"


FOLLOWING = frozenset(
    {
        Suspicion.NO_START,
        Suspicion.NO_ENERGY,
        Suspicion.STOP_BELOW_START,
        Suspicion.TIMES_BACKWARDS,
        Suspicion.TOO_LONG,
        Suspicion.PARTS_MISSING,
        Suspicion.LOST,
    }
)


def note(session: ChargingSession, *seen: Suspicion) -> None:
    """Note what was seen in a message."""
    _keep(session, {*session.suspect, *seen})


def drop(session: ChargingSession, suspicion: Suspicion) -> None:
    """Note that this is no longer so."""
    _keep(session, set(session.suspect) - {suspicion})


def review(session: ChargingSession) -> None:
    """Note what follows from the session's columns, and drop what follows no longer."""
    gone = FOLLOWING | {Suspicion.MORE_WAITS} if _is_whole(session) else FOLLOWING
    _keep(session, {*set(session.suspect) - gone, *following(session)})


def following(session: ChargingSession) -> Iterable[Suspicion]:
    """What is wrong with the session as its columns are now."""
    started = session.start_key is not None
    if not started:
        yield Suspicion.NO_START
    if session.state == SessionState.LOST:
        yield Suspicion.LOST
    if session.state != SessionState.ACTIVE and session.energy_wh is None:
        yield Suspicion.NO_ENERGY
    start, stop = session.meter_start_wh, session.meter_stop_wh
    if start is not None and stop is not None and stop < start:
        yield Suspicion.STOP_BELOW_START
    if started and session.ended_at is not None and session.ended_at < session.started_at:
        yield Suspicion.TIMES_BACKWARDS
    if started and session.ended_at is not None and session.ended_at - session.started_at > LONGEST:
        yield Suspicion.TOO_LONG
    if _is_whole(session) is False:
        yield Suspicion.PARTS_MISSING


def _is_whole(session: ChargingSession) -> bool | None:
    """Whether every part has come, by their numbers; None while its first or last one isn't known."""
    first, last = session.seq_first, session.seq_last
    if first is None or last is None:
        return None
    return sequence_numbers.complete(session.seq_seen, first, last)


def _keep(session: ChargingSession, suspect: Iterable[str]) -> None:
    # Sorted: the same parts in another order make the same session.
    session.suspect = sorted(map(str, suspect))
