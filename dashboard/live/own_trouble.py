"""What of Emobi itself is away, what stands still because of it, and since when. No I/O; time is passed in.

Each page shows it in a banner, and its socket tells it what changes of it (`dashboard.live.own_watch` looks).
Only what is known is claimed: of gateways nothing while the database is away, of workers while Redis is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dashboard import figures
from emobi.core import clock, heard

# A part that isn't heard for so long is away. Gateways restart, and workers are busy, for less.
QUIET = timedelta(seconds=30)
# Commits that are later than this are seen by whoever waits for a charger.
LATE_S = 5.0
# A look takes milliseconds. One that hasn't ended after so long waits for a database that hangs.
LOOK_S = 6.0


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One part that is away."""

    part: str
    what: str
    stale: str
    """What is old, or waits, until it is back."""
    since: datetime | None = None
    """By our clock; None where nobody knows."""

    @property
    def values(self) -> dict[str, str | None]:
        """As a live page gets it."""
        return {
            "part": self.part,
            "what": self.what,
            "stale": self.stale,
            "since": clock.iso(self.since),
        }


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What one look found.

    Attributes:
        began: When this process looked first: what it has never heard it misses from then on.
        database_away: Since when the database hasn't answered; None if it does. So is ``redis_away``.
        gateway_lives: Whether a gateway process has a lease that holds.
        gateway_heard: When the last of those that were was heard last; None if there never was one.
        heard: As `emobi.core.heard` knows them.
        behind_s: By gateway process, for how long the oldest of what it has to write waits.
    """

    began: datetime
    database_away: datetime | None = None
    redis_away: datetime | None = None
    gateway_lives: bool = True
    gateway_heard: datetime | None = None
    heard: Mapping[str, datetime | None] = field(default_factory=dict)
    behind_s: Mapping[str, float] = field(default_factory=dict)


def judge(seen: Seen, now: datetime) -> Sequence[Trouble]:
    """What is away, the worst first."""
    found: list[Trouble] = []
    if seen.database_away is not None:
        found.append(
            Trouble(
                part="database",
                what="The database doesn't answer",
                stale="What is shown is from before, and nothing can be changed. Stations are told to come "
                "back, and say again what they said meanwhile.",
                since=seen.database_away,
            )
        )
    else:
        found += _of_gateways(seen, now)
    if seen.redis_away is not None:
        found.append(
            Trouble(
                part="redis",
                what="Redis doesn't answer",
                stale="Live figures come every few seconds only; webhooks, e-mails and the uptime ledger "
                "wait. Nothing is lost.",
                since=seen.redis_away,
            )
        )
    else:
        found += _of_workers(seen, now)
        found += [_behind(name, seconds, now) for name, seconds in seen.behind_s.items() if seconds > LATE_S]
    return found


def _of_gateways(seen: Seen, now: datetime) -> Sequence[Trouble]:
    quiet_since = seen.gateway_heard or seen.began
    if seen.gateway_lives or now - quiet_since < QUIET:
        return ()
    stale = "No station can connect, and what is shown of them is from before."
    return (Trouble(part="gateway", what="No gateway process runs", stale=stale, since=seen.gateway_heard),)


_WORKERS = {
    heard.OPERATE: (
        "No worker takes tasks of the queue operate",
        "Firmware campaigns and running costs wait.",
    ),
    heard.DELIVER: (
        "No worker takes tasks of the queue deliver",
        "Webhooks, e-mails and certificates wait.",
    ),
}
_ALL_WAIT = (
    "Webhooks, e-mails, certificates, firmware campaigns and the uptime ledger wait; incidents and playbooks "
    "go on in the gateway. Nothing is lost."
)
_SOME_WAIT = (
    "Firmware campaigns and running costs wait; webhooks, e-mails, certificates and the uptime ledger go on "
    "every 20 s, incidents and playbooks in the gateway. Nothing is lost."
)


def _of_workers(seen: Seen, now: datetime) -> Sequence[Trouble]:
    quiet = {part for part, at in seen.heard.items() if now - (at or seen.began) >= QUIET}
    # Without beat workers are asked only by themselves, for what waits in the queue deliver.
    if heard.BEAT in quiet:
        stale = _ALL_WAIT if heard.DELIVER in quiet else _SOME_WAIT
        return (Trouble(part="beat", what="Beat isn't heard", stale=stale, since=seen.heard[heard.BEAT]),)
    if quiet >= _WORKERS.keys():
        known = [at for part in _WORKERS if (at := seen.heard[part]) is not None]
        since = max(known, default=None)
        return (Trouble(part="worker", what="No worker is heard", stale=_ALL_WAIT, since=since),)
    return [
        Trouble(part=part, what=what, stale=stale, since=seen.heard[part])
        for part, (what, stale) in _WORKERS.items()
        if part in quiet
    ]


def _behind(name: str, seconds: float, now: datetime) -> Trouble:
    return Trouble(
        part=f"behind-{name}",
        what=f"{name} writes late by {figures.duration(seconds)}",
        stale="Messages, states and what stations are answered come late.",
        since=now - timedelta(seconds=seconds),
    )


# What was found by the look that ended last, and until when it speaks for now.
_last: tuple[Seen, Sequence[Trouble], datetime] | None = None
_looking_since: datetime | None = None


def begin(now: datetime) -> None:
    """A look begins."""
    global _looking_since
    _looking_since = now


def end(seen: Seen, now: datetime) -> None:
    """A look has ended with this."""
    global _last, _looking_since
    _last, _looking_since = (seen, judge(seen, now), now), None


def current(now: datetime | None = None) -> Sequence[Trouble]:
    """What is away as far as this process knows; it asks nobody. Who never looks knows of nothing."""
    now = now or clock.wall()
    if _looking_since is not None and (now - _looking_since).total_seconds() > LOOK_S:
        return judge(Seen(began=_looking_since, database_away=_looking_since), now)
    return _last[1] if _last is not None else ()


def forget() -> None:
    """Know of nothing, as before the first look."""
    global _last, _looking_since
    _last = _looking_since = None
