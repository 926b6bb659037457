"""What is due by the clock, as far as a gateway process sees to it; on its steward's thread.

Presence and commands it looks after always, for they are its own. Incidents and playbooks are the workers';
it stands in for them while none is heard, for a second of Python here is one in which no frame is read.
"""

import logging
import time
from datetime import timedelta

import redis

from emobi.core import clock, heard
from sessions.services import incident_findings
from stations.services.commanding import bulk_commands, command_ends, following
from stations.services.device_model import reservations
from stations.services.playbooks import runs
from stations.services.presence import liveness
from stations.services.trust import access_changes

log = logging.getLogger(__name__)

# Workers do their sweeps every few seconds, and note it. Who isn't heard for so long is taken for away.
AWAY_AFTER = timedelta(seconds=20)
# Whether they are is asked no more often.
ASKED_EVERY_S = 5.0
# Presence and commands don't wait long for what is done in their place.
WITHIN_S = 0.5


class Sweeps:
    """The sweeps of one process."""

    def __init__(self) -> None:
        self._stands_in = False
        self._asked_at = float("-inf")
        self._odd = False

    def sweep(self) -> None:
        """Do what is due; safe to do anywhere, any time."""
        command_ends.expire_due()
        bulk_commands.advance()
        # What may come a second late is looked at every other time: it is half of a sweep's Python.
        self._odd = not self._odd
        if self._odd:
            liveness.sweep()
            following.give_up_due()
            reservations.expire_due()
            access_changes.advance_due()
        else:
            liveness.end_graces()  # whose socket ended is shown offline within five seconds
        if self._workers_are_away():
            incident_findings.sweep(within_s=WITHIN_S)
            runs.advance(within_s=WITHIN_S)

    def _workers_are_away(self) -> bool:
        if time.monotonic() - self._asked_at >= ASKED_EVERY_S:
            away = _away()
            if away is not self._stands_in:
                log.info("standing in for workers: %s", "none is heard" if away else "no more")
            self._stands_in, self._asked_at = away, time.monotonic()
        return self._stands_in


def _away() -> bool:
    try:
        heard_at = heard.last([heard.OPERATE])[heard.OPERATE]
    except redis.RedisError:
        # Without it no worker gets a task either.
        return True
    return heard_at is None or clock.wall() - heard_at > AWAY_AFTER
