"""Twisted's reactor for the charger ports: asyncio's, on a uvloop event loop.

Imported before ``daphne.server``, which keeps an asyncio reactor that it finds and else installs one on the
slower plain loop. Django's app ``daphne`` imports that too, so that a gateway process imports this module
before it sets Django up. One that comes too late still works, on the loop that it finds.
"""

# mypy: allow-untyped-calls
# (Twisted is annotated only in parts.)

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import uvloop
from twisted.internet import asyncioreactor


def _straight(_logger: object, read_or_write: Callable[..., None], *arguments: object) -> None:
    read_or_write(*arguments)


# Before each reading Twisted notes for its own log whose turn it is, which nobody asks it: two fifths of what
# is between a socket that can be read and its protocol.
vars(asyncioreactor)["callWithLogger"] = _straight

if "twisted.internet.reactor" not in sys.modules:
    asyncioreactor.install(uvloop.new_event_loop())

# A process that stood still (starved, or its machine was) runs its timers before it reads what has arrived
# meanwhile. Whoever is about to be given up is looked at once more after this time, when that has been read.
LAST_LOOK_S = 0.1

REACTOR: Any = sys.modules["twisted.internet.reactor"]
LOOP: asyncio.AbstractEventLoop = REACTOR._asyncioEventloop
