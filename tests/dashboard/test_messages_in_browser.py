"""The message log in a real browser: its volume narrows the time."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from tests.dashboard.browsing import browsing, serving
from tests.dashboard.state import exchange

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


async def test_drawing_over_the_volume_narrows_the_time(site, alpha, viewer):
    new = await sync_to_async(exchange)(alpha, "Heartbeat", {}, {})
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/messages/?q=station:alpha")
        bars = page.locator("[data-brush] .plot-body svg").first
        await bars.wait_for()
        box = await bars.bounding_box()
        middle = box["y"] + box["height"] / 2

        async def draw(share: float, to: float) -> None:
            await page.mouse.move(box["x"] + share * box["width"], middle)
            await page.mouse.down()
            await page.mouse.move(box["x"] + to * box["width"], middle, steps=4)

        # Given up, nothing has changed.
        await draw(0.2, 0.6)
        await page.locator(".brush-band").wait_for()
        await page.keyboard.press("Escape")
        assert await page.locator(".brush-band").count() == 0
        await page.mouse.up()
        assert visit.path == "/messages/?q=station:alpha"
        # The newest part, drawn from its end.
        await draw(1.0, 0.9)
        await page.mouse.up()
        await page.wait_for_url(re.compile("from"))
        (asked,) = parse_qs(urlsplit(page.url).query)["q"]
        assert re.fullmatch(r"station:alpha from:\S+Z to:\S+Z", asked)
        row = page.locator(f'a[href$="/messages/{new}/"]')
        await row.wait_for()
        # Nothing was said before.
        await page.go_back()
        await bars.wait_for()
        await draw(0.1, 0.3)
        await page.mouse.up()
        await page.wait_for_url(re.compile("from"))
        await page.get_by_text("0 exchanges").or_(page.get_by_text("No message")).first.wait_for()
        assert await row.count() == 0
