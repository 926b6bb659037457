"""Looks every few seconds whether all parts of Emobi are there, and tells the live pages of this process.

One look serves all pages: none asks for itself. It runs in a thread of its own, since a database that hangs
holds whoever asks it.
"""

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import ExpressionWrapper, F, Max
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce

from dashboard.live import hub, own_trouble
from dashboard.live.own_trouble import Seen
from emobi.core import clock, heard, metric_snapshots
from stations import selectors
from stations.models import GatewayProcess

log = logging.getLogger(__name__)

EVERY_S = 5.0
PARTS = (heard.BEAT, heard.OPERATE, heard.DELIVER)
BEHIND = "emobi_commits_behind_seconds"


class Watch:
    """Remembers since when what is away has been away."""

    def __init__(self) -> None:
        self._began = clock.wall()
        self._database_away: datetime | None = None
        self._redis_away: datetime | None = None

    def look(self) -> Seen:
        """Ask the database and Redis, two queries and two trips; each may be away."""
        now = clock.wall()
        lives, last = True, None
        try:
            lives, last = _gateways_anew()
            self._database_away = None
        except DatabaseError as failure:
            connection.close()
            self._database_away = self._database_away or now
            log.warning("the database doesn't answer: %s", failure)
        known: Mapping[str, datetime | None] = {}
        behind: Mapping[str, float] = {}
        try:
            known = heard.last(PARTS)
            behind = _behind()
            self._redis_away = None
        except redis.RedisError as failure:
            self._redis_away = self._redis_away or now
            log.warning("Redis doesn't answer: %r", failure)
        return Seen(
            began=self._began,
            database_away=self._database_away,
            redis_away=self._redis_away,
            gateway_lives=lives,
            gateway_heard=last,
            heard=known,
            behind_s=behind,
        )


def _gateways_anew() -> tuple[bool, datetime | None]:
    """As `_gateways`; that a restarted database has closed our connection doesn't make it away."""
    try:
        return _gateways()
    except DatabaseError:
        connection.close()
        return _gateways()


def _gateways() -> tuple[bool, datetime | None]:
    """Whether one lives; if none does, when the last one was heard last."""
    lives = selectors.live_gateways() > 0
    return lives, None if lives else _gateway_heard()


def _gateway_heard() -> datetime | None:
    """When the last gateway process said goodbye, or renewed its lease last."""
    renewed = ExpressionWrapper(
        F("lease_until") - timedelta(seconds=settings.EMOBI_LEASE_S), output_field=DateTimeField()
    )
    found: datetime | None = GatewayProcess.objects.aggregate(last=Max(Coalesce("stopped_at", renewed)))[
        "last"
    ]
    return found


def _behind() -> dict[str, float]:
    return {
        process: figure["value"]
        for process, figures in metric_snapshots.of_all().items()
        for figure in figures
        if figure["name"] == BEHIND and figure["value"] is not None
    }


async def watch() -> None:
    """Look again and again; never returns."""
    loop = asyncio.get_running_loop()
    found = Watch()
    thread = ThreadPoolExecutor(1, "own-watch")
    while True:
        own_trouble.begin(clock.wall())
        looking = loop.run_in_executor(thread, found.look)
        while not (await asyncio.wait({looking}, timeout=own_trouble.LOOK_S / 2))[0]:
            await _tell()
        try:
            own_trouble.end(looking.result(), clock.wall())
        except Exception:  # the next look may go well
            log.exception("not looked whether all parts are there")
        await _tell()
        await asyncio.sleep(EVERY_S)


async def _tell() -> None:
    try:
        await hub.here().tell_of_ourselves()
    except Exception:  # a tab that closes meanwhile mustn't end the watch
        log.exception("live pages weren't told what is away")
