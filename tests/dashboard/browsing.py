"""A real browser on a real server: `manage.py web` beside the tests, on their database."""

import asyncio
import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from playwright.async_api import (
    Browser,
    BrowserContext,
    Page,
    Response,
    ViewportSize,
    WebSocket,
    async_playwright,
)
from playwright.async_api import Error as PlaywrightError

from emobi import browser

READY_WITHIN_S = 60
SOON_MS = 15_000
# What a phone's bar of actions hides: what has the focus, the page's end, or its own where it is too narrow.
BEHIND_THE_BAR = """() => {
  const bar = document.querySelector(".action-bar"), top = bar.getBoundingClientRect().top;
  const all = [...document.querySelectorAll("main :is(a, button, summary, input, select, textarea)")];
  const hidden = all.filter(element => {
    element.focus();
    const {bottom, height} = element.getBoundingClientRect();
    return document.activeElement === element && height && bottom > top && !bar.contains(element);
  }).map(element => element.outerHTML);
  scrollTo(0, 1e6);
  if (document.querySelector("main").getBoundingClientRect().bottom > top + 1) hidden.push("the end");
  if (bar.scrollWidth > bar.clientWidth || top < innerHeight - 62) hidden.push("the bar's own end");
  return hidden;
}"""
# Pictures of pages at which a test failed.
FAILED = settings.ROOT / ".emobi/failed-pages"


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """The web process, as Python starts it with these arguments; its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *(arguments or ("manage.py", "web"))],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "REDIS_URL": settings.REDIS_URL,
            "EMOBI_SECRET_KEY": settings.SECRET_KEY,
            "EMOBI_BIND": f"127.0.0.1:{port}",
        },
        stdin=subprocess.DEVNULL,
    )
    try:
        wait_for(process, port)
        yield f"http://localhost:{port}"
    finally:
        process.terminate()
        process.wait(20)


def database_url() -> str:
    """Of the tests' own database."""
    where = connection.settings_dict
    parameters = f"?host={quote(where['HOST'], safe='')}" if where["HOST"].startswith("/") else ""
    host = "" if parameters else f"{where['HOST']}:{where['PORT']}"
    password = f":{quote(where['PASSWORD'], safe='')}" if where["PASSWORD"] else ""
    return f"postgresql://{where['USER']}{password}@{host}/{where['NAME']}{parameters}"


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert process.poll() is None, "the web process ended"
        assert time.monotonic() < deadline, "the web process doesn't answer"
        time.sleep(0.05)


class Visit:
    """A browser's window at our pages, and whatever went wrong in it."""

    def __init__(self, context: BrowserContext, page: Page, home: str) -> None:
        self.context = context
        self.page = page
        self.home = home
        self.wrong: list[str] = []
        page.set_default_timeout(SOON_MS)
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("console", self._heard)
        page.on("dialog", lambda dialog: self.wrong.append(f"dialog: {dialog.message}"))
        context.on("request", self._asked)
        self._frames: asyncio.Queue[str] = asyncio.Queue()
        page.on("websocket", self._opened)

    def _opened(self, found: WebSocket) -> None:
        found.on("framereceived", lambda frame: self._frames.put_nowait(str(frame)))

    def _heard(self, message: Any) -> None:
        # The browser tells of a broken policy here too.
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.home).netloc:
            self.wrong.append(f"request: {request.url}")

    async def go(self, path: str) -> Response | None:
        return await self.page.goto(self.home + path)

    async def live(self) -> None:
        """Wait until the page is live."""
        await self.page.wait_for_selector("#live[data-live=live]")

    async def hear(self, text: str) -> None:
        """Wait until the page's socket brings a message with this text."""
        async with asyncio.timeout(SOON_MS / 1000):
            while text not in await self._frames.get():
                pass

    @property
    def path(self) -> str:
        """Where the page is."""
        return self.page.url.removeprefix(self.home)


class Site:
    """Our pages, and the browser that looks at them."""

    def __init__(self, address: str, chromium: Browser) -> None:
        self._address = address
        self._chromium = chromium

    @contextlib.asynccontextmanager
    async def visiting(
        self, client: Client | None = None, *, width: int = 1440, height: int = 900, **options: Any
    ) -> AsyncIterator[Visit]:
        """Open a window, signed in as ``client``; nothing may be wrong when it is closed."""
        viewport: ViewportSize = {"width": width, "height": height}
        context = await self._chromium.new_context(viewport=viewport, **options)
        if client is not None:
            value = client.cookies["sessionid"].value
            await context.add_cookies([{"name": "sessionid", "value": value, "url": self._address}])
        visit = Visit(context, await context.new_page(), self._address)
        try:
            yield visit
            assert visit.wrong == []
        except BaseException:
            await picture(visit.page)
            raise
        finally:
            await context.close()
            # Of the thread in which a test asked the database; its own is Django's to close.
            await sync_to_async(connections.close_all)()


async def picture(page: Page) -> None:
    """Keep what the page looks like, for whoever asks why the test failed."""
    name = re.sub(r"[^\w.-]+", "-", os.environ.get("PYTEST_CURRENT_TEST", "page").removeprefix("tests/"))
    # The page itself may be what is gone; its test says why.
    with contextlib.suppress(PlaywrightError):
        await page.screenshot(path=FAILED / f"{name}.png", full_page=True)


@contextlib.asynccontextmanager
async def browsing(address: str) -> AsyncIterator[Site]:
    """Start the browser."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**browser.launch_options())
        yield Site(address, chromium)
        await chromium.close()
