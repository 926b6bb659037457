"""The fleet in a real browser: rows that stay, the preview, selections, and the wall."""

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from emobi.core import unit_of_work
from emobi.core.models import Role
from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import BulkCommand, Command, CommandState, Station
from stations.services.commanding import command_claims, command_ends, commands, following
from stations.services.commanding.awaited import Effect
from tests.dashboard.browsing import browsing, serving
from tests.dashboard.state import asked, charge, report

BELOW_THE_HEAD = """() => {
  const [head, life] = [".station-head", ".life:target"].map(each => document.querySelector(each));
  return head.getBoundingClientRect().bottom <= life.getBoundingClientRect().top;
}"""

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


async def test_rows_stay_where_they_are_until_one_says_so(site, network, alpha, bravo, operator):
    await sync_to_async(charge)(alpha, power_w=1000)
    await sync_to_async(charge)(bravo, power_w=5000)
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/stations/?q=status:charging&sort=kw")
        await visit.live()
        order = "[...document.querySelectorAll('[data-row] [data-open]')].map(link => link.textContent)"
        assert await page.evaluate(order) == ["bravo", "alpha"]
        await sync_to_async(alpha.charging_sessions.update)(power_w=9000)
        await sync_to_async(report)(alpha, "Occupied")
        await page.locator("#resort", has_text="2 rows would move · Re-sort (R)").wait_for()
        assert await page.evaluate(order) == ["bravo", "alpha"]
        await page.keyboard.press("r")
        await page.locator("tbody tr:first-child [data-open]", has_text="alpha").wait_for()
        await sync_to_async(bravo.charging_sessions.update)(state="ended")
        await sync_to_async(report)(bravo, "Available")
        await page.locator('[data-key="station:bravo"][data-gone]').wait_for()
        assert await page.evaluate(order) == ["alpha", "bravo"]


@sync_to_async
def ask(network, station, name):
    return commands.request(network, station, name, {}, requested_by="user:ada", role=Role.ADMIN)


@sync_to_async
def answer(command):
    with unit_of_work.begin():
        command_claims.mark_sent(command, "m1", 1)
        following.begin(command.station, command, catalogue.parse(command.name, command.params))
        command_ends.settle(command, Outcome(state=CommandState.ACCEPTED, status="Accepted"), raw={})


@sync_to_async
def boot(station):
    station.is_followed = True
    with unit_of_work.begin():
        following.seen(station, Effect.BOOT, reason="RemoteReset", firmware_version="1.0")


async def test_commands_live_where_they_stand_until_their_effect_is_seen(
    site, network, alpha, bravo, operator
):
    for _ in range(12):
        await sync_to_async(asked)(alpha, state="rejected")
    command = await ask(network, alpha, "reset")
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/commands/?q=state:open")
        await visit.live()
        row = page.locator(f'[data-key="command:{command.pk}"]')
        assert "waits 1 min 00 s at most" in await row.inner_text()
        await answer(await Command.objects.select_related("station").aget(pk=command.pk))
        await row.locator("[data-f=state][data-status=accepted]", has_text="Accepted").wait_for()
        await row.locator("[data-f=effect][data-status=pending]", has_text="Awaited").wait_for()
        await row.locator("[data-f=took]", has_text="answered after").wait_for()
        # It fits no longer, and stays where it is; another one is offered.
        await page.locator(f'[data-key="command:{command.pk}"][data-gone]').wait_for()
        await boot(alpha)
        await row.locator("[data-f=effect][data-status=accepted]", has_text="Verified").wait_for()
        await row.locator("[data-f=seen]", has_text="done after").wait_for()
        another = await ask(network, bravo, "clear_cache")
        await page.locator("#news", has_text="1 new · Show").wait_for()
        assert await page.locator("tbody [data-row]").count() == 1
        await page.locator("#news").click()
        await page.locator(f'[data-key="command:{another.pk}"]').wait_for()
        await row.wait_for(state="detached")
        await page.locator("#c-state").select_option("Accepted")
        await page.wait_for_url("**/commands/?q=state%3Aopen+state%3Aaccepted")
        await row.wait_for()
        # By the keyboard to where its life is told.
        await page.keyboard.press("Escape")
        await page.locator("h1").click()
        await page.keyboard.press("j")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url(f"**/stations/alpha/commands/?at={command.pk}#{command.pk}")
        await page.locator(".life:target", has_text="done after").wait_for()
        assert await page.evaluate(BELOW_THE_HEAD)


