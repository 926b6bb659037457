"""What an operator does at night is done by the keyboard alone, from one page to the next."""

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from stations.models import Incident
from tests.dashboard import pages
from tests.dashboard.browsing import browsing, serving
from tests.dashboard.pages import Cast
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


async def test_an_incident_is_acknowledged(site, network, alpha, bravo, operator):
    await sync_to_async(lambda: list(pages.incidents(Cast(network, alpha, bravo))))()
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/")
        await go_to(page, "i", "/incidents/")
        await page.keyboard.press("j")
        row = page.locator("[data-row]:has(:focus)")
        assert "38 stations offline" in await row.inner_text()
        await page.keyboard.press("a")
        await (
            page.locator("[data-row]", has_text="38 stations offline").get_by_text("Acknowledged").wait_for()
        )
        told = await Incident.objects.aget(title__startswith="38 stations")
        assert (told.state, told.acknowledged_by) == ("acknowledged", "user:otto")


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
