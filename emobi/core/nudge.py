"""Wake-ups between processes. The rows are the truth: a lost nudge costs delay, never data.

A nudge goes to a channel-layer group as ``{"type": "nudge", "group": ..., "about": [...]}``. Groups:

    gateway.NAME     the gateway process of that name: a command waits, or a socket is to be closed
    gateways         all of them
    live.NETWORK_ID  pages and streams of a network; about: ids of stations that changed
    command.ID       whoever waits for that command's end
    webhooks         whoever delivers them: something is to be delivered again
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

log = logging.getLogger(__name__)

# Redis is never waited for longer than this: a partition must not pile up work.
DEADLINE_S = 1.0

_home: asyncio.AbstractEventLoop | None = None


def use_loop(loop: asyncio.AbstractEventLoop) -> None:
    """Send from this process's own event loop; a writer thread then never waits for Redis."""
    global _home
    _home = loop


def send(nudges: Mapping[str, Sequence[str]]) -> None:
    """Wake the groups. Never raises: whoever misses it looks at the rows by itself, a little later."""
    if not nudges:
        return
    if _home is not None and _home.is_running():
        asyncio.run_coroutine_threadsafe(_send(nudges), _home)
    else:
        async_to_sync(_send)(nudges)


async def _send(nudges: Mapping[str, Sequence[str]]) -> None:
    layer = get_channel_layer()
    try:
        async with asyncio.timeout(DEADLINE_S):
            for group, about in nudges.items():
                await layer.group_send(group, {"type": "nudge", "group": group, "about": list(about)})
    except Exception as exc:  # noqa: BLE001 - whatever Redis or its client raises: the rows are the truth
        log.warning("nudge to %s not sent: %r", ", ".join(nudges), exc)


class Listener:
    """Receives the nudges of some groups. While Redis is away it receives none, and joining raises."""

    def __init__(self) -> None:
        self._layer = get_channel_layer()
        self._channel = ""
        self._joined = False
        self._next: asyncio.Future[Mapping[str, Any]] | None = None

    @property
    def joined(self) -> bool:
        """Whether any nudge can come."""
        return self._joined

    async def join(self, *groups: str) -> None:
        """Receive the nudges of these groups from now on."""
        # Known from now on: `close` has to give it up, whatever becomes of the rest.
        self._channel = self._channel or await self._layer.new_channel("nudge")
        for group in groups:
            await self._layer.group_add(group, self._channel)
        self._joined = True

    async def wait(self, timeout_s: float | None = None) -> Mapping[str, Any] | None:
        """The next nudge; None when none comes in time."""
        if not self._joined:
            await asyncio.sleep(DEADLINE_S if timeout_s is None else timeout_s)
            return None
        # A cancelled receive gives its channel up, so that one is kept from call to call.
        if self._next is None:
            self._next = asyncio.ensure_future(self._layer.receive(self._channel))
        done, _ = await asyncio.wait({self._next}, timeout=timeout_s)
        if not done:
            return None
        received, self._next = self._next, None
        return received.result()

    async def close(self, *groups: str) -> None:
        """Leave these groups, and receive nothing any more."""
        if not self._channel:
            return
        leaving = [self._layer.group_discard(group, self._channel) for group in groups]
        try:
            async with asyncio.timeout(DEADLINE_S):
                # At once: what the layer keeps of a channel it drops before it waits for Redis.
                await asyncio.gather(self._give_up(), *leaving)
        except Exception as exc:  # noqa: BLE001 - as above; what Redis forgot needs no leaving
            log.warning("%s not left: %r", ", ".join(groups), exc)

    async def _give_up(self) -> None:
        """Have the layer forget the channel, which it does when a receive is cancelled that waits."""
        while True:
            receive = self._next or asyncio.ensure_future(self._layer.receive(self._channel))
            self._next = None
            # It begins; where a nudge has come it ends at once with that, and cancelling it does nothing.
            await asyncio.sleep(0)
            receive.cancel()
            await asyncio.wait({receive})
            if receive.cancelled():
                return
            receive.result()


@asynccontextmanager
async def listening(*groups: str) -> AsyncIterator[Listener]:
    """Listen to some groups for as long as the block lasts; without Redis, to nothing."""
    listener = Listener()
    try:
        async with asyncio.timeout(DEADLINE_S):
            await listener.join(*groups)
    except Exception as exc:  # noqa: BLE001 - whatever Redis or its client raises: the rows are the truth
        log.warning("no nudges from %s: %r", ", ".join(groups), exc)
    try:
        yield listener
    finally:
        await listener.close(*groups)
