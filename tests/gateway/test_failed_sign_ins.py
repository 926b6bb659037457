"""Failed sign-ins, counted by several processes with one Redis, and without."""

import asyncio

from emobi.core import ulid
from gateway import failed_sign_ins
from gateway.failed_sign_ins import SharedFailures
from gateway.limits import FAILURES, WINDOW_S


def peer():
    """Somebody who has never failed."""
    return ("10.0.0.1", f"grid/{ulid.new()}")


async def fails(process, who, times=1):
    for _ in range(times):
        await process.add(who)


def test_what_another_process_counted_counts_with_the_next_failure():
    async def both(who):
        first, second = SharedFailures(), SharedFailures()
        await fails(first, who, FAILURES - 2)
        await fails(second, who)
        before = (first.wait_s(who), second.wait_s(who))
        await fails(second, who)
        waits = before, second.wait_s(who), second.wait_s(peer())
        await first.close()
        await second.close()
        return waits

    before, wait_s, of_another = asyncio.run(both(peer()))
    assert before == (0, 0)
    assert 0 < wait_s <= WINDOW_S + 1
    assert of_another == 0


def test_without_redis_each_goes_by_its_own_count(settings, monkeypatch):
    settings.REDIS_URL = "redis://127.0.0.1:1"
    warned = []
    monkeypatch.setattr(failed_sign_ins.log, "warning", lambda *said: warned.append(said))

    async def alone(who):
        process = SharedFailures()
        await fails(process, who, FAILURES - 1)
        before = process.wait_s(who)
        await fails(process, who)
        await process.close()
        return before, process.wait_s(who)

    before, wait_s = asyncio.run(alone(peer()))
    assert before == 0
    assert wait_s > 0
    assert len(warned) == 1
