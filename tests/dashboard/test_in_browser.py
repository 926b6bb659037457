"""The pages in a real browser, on a real server, told by real nudges."""

import asyncio
import json
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from emobi.core import clock, unit_of_work
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, Station
from stations.services.commanding import command_claims, command_ends
from tests.dashboard.browsing import BEHIND_THE_BAR, SOON_MS, browsing, serving
from tests.dashboard.conftest import PASSWORD, enlist
from tests.dashboard.hostile import LONG, SHORT, furnish
from tests.dashboard.state import charge, exchange, report
from tests.dashboard.test_connect_page import refuse

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


@pytest.fixture
def lively(network, alpha, bravo):
    """Some of everything that pages show."""
    report(alpha, "Occupied", 1, detail="Charging")
    report(
        alpha, "Faulted", 2, error_code="GroundFailure", vendor_error_code="E-0471", info="residual current"
    )
    report(bravo, "Occupied", 1)
    report(bravo, "Reserved", 2)
    charge(alpha)
    charge(bravo, charging_state="SuspendedEV")
    charge(bravo, state="ended", suspect=["its meter went back"])
    exchange(alpha, "StatusNotification", {"status": "Charging", "connectorId": 1}, {})
    exchange(bravo, "Reset", {"type": "Immediate"}, {"status": "Rejected"}, sent=True)
    exchange(bravo, "NotifyEvent", {}, error="NotImplemented")
    Station.objects.create(network=network, identity="charlie", registration="pending")
    Station.objects.create(network=network, identity="delta", connectivity="offline", ocpp_version="1.6")
    refuse(network, "echo")


async def test_a_station_changes_before_ones_eyes(site, network, lively, alpha):
    await sync_to_async(enlist)(network, "otto", "operator")
    async with site.visiting() as visit:
        page = visit.page
        await visit.go("/")
        await page.get_by_label("User name or e-mail").fill("otto")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(visit.home + "/")
        await visit.go("/stations/")
        await visit.live()
        strip = page.locator('[data-key="station:alpha"] [data-f=strip]')
        assert (await strip.inner_text()).split() == ["Faulted", "Charging"]
        await sync_to_async(report)(alpha, "Reserved", 1)
        await page.wait_for_selector('[data-key="station:alpha"] [data-f=strip] [data-status=reserved]')
        assert (await strip.inner_text()).split() == ["Faulted", "Reserved"]
        assert await strip.locator("use").first.get_attribute("href") == "#g-faulted"
        await page.locator("#fleet >> text=2").first.wait_for()


async def test_a_command_is_sent_and_its_life_is_told_to_the_end(site, lively, alpha, operator):
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/stations/alpha/commands/")
        await visit.live()
        await page.get_by_role("link", name="Reset").click()
        assert "1 session runs now: EVSE 1." in await page.locator("#effect").inner_text()
        await page.get_by_role("button", name="Reset the station").click()
        state = page.locator("#lives .life").first.locator("[data-f=state]")
        await page.wait_for_selector("#lives [data-f=state]")
        assert await state.inner_text() == "Queued"
        assert not await page.locator("#dialog").is_visible()
        await sync_to_async(answer)(await Command.objects.select_related("station").aget())
        await page.wait_for_selector("#lives [data-f=state][data-status=accepted]")
        assert await state.inner_text() == "Accepted"
        assert "accepted after" in await page.locator("#lives [data-f=steps]").first.inner_text()


def answer(command):
    with unit_of_work.begin():
        command_claims.mark_sent(command, "m1", 1)
        command_ends.settle(command, Outcome(state=CommandState.ACCEPTED, status="Accepted"), raw={})


