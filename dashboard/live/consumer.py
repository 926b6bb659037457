"""The WebSocket of a live page: one a tab. It says what it shows; the hub sends what changes of it.

→ {"sub": ["fleet", "station:CP001"]}
← {"v": 1, "seq": 7, "t": "…Z", "rows": {"station:CP001": {"kw": "47.8"}}, "kpi": {…}, "log": {…}}
"""

import asyncio
import logging
from importlib import import_module
from typing import Any, override
from urllib.parse import parse_qs

import orjson
from channels.auth import get_user
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.db import DatabaseError

from dashboard import access, presence
from dashboard.access import Access
from dashboard.live import hub, live_values

log = logging.getLogger(__name__)

_sessions = import_module(settings.SESSION_ENGINE)

# Why a page is told to stop trying.
SIGNED_OUT = 4401
NOT_A_MEMBER = 4403
UNREADABLE = 4400
# And why it is to try again: the database doesn't say who looks.
TRY_AGAIN_LATER = 1013

CHECK_EVERY_S = 30.0
# A page of the list shows a hundred stations.
MOST_TOPICS = 500
LONGEST_MESSAGE = 64_000


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels comes without types
    """One tab."""

    # It receives nothing by the channel layer: no subscription, and no need of Redis to connect.
    channel_layer_alias = ""

    @override
    async def connect(self) -> None:
        self._tab: hub.Tab | None = None
        await self.accept()
        found = await self._access_or_none()
        if found is None or isinstance(found, int):
            await self.close(found or TRY_AGAIN_LATER)
            return
        self._network = found.network
        self._is_wall = found.wall
        self._tab = hub.Tab(self._send)
        self._feed = hub.here().add(self._network, self._tab)
        self._guard = asyncio.create_task(self._watch_access())

    @override
    async def disconnect(self, code: int) -> None:
        if self._tab is not None:
            self._guard.cancel()
            hub.here().remove(self._network, self._tab)

    @override
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        topics = _topics(text_data or "")
        if topics is None:
            await self.close(UNREADABLE)
        elif self._tab is not None:
            self._tab.show(frozenset(filter(live_values.is_on_walls, topics)) if self._is_wall else topics)
            self._feed.wake()

    async def _send(self, text: str) -> None:
        await self.send(text_data=text)

    async def _watch_access(self) -> None:
        """Close the page of someone who signed out elsewhere, or is a member no longer."""
        while True:
            await asyncio.sleep(CHECK_EVERY_S)
            found = await self._access_or_none()
            if isinstance(found, int):
                await self.close(found)
                return

    async def _access_or_none(self) -> Access | int | None:
        """As `_access`; None while the database is away, which says nothing of whoever looks."""
        try:
            return await self._access()
        except DatabaseError as failure:
            log.warning("not known who looks at a live page: %s", failure)
            return None

    async def _access(self) -> Access | int:
        """What may be seen here; else the code to close with."""
        key = self.scope["session"].session_key
        # A session of its own: the scope's remembers what it once read.
        user = await get_user({"session": _sessions.SessionStore(key)})
        query = parse_qs(self.scope["query_string"].decode("ascii", "replace"))
        slug = query.get("network", [""])[0]
        if user.is_authenticated:
            await database_sync_to_async(presence.note)(key or "")
            return await database_sync_to_async(access.strictly)(user, slug) or NOT_A_MEMBER
        wall = await database_sync_to_async(_wall)(key)
        return wall if wall is not None and wall.network.slug == slug else SIGNED_OUT


def _wall(session_key: str | None) -> Access | None:
    return access.of_wall(_sessions.SessionStore(session_key).get(access.WALL_KEY))


def _topics(text: str) -> frozenset[str] | None:
    """The topics that a page subscribes to; None if that isn't what it said."""
    if len(text) > LONGEST_MESSAGE:
        return None
    try:
        message: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    match message:
        case {"sub": [*topics]} if len(topics) <= MOST_TOPICS:
            # PostgreSQL can't even be asked for a NUL.
            return frozenset(each for each in topics if isinstance(each, str) and "\0" not in each)
        case _:
            return None
