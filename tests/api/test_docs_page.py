"""The page that shows the API, in a real browser: under our own policy, from our own host, with no login."""

import pytest
from asgiref.sync import sync_to_async

from emobi.core.services import api_keys
from tests.api.calling import BASE
from tests.dashboard.browsing import serving, visiting

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="module")
def home(django_db_setup):
    with serving() as address:
        yield address


async def test_the_api_can_be_browsed_and_tried_out_with_a_key(home, network):
    key = (await sync_to_async(api_keys.create)(network, "viewer"))[1]
    async with visiting(home) as visit:
        page = visit.page
        await visit.go(f"{BASE}/docs")
        await page.get_by_role("button", name="Authorize").click()
        await page.locator("#auth-bearer-value").fill(key)
        await page.get_by_label("Apply credentials").click()
        await page.get_by_role("button", name="Close").click()
        await page.locator("#operations-system-me").click()
        await page.get_by_role("button", name="Try it out").click()
        await page.get_by_role("button", name="Execute").click()
        await page.locator(".live-responses-table", has_text='"network": "grid"').wait_for()
