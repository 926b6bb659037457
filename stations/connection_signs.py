"""What a station's last days tell of how it bears pings, compression and CALLs: evidence for quirk flags.

Its events tell how each socket ended and when it booted, its commands when each was sent and whether an
answer came. What leaves no trace there, such as a station that reboots silently, isn't found.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from emobi.core.models import Event
from stations.models import Command, CommandState, Station

# Of each station so many of its newest events and commands are looked at.
MOST_EVENTS, MOST_COMMANDS = 2_000, 300
# After its boot a station may be busy with itself for so long.
AFTER_BOOT = timedelta(seconds=30)
# A CALL that comes on the heels of an answer.
AT_ONCE = timedelta(seconds=1)
# Opening, closing and the network take some time of their own.
SLACK_S = 5.0

# How a socket ended that was given up because no ping was answered (`gateway.station_socket`).
SILENT = "nothing heard, not even an answer to a ping"
# Of a frame that can't be inflated; not of one that is compressed though nothing was agreed on, which happens
# whatever we agree to.
_COMPRESSION = re.compile(r"(?!.*no extension negotiated).*(?:compress|deflate|inflate)", re.IGNORECASE)
_BROKEN = (1002, 1007)

_ANSWERED = (CommandState.ACCEPTED, CommandState.SCHEDULED, CommandState.REJECTED, CommandState.FAILED)


@dataclass(frozen=True, kw_only=True)
class Signs:
    """How often each was seen, by what came of it.

    Attributes:
        unanswered_pings: Sockets that were given up at our first ping: nothing at all was heard after it.
        dropped_at_ping: Sockets that the station left right after our first ping.
        broken_compression: Sockets that ended with a frame that couldn't be inflated, on either side.
        after_boot: CALLs soon after a boot: never answered, and answered.
        in_a_row: CALLs on the heels of an answer: never answered, and answered.
    """

    unanswered_pings: int = 0
    dropped_at_ping: int = 0
    broken_compression: int = 0
    after_boot: tuple[int, int] = (0, 0)
    in_a_row: tuple[int, int] = (0, 0)


def of(station: Station) -> Signs:
    """What was seen of a station lately; two queries."""
    ended, booted = _events(station)
    pings = settings.EMOBI_PING_INTERVAL_S
    after_boot, in_a_row = _calls(_sent(station), booted)
    return Signs(
        unanswered_pings=sum(
            each["reason"] == SILENT and each["connected_s"] <= 2 * pings + SLACK_S for each in ended
        ),
        dropped_at_ping=sum(
            each["reason"] != SILENT and 0 < pings <= each["connected_s"] <= pings + SLACK_S for each in ended
        ),
        broken_compression=sum(
            each["code"] in _BROKEN and _COMPRESSION.match(each["reason"]) is not None for each in ended
        ),
        after_boot=after_boot,
        in_a_row=in_a_row,
    )


def _events(station: Station) -> tuple[Sequence[dict[str, Any]], Sequence[datetime]]:
    """How its sockets ended, and when it booted."""
    newest = Event.objects.filter(network=station.network_id, station=station.identity).order_by("-sequence")
    wanted = Event.objects.filter(
        pk__in=newest.values("pk")[:MOST_EVENTS], type__in=("station.disconnected", "station.booted")
    )
    ended: list[dict[str, Any]] = []
    booted = []
    for kind, time, data in wanted.values_list("type", "time", "data"):
        if kind == "station.booted":
            booted.append(time)
        else:
            ended.append(data)
    return ended, sorted(booted)


type _Call = tuple[datetime, datetime, str]


def _sent(station: Station) -> Sequence[_Call]:
    """When its commands were sent, when each ended, and how; the oldest first."""
    sent = Command.objects.filter(station=station, sent_at__isnull=False, ended_at__isnull=False)
    newest = sent.order_by("-pk").values_list("sent_at", "ended_at", "state")[:MOST_COMMANDS]
    return sorted((sent_at, ended_at, state) for sent_at, ended_at, state in newest if sent_at and ended_at)


def _calls(sent: Sequence[_Call], booted: Sequence[datetime]) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of CALLs soon after a boot, and of others on the heels of an answer: never answered, and answered."""
    after_boot, in_a_row = [0, 0], [0, 0]
    for answered_at, sent_at, state in _with_the_answer_before(sent):
        if state not in (CommandState.UNKNOWN, *_ANSWERED):
            continue
        answered = int(state in _ANSWERED)
        if any(timedelta() <= sent_at - boot <= AFTER_BOOT for boot in booted):
            after_boot[answered] += 1
        elif answered_at is not None and timedelta() <= sent_at - answered_at <= AT_ONCE:
            in_a_row[answered] += 1
    return (after_boot[0], after_boot[1]), (in_a_row[0], in_a_row[1])


def _with_the_answer_before(sent: Sequence[_Call]) -> Iterator[tuple[datetime | None, datetime, str]]:
    answered_at: datetime | None = None
    for sent_at, ended_at, state in sent:
        yield answered_at, sent_at, state
        answered_at = ended_at if state in _ANSWERED else None
