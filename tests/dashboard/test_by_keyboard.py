"""What an operator does at night is done by the keyboard alone, from one page to the next."""

import asyncio

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from stations.models import Incident
from tests.dashboard import pages
from tests.dashboard.browsing import browsing, serving
from tests.dashboard.pages import Cast
from tests.dashboard.state import suffer
from webhooks.models import Delivery

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]

# More presses than this to reach something is not reaching it.
MOST_TABS = 60


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


async def tab_to(page, selector):
    """Press Tab until what the selector names has the focus."""
    for _ in range(MOST_TABS):
        await page.keyboard.press("Tab")
        if await page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} isn't reached in {MOST_TABS} steps")


async def go_to(page, letter, path):
    await page.keyboard.press("g")
    await page.keyboard.press(letter)
    await page.wait_for_url(f"**{path}")


async def test_incidents_are_worked_off_one_after_the_other(site, network, alpha, bravo, operator):
    older = [await sync_to_async(suffer)(alpha, title=f"Thing {number}") for number in (1, 2)]
    await sync_to_async(lambda: list(pages.incidents(Cast(network, alpha, bravo))))()
    async with site.visiting(operator) as visit:
        page, answering = visit.page, asyncio.Event()

        async def later(route):
            await answering.wait()
            await route.continue_()

        def row(title):
            return page.locator("[data-row]", has_text=title)

        async def press(keys):
            for key in keys:
                await page.keyboard.press(key)

        await page.route("**/incidents/act/**", later)
        await visit.go("/")
        await go_to(page, "i", "/incidents/")
        await press("j")
        assert "38 stations offline" in await row("").locator(":scope:has(:focus)").inner_text()
        # Whoever is quicker than the answers: nothing that was pressed is lost, and nothing is asked twice.
        await press("aajja")
        answering.set()
        for title in ("38 stations offline", "Thing 2"):
            await row(title).get_by_text("Acknowledged").wait_for()
        assert await page.get_by_role("alert").count() == 0
        # What is over stays where it is, and so do the focus, the rows below it and what is ticked.
        await press("jxkkk")
        below = row("Thing 2").get_by_role("button", name="Resolve")
        place = await below.bounding_box()
        await press("e")
        await page.locator("[data-row][data-gone]", has_text="38 stations offline").wait_for()
        await page.get_by_role("status").get_by_text("1 incident resolved.").wait_for()
        assert await below.bounding_box() == place
        await press("j")
        assert await row("alpha is offline").locator(":focus").count() == 1
        await row("alpha is offline").get_by_role("button", name="Snooze").click()
        await page.locator("[data-row][data-gone]", has_text="alpha is offline").wait_for()
        await press("j")
        assert await row("Thing 2").locator(":focus").count() == 1
        assert await page.locator("[name=id]:checked").get_attribute("value") == older[0].pk
        await press("r")
        await row("38 stations offline").wait_for(state="detached")
        assert await page.locator("[name=id]:checked").get_attribute("value") == older[0].pk
        # Enter on a tick is no button's.
        await page.locator("[name=id]:checked").press("Enter")
        await page.get_by_role("group", name="With the chosen ones").get_by_text("Acknowledge").click()
        await row("Thing 1").get_by_text("Acknowledged").wait_for()
        assert await page.locator("[name=id]:checked").count() == 0
    told = {each.title: (each.state, each.acknowledged_by) async for each in Incident.objects.all()}
    assert told["Thing 1"] == told["Thing 2"] == ("acknowledged", "user:otto")
    [over] = [each for title, each in told.items() if title.startswith("38 stations")]
    assert over == ("resolved", "user:otto")


async def test_a_fault_is_read_and_its_webhook_delivered_again(site, network, alpha, bravo, operator):
    await sync_to_async(lambda: list(pages.webhooks(Cast(network, alpha, bravo))))()
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/")
        await go_to(page, "s", "/stations/")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/stations/alpha/")
        await page.get_by_text("GroundFailure").first.wait_for()
        await go_to(page, "w", "/webhooks/")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.get_by_role("heading", name="Deliveries").wait_for()
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        assert await page.locator("[name=delivery]:checked").count() == 1
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/webhooks/deliveries/**")
        await tab_to(page, 'main form[action$="/redeliver/"] button')
        await page.keyboard.press("Enter")
        await page.get_by_role("status").first.wait_for()
        again = await Delivery.objects.aget(endpoint__network=network)
        assert again.state != "dead"
