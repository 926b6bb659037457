import asyncio
import threading

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.test.client import AsyncRequestFactory

from emobi.view_threads import ViewThreads

pytestmark = pytest.mark.asyncio


async def ask(threads: ViewThreads, about: object = None) -> None:
    await threads(about, None, None)


async def test_what_is_synchronous_of_a_request_runs_in_one_thread():
    used = []

    async def application(_scope, _receive, _send):
        for _ in range(3):
            thread = await sync_to_async(threading.get_ident)()
            used.append(thread)

    await ask(ViewThreads(application))
    assert len(set(used)) == 1
    assert threading.get_ident() not in used


async def test_requests_at_once_share_a_few_threads_that_are_kept():
    used = []
    all_there = asyncio.Barrier(10)

    async def application(_scope, _receive, _send):
        await all_there.wait()
        used.append(await sync_to_async(threading.get_ident)())

    threads = ViewThreads(application, threads=3)
    for _ in range(3):
        await asyncio.gather(*[ask(threads) for _ in range(10)])
    assert len(set(used)) == 3
    assert len(used) == 30


async def test_a_request_that_waits_leaves_its_thread_to_others():
    over = asyncio.Event()

    async def application(scope, _receive, _send):
        await sync_to_async(threading.get_ident)()
        if scope == "waits":
            await over.wait()
        else:
            over.set()

    threads = ViewThreads(application, threads=1)
    await asyncio.gather(ask(threads, "waits"), ask(threads, "doesn't"))


async def test_a_request_that_fails_gives_its_thread_back():
    used = []

    async def application(scope, _receive, _send):
        used.append(await sync_to_async(threading.get_ident)())
        if scope == "fails":
            raise ZeroDivisionError

    threads = ViewThreads(application, threads=2)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await ask(threads, "fails")
    assert len(set(used)) == 1


async def test_a_view_of_django_runs_in_such_a_thread(db, monkeypatch):
    names = []

    def view(_request):
        names.append(threading.current_thread().name)
        return HttpResponse()

    django = ASGIHandler()
    monkeypatch.setattr(django, "resolve_request", lambda _request: (view, (), {}))
    messages: asyncio.Queue[dict[str, object]] = asyncio.Queue()
    messages.put_nowait({"type": "http.request"})

    async def send(_message):
        pass

    scope = AsyncRequestFactory().get("/").scope | {"type": "http"}
    await ViewThreads(django)(scope, messages.get, send)
    assert [name.partition("-")[0] for name in names] == ["views"]
