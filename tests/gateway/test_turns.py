"""One at a time of each."""

import asyncio

from gateway.turns import Turns


def test_each_waits_for_the_one_before_and_for_nobody_else():
    async def play():
        turns, order = Turns(), []
        leave = asyncio.Event()

        async def act(who, name):
            async with turns.take(who):
                order.append(name)
                await leave.wait()

        acting = [
            asyncio.create_task(act(*each)) for each in (("a", "a1"), ("a", "a2"), ("a", "a3"), ("b", "b1"))
        ]
        await asyncio.sleep(0)
        first = list(order)
        acting[1].cancel()  # gives up in the line
        leave.set()
        await asyncio.gather(*acting, return_exceptions=True)
        return first, order, len(turns)

    first, order, remembered = asyncio.run(play())
    assert first == ["a1", "b1"]
    assert order == ["a1", "b1", "a3"]
    assert remembered == 0
