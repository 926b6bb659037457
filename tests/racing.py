"""Two who do something at once, each in a transaction of its own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection

from emobi.core import unit_of_work

DEADLINE_S = 20


def race[T](first: Callable[[], object], second: Callable[[], T]) -> Future[T]:
    """Run ``second`` while ``first`` is done but not committed; what ``second`` returns or raises."""
    ready = threading.Event()

    def late() -> T:
        assert ready.wait(DEADLINE_S)
        try:
            return second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(late)
        with unit_of_work.begin() as work:
            first()
            work.flush()
            ready.set()
            until_somebody_waits_for_us()
        return answer


def until_somebody_waits_for_us() -> None:
    deadline = time.monotonic() + DEADLINE_S
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("nobody waits")
