"""What of Emobi itself is away: judged, looked for, drawn, and told to open pages."""

import json
from datetime import UTC, datetime, timedelta

import pytest
import redis
from asgiref.sync import sync_to_async
from celery.signals import task_prerun
from django.conf import settings
from django.db import OperationalError

import emobi.celery  # noqa: F401 — its signals
from dashboard.live import hub, own_trouble, own_watch
from dashboard.live.own_trouble import Seen
from emobi.core import clock, heard
from stations.models import GatewayProcess
from tests.dashboard.test_live import open_page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(minutes=5)
WELL = {"beat": NOW, "operate": NOW, "deliver": NOW}


@pytest.fixture(autouse=True)
def nothing_is_known():
    own_trouble.forget()
    heard._noted.clear()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*(f"emobi:heard:{part}" for part in own_watch.PARTS))
    yield
    own_trouble.forget()


def parts(**seen):
    found = own_trouble.judge(Seen(**{"began": BEFORE, "heard": WELL} | seen), NOW)
    return {each.part: each.since for each in found}


def test_all_is_well():
    assert parts() == {}


def test_of_what_cannot_be_known_nothing_is_claimed():
    away = {"database_away": BEFORE, "gateway_lives": False}
    assert parts(**away) == {"database": BEFORE}
    assert parts(redis_away=BEFORE, heard={}, behind_s={"gateway-1": 60}) == {"redis": BEFORE}


def test_a_gateway_that_restarts_is_not_missed():
    assert parts(gateway_lives=False, gateway_heard=NOW - timedelta(seconds=20)) == {}
    assert parts(gateway_lives=False, gateway_heard=BEFORE) == {"gateway": BEFORE}


def test_what_was_never_heard_is_missed_a_while_after_one_began_to_listen():
    nobody = dict.fromkeys(WELL)
    assert parts(gateway_lives=False, heard=nobody, began=NOW - timedelta(seconds=20)) == {}
    assert parts(gateway_lives=False, heard=nobody) == {"gateway": None, "beat": None}


@pytest.mark.parametrize(
    ("quiet", "missed"),
    [
        ({"deliver"}, {"deliver"}),
        ({"operate", "deliver"}, {"worker"}),
        # Whom nobody asks for anything may be well.
        ({"beat", "operate", "deliver"}, {"beat"}),
    ],
)
def test_what_waits_is_named_by_who_is_not_heard(quiet, missed):
    assert parts(heard=WELL | dict.fromkeys(quiet, BEFORE)) == dict.fromkeys(missed, BEFORE)


def test_late_commits_say_by_how_much():
    late = own_trouble.judge(
        Seen(began=BEFORE, heard=WELL, behind_s={"gateway-1": 12.0, "gateway-2": 1}), NOW
    )
    assert [each.what for each in late] == ["gateway-1 writes late by 12 s"]


def test_a_look_that_does_not_end_is_a_database_that_hangs():
    own_trouble.end(Seen(began=BEFORE, heard=WELL), NOW)
    own_trouble.begin(NOW)
    assert list(own_trouble.current(NOW + timedelta(seconds=2))) == []
    assert [each.part for each in own_trouble.current(NOW + timedelta(seconds=10))] == ["database"]
    own_trouble.end(Seen(began=BEFORE, heard=WELL), NOW)
    assert list(own_trouble.current(NOW + timedelta(seconds=10))) == []


def gateway(**fields):
    now = clock.wall()
    return GatewayProcess.objects.create(
        **{"name": "g", "host": "h", "pid": 1, "lease_until": now + timedelta(seconds=40)} | fields
    )


def test_a_worker_is_heard_as_the_queue_whose_task_it_takes():
    class Task:
        class request:  # noqa: N801 — Celery's name
            delivery_info = {"routing_key": "deliver"}

    task_prerun.send(sender=Task, task=Task)
    Task.request.delivery_info = {}
    task_prerun.send(sender=Task, task=Task)
    assert [part for part, at in heard.last(own_watch.PARTS).items() if at] == ["deliver"]


@pytest.mark.django_db
def test_a_look_asks_the_tables_and_redis():
    ended = clock.wall() - timedelta(minutes=1)
    gateway(name="old", stopped_at=ended)
    heard.note(heard.DELIVER)
    seen = own_watch.Watch().look()
    assert (seen.gateway_lives, seen.gateway_heard) == (False, ended)
    assert seen.heard["beat"] is None
    assert seen.heard["deliver"] is not None
    assert clock.wall() - seen.heard["deliver"] < timedelta(minutes=1)
    gateway()
    assert own_watch.Watch().look().gateway_lives


@pytest.mark.django_db
def test_what_is_away_has_been_since_it_was_missed_first(monkeypatch, settings):
    watch = own_watch.Watch()

    def away():
        raise OperationalError("gone")

    monkeypatch.setattr(own_watch, "_gateways", away)
    monkeypatch.setattr(own_watch.connection, "close", lambda: None)
    settings.REDIS_URL = "redis://127.0.0.1:1"
    first, then = watch.look(), watch.look()
    assert first.database_away == then.database_away is not None
    assert first.redis_away == then.redis_away is not None
    monkeypatch.undo()
    assert watch.look().database_away is None


@pytest.mark.django_db
def test_pages_say_it_and_ask_nobody(alpha, viewer, admin, django_assert_num_queries):
    quiet = viewer.get("/stations/alpha/").content.decode()
    assert 'id="own-trouble" aria-label="Parts of Emobi that are away" hidden' in quiet
    own_trouble.end(Seen(began=BEFORE, gateway_lives=False, gateway_heard=BEFORE, heard=WELL), NOW)
    page = viewer.get("/stations/alpha/").content.decode()
    assert "No gateway process runs" in page
    assert 'datetime="2026-03-01T11:55:00.000Z"' in page
    assert 'href="/settings/system/">System' not in page
    assert 'href="/settings/system/">System' in admin.get("/stations/alpha/").content.decode()


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_open_pages_are_told_once_and_when_it_is_over(alpha, viewer):
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        assert "rows" in await page.told()

        async def own():
            await hub.here().tell_of_ourselves()
            while "own" not in (message := await page.told()):
                pass
            return [each["part"] for each in message["own"]]

        own_trouble.end(Seen(began=BEFORE, redis_away=BEFORE), NOW)
        assert await own() == ["redis"]
        own_trouble.end(Seen(began=BEFORE, heard=WELL), NOW)
        assert await own() == []
    await sync_to_async(own_trouble.forget)()


@pytest.mark.asyncio
async def test_a_page_that_is_told_no_figures_still_hears_from_us():
    """While the database is away nothing else tells it that its socket is well."""
    sent = []

    async def send(text):
        sent.append(json.loads(text)["seq"])

    tab = hub.Tab(send)
    for now in (0.0, 1.0, 4.0, 6.0, 7.0):
        await tab.tell_of_ourselves(b"[]", now)
    assert sent == [1, 2]
    # It says nothing of how old figures are.
    assert tab.told_at == 0.0