async def test_the_keyboard_previews_selects_and_asks_many(site, network, alpha, bravo, operator):
    await sync_to_async(report)(alpha, "Faulted", error_code="GroundFailure")
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/stations/")
        # What narrows further goes by what was typed meanwhile.
        await page.locator("#filter-q").fill("a")
        await page.wait_for_url("**/stations/?q=a")
        await page.get_by_text("Narrow", exact=True).click()
        await page.locator('#facets a[href="/stations/?q=a+status%3Afaulted"]').wait_for()
        for _ in range(2):
            await page.get_by_role("button", name="Columns").click()
            await page.locator("#columns-body #columns-form [name=q][value=a]").wait_for(state="attached")
            await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        await page.keyboard.press(".")
        await page.get_by_role("dialog", name="alpha").wait_for()
        assert (
            await page.evaluate("document.activeElement.getAttribute('href')") == "/stations/alpha/commands/"
        )
        await page.keyboard.press("Escape")
        await page.keyboard.press("o")
        await page.locator("#preview", has_text="GroundFailure").wait_for()
        await page.keyboard.press("Escape")
        await page.locator("#preview").wait_for(state="hidden")
        await page.keyboard.press("x")
        await page.locator("#selection", has_text="1 selected").wait_for()
        await page.get_by_role("button", name="Select none").click()
        await page.locator("#selection").wait_for(state="hidden")
        await page.keyboard.press("j")
        await page.keyboard.press("x")
        await page.keyboard.press("j")
        await page.keyboard.press("X")
        # It goes along to other pages of the list.
        await page.locator("#selection", has_text="2 selected").wait_for()
        await visit.go("/stations/?q=bravo")
        await page.locator("#selection", has_text="2 selected, 1 not on this page").wait_for()
        await page.get_by_role("button", name="Do something with them").click()
        await page.get_by_role("button", name="Reset", exact=True).click()
        await page.get_by_text("2 will get it").wait_for()
        await page.get_by_label("Type 2 to confirm").fill("2")
        await page.get_by_role("button", name="Reset: 2 stations").click()
        await page.wait_for_url("**/bulk/*/")
        assert await page.get_by_text("0 of 2 ended").count() == 1
        assert await page.evaluate("sessionStorage.getItem('selected:grid')") is None
    assert (await BulkCommand.objects.aget()).name == "reset"


async def test_the_wall_is_live_and_its_legend_shows_one_state_alone(site, network, alpha, bravo, viewer):
    await sync_to_async(report)(alpha, "Available")
    await sync_to_async(report)(bravo, "Available")
    async with site.visiting(viewer, width=2560, height=1440) as visit:
        page = visit.page
        await visit.go("/?wall=1")
        await visit.live()
        legend = page.locator(".wall-legend")
        await legend.locator("[data-letter=a] [data-count]", has_text="2").wait_for()
        painted = "document.querySelector('#wall-canvas canvas').toDataURL()"
        await page.locator("#wall-panel > *").first.wait_for()
        before = await page.evaluate(painted)
        await sync_to_async(Station.objects.filter(pk=alpha.pk).update)(connectivity="offline")
        await sync_to_async(report)(alpha, "Reserved")
        await legend.locator("[data-letter=o] [data-count]", has_text="1").wait_for()
        after = await page.evaluate(painted)
        assert after != before
        await legend.locator("[data-letter=o]").click()
        assert visit.path == "/?wall=1&show=o"
        assert await page.evaluate(painted) != after
        await page.get_by_label("Group by").select_option("vendor")
        assert visit.path == "/?wall=1&show=o&by=vendor"
        # A station that comes draws all of it anew.
        async with page.expect_navigation():
            zulu = await sync_to_async(Station.objects.create)(network=network, identity="zulu")
            await sync_to_async(report)(zulu, "Available")
        assert await page.get_by_label("Group by").input_value() == "vendor"
        await visit.live()
        await page.locator("#wall-canvas canvas").focus()
        await page.keyboard.press("ArrowRight")
        await page.locator("#wall-card", has_text="alpha").wait_for()
        assert "data" in await page.locator("#wall-age").inner_text()
