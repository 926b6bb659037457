"""A courier's side to the database: all of it in one thread, with one connection that holds its claims."""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from django.db import connection

from emobi.core import claims, clock
from webhooks import retry
from webhooks.lanes import Lane, View
from webhooks.models import Delivery, Endpoint
from webhooks.services import endpoints, parking, queueing

log = logging.getLogger(__name__)

# One courier at a time takes up endpoints; one that comes to its end may still wait for its last answers.
SEAT = "webhooks"

# How often endpoints are read again: new ones, changed ones, those that are gone.
REFRESH_EVERY_S = 1.0
# An endpoint whose rows can't be worked with is left alone for so long.
RESTS_S = 60.0


class Ledger:
    """The endpoints that a courier has claimed."""

    def __init__(self) -> None:
        self.lanes: dict[str, Lane] = {}
        self._refresh_at = 0.0

    def open(self) -> bool:
        """Whether there is anything to do, and nobody who does it."""
        return Endpoint.objects.filter(enabled=True).exists() and claims.take(SEAT)

    def turn(self, views: Sequence[View]) -> tuple[list[list[Delivery]], bool]:
        """Write what came back, see what happened, read what goes next.

        Returns:
            Of each view, what its lane may send after what it has; and whether there is more to do at once.
        """
        self._settle(views)
        news = time.monotonic() >= self._refresh_at and self._refresh(views)
        lanes = [lane for lane in self.lanes.values() if not lane.closing]
        more = self._fan_out(lanes)
        return [[] if view.lane.closing else self._read(view) for view in views], more or news

    def let_go(self, views: Sequence[View]) -> None:
        """Write what came back, and give back the endpoints that nothing is on its way to."""
        self._settle(views)
        for view in views:
            if view.idle:
                self._give_back(view.lane)

    def leave_seat(self) -> None:
        """Another one may begin to claim endpoints."""
        claims.give_back(SEAT)

    def close(self) -> None:
        """End the connection, and all claims with it."""
        connection.close()

    def _settle(self, views: Sequence[View]) -> None:
        for view in views:
            if view.settled:
                endpoint = view.lane.endpoint
                self._guarded(view.lane, partial(parking.settle, endpoint, view.settled), otherwise=None)
                view.lane.closing |= not endpoint.enabled

    def _fan_out(self, lanes: Sequence[Lane]) -> bool:
        newest = queueing.newest(lane.endpoint for lane in lanes)
        more = False
        for lane in lanes:
            if not _rests(lane):
                last = newest.get(lane.endpoint.network_id, 0)
                more |= self._guarded(lane, partial(queueing.fan_out, lane.endpoint, last), otherwise=False)
        return more

    def _guarded[T](self, lane: Lane, work: Callable[[], T], *, otherwise: T) -> T:
        """What goes wrong with one endpoint, whatever it is, isn't to stop the others."""
        try:
            return work()
        except parking.AWAY:
            raise
        except Exception:
            log.exception("webhook %s is left alone for %g s", lane.endpoint.pk, RESTS_S)
            lane.rests_until = time.monotonic() + RESTS_S
            return otherwise

    def _refresh(self, views: Sequence[View]) -> bool:
        """Read the endpoints; whether there are new ones."""
        self._refresh_at = time.monotonic() + REFRESH_EVERY_S
        rows = {row.pk: row for row in Endpoint.objects.filter(enabled=True).select_related("network")}
        for view in views:
            row = rows.pop(view.lane.endpoint.pk, None)
            if row is not None:
                view.lane.endpoint, view.lane.closing = row, False
                self._guarded(view.lane, partial(endpoints.review_waiting, row, clock.now()), otherwise=None)
            elif view.idle and view.lane.closing:
                self._give_back(view.lane)
            else:
                view.lane.closing = True
        new = [row for row in rows.values() if claims.take(row.pk)]
        for row in new:
            lane = self.lanes[row.pk] = Lane(row)
            self._guarded(lane, partial(queueing.release_stranded, row), otherwise=None)
        return bool(new)

    def _give_back(self, lane: Lane) -> None:
        claims.give_back(lane.endpoint.pk)
        del self.lanes[lane.endpoint.pk]

    def _read(self, view: View) -> list[Delivery]:
        until = view.lane.endpoint.not_before
        if view.room <= 0 or _rests(view.lane) or (until is not None and clock.now() < until):
            return []
        return self._guarded(view.lane, partial(self._found, view), otherwise=[])

    def _found(self, view: View) -> list[Delivery]:
        found = parking.next_ones(view.lane.endpoint, but=view.busy, limit=view.room)
        return found or self._probe(view)

    def _probe(self, view: View) -> list[Delivery]:
        """To a receiver that is away, one delivery before its time: is it back?"""
        lane, now = view.lane, clock.now()
        since = lane.endpoint.failing_since
        if since is None or now - since < retry.AWAY_AFTER or view.busy or time.monotonic() < lane.probe_at:
            return []
        lane.probe_at = time.monotonic() + retry.PROBE_EVERY_S
        due_at = queueing.next_due_at(lane.endpoint)
        if due_at is None or due_at <= now + timedelta(seconds=retry.PROBE_EVERY_S):
            return []
        return parking.next_ones(lane.endpoint, but=view.busy, limit=1, early=True)


def _rests(lane: Lane) -> bool:
    return lane.rests_until > time.monotonic()