async def test_a_refused_form_keeps_the_dialog_open(site, lively, bravo, admin):
    async with site.visiting(admin) as visit:
        page = visit.page
        await visit.go("/stations/bravo/commands/")
        # The form is that which was asked for last, whichever comes last.
        answering = asyncio.Event()

        async def later(route):
            await answering.wait()
            await route.continue_()

        await page.route("**/fragments/stations/bravo/commands/clear_cache/", later)
        await page.get_by_role("link", name="Clear cache").click()
        await page.get_by_role("link", name="Read settings").click()
        await page.get_by_role("textbox", name="Settings").wait_for()
        async with page.expect_response("**/fragments/stations/bravo/commands/clear_cache/"):
            answering.set()
        await page.get_by_role("textbox", name="Settings").fill("Heartbeat[Interval")
        await page.get_by_role("button", name="Read").click()
        await page.locator("#dialog .error").wait_for()
        assert await page.get_by_role("textbox", name="Settings").input_value() == "Heartbeat[Interval"
        assert "isn't Component.Variable" in await page.locator("#dialog .error").inner_text()
        # The browser notes that a form was refused.
        visit.wrong = [each for each in visit.wrong if "422" not in each]


async def test_what_is_staged_stays_while_one_searches(site, lively, bravo, admin):
    for name in ("Interval", "Enabled"):
        await sync_to_async(bravo.variables.create)(
            component="Ctrlr", variable=name, value="300", reported_at=bravo.created_at
        )
    async with site.visiting(admin) as visit:
        page = visit.page
        await visit.go("/stations/bravo/configuration/")
        await page.locator("[aria-label^='Ctrlr.Interval']").fill("60")
        await page.locator("#s-q").fill("enabled")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/configuration/?q=enabled")
        await page.locator("[aria-label^='Ctrlr.Enabled']").fill("90")
        await page.locator("#s-q").fill("nowhere")
        await page.keyboard.press("Enter")
        await page.get_by_text("Show all").click()
        await page.wait_for_url("**/configuration/")
        await page.get_by_text("Look over the changes").click()
        await page.get_by_text("Send 2 changes").wait_for()


