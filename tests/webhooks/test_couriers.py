"""How couriers follow one another."""

import asyncio
import threading
import time

import pytest
import uvloop
from django.db import connection

from emobi.core import clock, unit_of_work
from tests.web_server import Told, serving
from webhooks import couriers
from webhooks.couriers import Courier
from webhooks.models import Delivery, Endpoint

pytestmark = pytest.mark.django_db(transaction=True)


def asked_apart(question):
    """In a thread, which has a connection of its own."""

    def ask():
        try:
            return question()
        finally:
            connection.close()

    return asyncio.to_thread(ask)


async def until(question):
    end = time.monotonic() + 20
    while not await asked_apart(question):
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def delivered(endpoint):
    return lambda: endpoint.deliveries.filter(state="delivered").count()


def test_the_next_one_takes_over_while_the_first_waits_for_its_last_answers(subscribe, happen):
    may_answer, asked_to_begin, stopping = threading.Event(), threading.Event(), threading.Event()

    def answer(asked):
        if asked.path == "/slow":
            may_answer.wait(20)
        return Told()

    async def both():
        first = Courier(stopping=stopping.is_set, hand_over=asked_to_begin.set, runs_for_s=1.0)
        running = asyncio.create_task(first.run())
        await until(lambda: len(receiver.asked) == 2)
        await until(asked_to_begin.is_set)
        second = Courier(stopping=stopping.is_set, hand_over=lambda: None)
        following = asyncio.create_task(second.run())
        await asked_apart(lambda: happen("alpha"))
        await until(lambda: delivered(fast)() == 2)
        assert not running.done()
        may_answer.set()
        await running
        await until(lambda: delivered(slow)() == 2)
        stopping.set()
        await following

    with serving(answer) as receiver:
        slow, fast = subscribe(f"{receiver.url}/slow"), subscribe(f"{receiver.url}/fast")
        happen("alpha")
        uvloop.run(both())
    assert len(receiver.asked) == 4


def test_where_one_is_at_work_another_isnt(subscribe, happen):
    stopping = threading.Event()

    async def both():
        first = Courier(stopping=stopping.is_set, hand_over=lambda: None)
        running = asyncio.create_task(first.run())
        await until(delivered(endpoint))
        await Courier(stopping=lambda: False, hand_over=lambda: None).run()
        assert not running.done()
        stopping.set()
        await running

    with serving(lambda asked: Told()) as receiver:
        endpoint = subscribe(receiver.url)
        happen("alpha")
        uvloop.run(both())


def test_with_nobody_to_tell_there_is_no_courier(subscribe):
    subscribe("http://127.0.0.1:9/")
    Endpoint.objects.update(enabled=False)
    uvloop.run(Courier(stopping=lambda: False, hand_over=lambda: None).run())


def test_it_is_woken_by_what_happens_and_by_what_is_to_be_delivered_again(subscribe, happen, monkeypatch):
    """It would look by itself only after minutes."""
    monkeypatch.setattr(couriers, "LOOK_EVERY_S", 300.0)
    stopping = threading.Event()

    def again():
        Delivery.objects.update(state="pending", next_attempt_at=clock.wall())
        with unit_of_work.begin() as work:
            work.nudge("webhooks")

    async def both():
        running = asyncio.create_task(Courier(stopping=stopping.is_set, hand_over=lambda: None).run())
        await until(delivered(endpoint))
        await asked_apart(lambda: happen("bravo"))
        await until(lambda: delivered(endpoint)() == 2)
        await asked_apart(again)
        await until(lambda: len(receiver.asked) == 4)
        stopping.set()
        await running

    with serving(lambda asked: Told()) as receiver:
        endpoint = subscribe(receiver.url)
        happen("alpha")
        uvloop.run(both())


def test_a_webhook_may_be_deleted_while_it_is_told(subscribe, happen, deliver):
    may_answer = threading.Event()

    def answer(asked):
        may_answer.wait(20)
        return Told(500)

    def delete():
        if not receiver.asked:
            return False
        Endpoint.objects.filter(pk=gone.pk).delete()
        may_answer.set()
        return stays.deliveries.filter(attempts=1).exists()

    with serving(answer) as receiver:
        gone, stays = subscribe(receiver.url), subscribe(receiver.url)
        happen("alpha")
        assert deliver(delete)
    assert not Delivery.objects.filter(endpoint=gone.pk).exists()
