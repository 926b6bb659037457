"""What a worker has itself done, beside what beat asks for: a lost beat is to delay webhooks, letters,
certificates and the uptime ledger by some seconds, and lose nothing.

In the worker's main process, between its other work. Tasks of the queue `operate` aren't among them: the
gateway processes do what is urgent of those as long as that queue isn't heard (`gateway.sweeps`).
"""

import logging
from typing import Any

from celery.exceptions import OperationalError

log = logging.getLogger(__name__)

# Less than after what the dashboard takes a queue for abandoned.
EVERY_S = 20.0
TASKS = (
    "webhooks.tasks.deliver",
    "stations.tasks.tell_people",
    "stations.tasks.sign_certificates",
    "stations.tasks.write_outages",
)

_entries: list[Any] = []


def begin(sender: Any, **_: object) -> None:  # noqa: ANN401 - Celery's consumer, which isn't typed
    """Ask at once, and from now on: the worker is connected, for the first time or again."""
    while _entries:
        sender.timer.cancel(_entries.pop())
    _ask(sender.app)
    _entries.append(sender.timer.call_repeatedly(EVERY_S, _ask, (sender.app,)))


def _ask(app: Any) -> None:  # noqa: ANN401 - as above
    for name in TASKS:
        try:
            # None that waits is asked for twice: by the next time it has begun, or is dropped.
            app.send_task(name, expires=EVERY_S, retry=False)
        except OperationalError as away:
            log.warning("%s not asked for: %s", name, away)
            return