async def test_a_session_that_starts_is_drawn(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        await visit.go("/stations/alpha/")
        await visit.live()
        assert await visit.page.locator(".evse .session-line").count() == 1
        await sync_to_async(report)(alpha, "Occupied", 2, detail="Charging")
        await sync_to_async(charge)(alpha, 2)
        await visit.page.locator(".evse .session-line").nth(1).wait_for()


async def test_a_session_that_starts_is_listed(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        await visit.go("/stations/alpha/sessions/")
        await visit.live()
        await sync_to_async(charge)(alpha, 2)
        await visit.page.locator("#sessions [data-key]").nth(1).wait_for()


async def test_an_offline_station_never_looks_available(site, lively, bravo, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/bravo/")
        await visit.live()
        await sync_to_async(Station.objects.filter(pk=bravo.pk).update)(connectivity="offline")
        await page.wait_for_selector("#evses[data-state=offline]")
        said = "getComputedStyle(document.querySelector('.evse .word'), '::before').content"
        assert await page.evaluate(said) == '"was "'
        await page.wait_for_selector('#head [data-f=connection][data-status="offline"]')


async def test_a_decision_made_elsewhere_is_seen(site, lively, viewer):
    async with site.visiting(viewer) as visit:
        await visit.go("/stations/charlie/")
        await visit.live()
        notice = visit.page.get_by_text("This station waits for a decision.")
        await notice.wait_for()
        await sync_to_async(Station.objects.filter(identity="charlie").update)(registration="accepted")
        await notice.wait_for(state="detached")


async def test_the_log_follows_and_stands_still_under_the_pointer(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/alpha/messages/")
        await visit.live()
        first = await sync_to_async(exchange)(alpha, "Heartbeat", {}, {})
        await page.locator(f'[data-line="{first}"]').wait_for()
        await page.locator("#tail").hover()
        second = await sync_to_async(exchange)(alpha, "BootNotification", {}, {})
        await page.locator("#tail-state", has_text="held: 2 new").wait_for()
        assert await page.locator(f'[data-line="{second}"]').count() == 0
        # A pointer that leaves takes the focus from nobody.
        await page.locator(f'[data-line="{first}"]').focus()
        await page.mouse.move(5, 5)
        assert await page.locator("#tail-state", has_text="held: 2 new").count() == 1
        await page.locator(f'[data-line="{first}"]').blur()
        await page.locator(f'[data-line="{second}"]').wait_for()


async def test_a_pause_holds_everything_back_and_says_how_old_it_is(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page, later = visit.page, []

        async def between(route):
            server = route.connect_to_server()
            server.on_message(lambda text: route.send(in_ten_minutes(text) if later else text))

        await page.route_web_socket("**/live/**", between)
        await visit.go("/stations/")
        await visit.live()
        await page.keyboard.press("p")
        await page.wait_for_selector("#live[data-live=paused]")
        await sync_to_async(report)(alpha, "Reserved", 1)
        await visit.hear('"Reserved"')
        reserved = page.locator('[data-key="station:alpha"] [data-status=reserved]')
        assert await reserved.count() == 0
        later.append(True)
        await page.locator("#live-word", has_text="Paused 10 min").wait_for()
        assert await page.locator("html[data-stale] .as-of").is_visible()
        await page.keyboard.press("p")
        await reserved.wait_for()
        await visit.live()
        assert await page.locator("html[data-stale]").count() == 0


def in_ten_minutes(text):
    """The same, said by a clock that is so much later."""
    message = json.loads(text)
    said = datetime.fromisoformat(message["t"]) + timedelta(minutes=10)
    return json.dumps({**message, "t": clock.iso(said)})


async def test_a_lost_socket_is_told_and_comes_back_with_what_was_missed(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        sockets, back = [], asyncio.Event()

        async def between(route):
            sockets.append(route)
            if len(sockets) > 1:
                await back.wait()
            route.connect_to_server()

        await page.route_web_socket("**/live/**", between)
        await visit.go("/stations/")
        await visit.live()
        await sockets[0].close()
        await page.wait_for_selector("#live[data-live=reconnecting]")
        await sync_to_async(Station.objects.filter(pk=alpha.pk).update)(connectivity="silent")
        back.set()
        await visit.live()
        await page.wait_for_selector('[data-key="station:alpha"] [data-f=connection][data-status=silent]')
        assert len(sockets) == 2


async def test_without_a_socket_the_page_is_fetched_now_and_then(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        sockets, gone = [], []

        async def once(route):
            sockets.append(route)
            if len(sockets) > 1:
                await route.close()
                return
            server = route.connect_to_server()
            server.on_message(lambda text: None if gone else route.send(text))

        await page.clock.install()
        await page.route_web_socket("**/live/**", once)
        await visit.go("/stations/")
        await visit.live()
        # Its other end is lost, and nothing says so: it stays open, and brings nothing.
        gone.append(True)
        await asyncio.wait_for(offline(page), SOON_MS / 1000)
        assert await page.locator("html[data-stale]").count() == 1
        await sync_to_async(report)(alpha, "Reserved", 1)
        async with page.expect_response("**/fragments/stations/"):
            await page.clock.run_for(15_000)
        await page.wait_for_selector('[data-key="station:alpha"] [data-status=reserved]')
        assert "as of" in await page.locator(".as-of").inner_text()


async def offline(page):
    while await page.locator("#live").get_attribute("data-live") != "offline":
        await page.clock.run_for(1000)


async def test_a_missed_message_is_seen_by_its_number_and_the_list_is_fetched(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page

        async def losing(route):
            server = route.connect_to_server()
            server.on_message(lambda text: None if '"Reserved"' in text else route.send(text))

        await page.route_web_socket("**/live/**", losing)
        await visit.go("/stations/")
        await visit.live()
        async with page.expect_request("**/fragments/stations/"):
            await sync_to_async(report)(alpha, "Reserved", 1)
        await page.wait_for_selector('[data-key="station:alpha"] [data-status=reserved]')


async def test_nothing_changes_under_a_selection(site, lively, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/")
        await visit.live()
        await page.evaluate(COUNTING)
        row = page.locator('[data-key="station:alpha"]')
        await row.locator("[data-f=firmware]").select_text()
        await sync_to_async(report)(alpha, "Reserved", 1)
        await visit.hear('"Reserved"')
        assert await row.locator("[data-status=reserved]").count() == 0
        await page.evaluate("getSelection().removeAllRanges()")
        await row.locator("[data-status=reserved]").wait_for()
        # Asked for its selection, a browser lays out what was changed: once a flush, not once a row.
        counts = await page.evaluate("({asked, flushes})")
        assert 0 < counts["asked"] - 1 <= counts["flushes"]


# How often the page asks for its selection, and how often it shows a flush.
COUNTING = """
    const selection = getSelection, measure = performance.measure;
    window.asked = window.flushes = 0;
    window.getSelection = () => { window.asked += 1; return selection.call(window); };
    performance.measure = (...about) => { window.flushes += 1; return measure.apply(performance, about); };
"""


async def test_a_filter_changes_list_and_address_and_back_goes_back(site, lively, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/")
        # It is chosen while the list is fetched anew, which is answered first.
        answered = {"": asyncio.Event(), "connectivity=offline": asyncio.Event()}

        async def in_turn(route):
            await answered[urlsplit(route.request.url).query].wait()
            await route.continue_()

        await page.route("**/fragments/stations/**", in_turn)
        async with page.expect_response("**/fragments/stations/"):
            async with page.expect_request("**/fragments/stations/"):
                await page.keyboard.press("r")
            async with page.expect_request("**/fragments/stations/?connectivity=offline"):
                await page.get_by_label("Connection").select_option("offline")
            answered[""].set()
        answered["connectivity=offline"].set()
        await page.wait_for_url("**/stations/?connectivity=offline")
        await page.locator('[data-key="station:alpha"]').wait_for(state="detached")
        assert await page.locator("[data-row]").count() == 1
        await page.unroute("**/fragments/stations/**")
        # Back doesn't lead through what was typed on the way, nor to what is asked for once more in the end.
        text = page.get_by_label("Filter", exact=True)
        for typed, word in (("no", "no"), ("body", "nobody")):
            await text.press_sequentially(typed)
            await page.wait_for_url(f"**/stations/?q={word}&connectivity=offline")
        await page.get_by_text("No station fits").wait_for()
        async with page.expect_response("**/fragments/stations/?q=nobody*"):
            await text.blur()
        await page.go_back()
        await page.locator('[data-key="station:delta"]').wait_for()
        # Its scripts, which see that one goes back, come after it is drawn.
        await visit.live()
        await page.go_back()
        await page.locator('[data-key="station:alpha"]').wait_for()
        assert visit.path == "/stations/"


async def test_the_keyboard_alone_finds_a_station_and_sends_a_command(site, lively, operator):
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/stations/")
        await page.keyboard.press("?")
        await page.get_by_role("heading", name="Keyboard shortcuts").wait_for()
        await page.keyboard.press("Escape")
        await page.keyboard.press("/")
        await page.keyboard.type("alpha")
        await page.wait_for_url("**/stations/?q=alpha")
        await page.locator('[data-key="station:bravo"]').wait_for(state="detached")
        await page.keyboard.press("Escape")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/stations/alpha/")
        await page.keyboard.press("c")
        await page.locator("#dialog #command-q:focus").wait_for()
        await page.keyboard.type("reset")
        await page.keyboard.press("Enter")
        await page.locator("#command-form :focus").wait_for()
        await page.keyboard.press("Enter")
        await page.locator("#lives [data-f=state]").wait_for()
        assert (await Command.objects.aget()).name == "reset"
        await page.keyboard.press("g")
        await page.keyboard.press("m")
        await page.wait_for_url("**/messages/")


async def test_the_palette_leads_to_a_command_by_the_keyboard_alone(site, lively, operator):
    async with site.visiting(operator) as visit:
        page = visit.page
        await visit.go("/messages/")
        await page.keyboard.press("Control+k")
        await page.locator("#palette-finds a").first.wait_for()
        # Quicker than the answer: what is opened is what was typed.
        await page.keyboard.type("alph")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/stations/alpha/")
        await page.keyboard.press("Control+k")
        await page.keyboard.type("reset")
        await page.locator("#palette-finds a", has_text="Command").first.wait_for()
        await page.keyboard.press("ArrowDown")
        # What is found for a letter that was typed before may come only now.
        async with page.expect_response("**/palette/**"):
            await page.evaluate("htmx.trigger('#palette-form', 'palette:open')")
        await page.wait_for_function("document.activeElement.closest('#palette-finds')")
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/stations/alpha/commands/reset/")


async def test_single_keys_can_be_switched_off(site, lively, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/")
        await page.keyboard.press("?")
        async with page.expect_response("**/settings/preferences/"):
            await page.get_by_label("Single-key shortcuts").uncheck()
        await page.keyboard.press("Escape")
        await page.reload()
        await page.keyboard.press("?")
        assert not await page.locator("#shortcuts").is_visible()


async def test_a_theme_is_kept_and_drawn_by_the_server(site, lively, viewer):
    async with site.visiting(viewer, color_scheme="dark") as visit:
        page = visit.page
        await visit.go("/stations/")
        background = "getComputedStyle(document.documentElement).backgroundColor"
        assert await page.evaluate(background) == "rgb(11, 16, 22)"
        await page.keyboard.press("t")
        await page.keyboard.press("t")
        assert await page.evaluate(background) == "rgb(243, 245, 248)"
        await page.reload()
        assert await page.evaluate(background) == "rgb(243, 245, 248)"


async def test_a_fragment_that_cannot_be_loaded_says_so_and_can_be_tried_again(
    site, lively, elsewhere, stranger, viewer
):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/")
        failing = {"status": 500, "headers": {"X-Request-ID": "01ABC"}, "body": "broken"}
        await page.route("**/fragments/stations/**", lambda route: route.fulfill(**failing))
        await page.get_by_label("Protocol").select_option("1.6")
        box = page.locator(".fetch-error")
        await box.wait_for()
        assert "Request 01ABC" in await box.inner_text()
        assert await page.locator('[data-key="station:bravo"]').count() == 1
        await page.unroute("**/fragments/stations/**")
        await box.get_by_role("button").click()
        await page.locator('[data-key="station:bravo"]').wait_for(state="detached")
        assert visit.path == "/stations/?version=1.6"
        # What fills a box leaves it where it is, for the next time.
        await page.route("**/fragments/station-columns/**", lambda route: route.fulfill(**failing))
        await page.get_by_role("button", name="Columns").click()
        await box.wait_for()
        await page.unroute("**/fragments/station-columns/**")
        await box.get_by_role("button").click()
        await page.locator("#columns-body #columns-form").wait_for()
        await page.keyboard.press("Escape")
        # Another tab of the same browser chooses another network: its stations aren't for this page.
        await sync_to_async(enlist)(elsewhere, "vera", "viewer")
        await sync_to_async(viewer.post)("/network/", {"slug": "elsewhere"})
        await page.locator("h1").click()
        await page.keyboard.press("r")
        await page.get_by_text("You chose another network in another tab since.").first.wait_for()
        assert await page.locator('[data-key="station:alpha"]').count() == 1
        visit.wrong = [each for each in visit.wrong if "500" not in each and "409" not in each]


async def test_on_a_phone_trouble_comes_first_and_actions_are_at_hand(site, lively, operator):
    async with site.visiting(operator, width=390, height=844) as visit:
        page = visit.page
        await visit.go("/")
        await visit.live()
        order = "[...document.querySelectorAll('#attention, #overview-fleet')].map(part => part.id)"
        seen = "[...document.querySelectorAll('#attention, #overview-fleet a')].map(part => part.offsetTop)"
        assert await page.evaluate(order) == ["attention", "overview-fleet"]
        assert await page.evaluate(seen) == sorted(await page.evaluate(seen))
        await page.set_viewport_size({"width": 1440, "height": 900})
        assert await page.evaluate(order) == ["overview-fleet", "attention"]
        await page.set_viewport_size({"width": 390, "height": 844})
        await visit.go("/stations/alpha/")
        await visit.live()
        assert await page.evaluate(BEHIND_THE_BAR) == []
        await page.locator(".action-bar a", has_text="Commands").click()
        await page.locator("#dialog[open]").wait_for()


async def test_without_javascript_plots_are_pages_of_their_own(site, lively, viewer):
    async with site.visiting(viewer, java_script_enabled=False) as visit:
        page = visit.page
        for path, link in (
            ("/", "#panel-power a"),
            ("/stations/alpha/", "#activity a"),
            ("/messages/", "#volume a"),
        ):
            await visit.go(path)
            await page.locator(link).click()
            plot = page.locator("main .plot-body svg").first
            await plot.wait_for()
            box = await plot.bounding_box()
            assert box
            assert box["width"] > 300  # with its style sheet
            await page.locator("main summary", has_text="Show as table").first.click()
            assert await page.locator("main .plot-table tbody tr").first.is_visible()
            assert await page.locator("nav a[href='/stations/']").count()
        await visit.go("/stations/alpha/")
        await page.locator("#health a").click()
        assert "as of" in await page.locator("main #health").inner_text()


async def test_without_javascript_lists_filters_and_commands_work(site, lively, alpha, operator):
    async with site.visiting(operator, java_script_enabled=False) as visit:
        page = visit.page
        await visit.go("/stations/")
        await page.get_by_label("Protocol").select_option("1.6")
        await page.get_by_role("button", name="Filter").click()
        await page.get_by_role("link", name="alpha", exact=True).click()
        await page.get_by_role("link", name="Commands", exact=True).first.click()
        await page.get_by_role("link", name="Clear cache").click()
        await page.get_by_role("button", name="Clear the cache").click()
        assert visit.path == "/stations/alpha/commands/#lives"
        assert await page.locator("#lives [data-f=state]").inner_text() == "Queued"


async def test_hostile_text_does_nothing(site, network, alpha, viewer):
    text = LONG
    await sync_to_async(Station.objects.update)(vendor=text, model=text, firmware_version=text)
    await sync_to_async(report)(alpha, "Available")
    async with site.visiting(viewer) as visit:
        for path in ("/stations/", "/stations/alpha/"):
            await visit.go(path)
            await visit.live()
            await sync_to_async(report)(alpha, "Faulted", vendor_error_code=text, info=text)
            await sync_to_async(exchange)(alpha, text, {"info": text}, error=text)
            await visit.hear("Faulted")
            await sync_to_async(report)(alpha, "Available")
            await visit.hear("Available")
        assert visit.path == "/stations/alpha/"


async def test_hostile_text_does_nothing_on_the_wall_and_in_the_palette(site, network, alpha, viewer):
    await sync_to_async(furnish)(network)
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/?wall=1")
        await visit.live()
        await page.locator("#wall-canvas canvas").focus()
        await page.keyboard.press("ArrowRight")
        await page.locator("#wall-card", has_text="onclick").wait_for()
        await sync_to_async(report)(await Station.objects.aget(identity=SHORT), "Available")
        await visit.go("/")
        await visit.live()
        await page.keyboard.press("Control+k")
        await page.locator("#palette-finds a").first.wait_for()
        await page.keyboard.type("onclick")
        await page.locator("#palette-finds a", has_text=SHORT).first.wait_for()
        assert visit.path == "/"
