"""What holds for every page, in a real browser: alarms, what is away, screens on a wall."""

import asyncio
from datetime import timedelta

import pytest
import pytest_asyncio
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from playwright.async_api import expect

from dashboard.incidents import incident_page
from dashboard.live.own_watch import PARTS
from emobi.core import clock
from emobi.core.models import AuditEntry
from emobi.core.services import preferences, wall_tokens
from sessions.services import charging_sessions
from stations.models import GatewayProcess, IncidentKind, RunStep, Severity
from stations.services.incidents import handling, opening
from stations.services.incidents.opening import Affected, Finding
from tests.dashboard.browsing import BEHIND_THE_BAR, SOON_MS, browsing, serving
from tests.dashboard.state import report
from tests.sessions.said import start_16, tell
from tests.stations.playing import advance, break_down, make, only_run, quiet

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


def opened(network, station, key, severity=Severity.CRITICAL, others=()):
    finding = Finding(
        kind=IncidentKind.FAULT, key=key, severity=severity, title=f"{station.identity} burns ({key})",
        affected=[Affected.from_now(each) for each in (station, *others)],
    )  # fmt: skip
    return opening.open_or_join(network, finding)


async def until(tab, expression):
    """Wait until this is so on the page, whose policy lets nobody evaluate anything later on."""
    look = f"const look = () => ({expression} ? done() : setTimeout(look, 50)); look();"
    async with asyncio.timeout(SOON_MS / 1000):
        await tab.evaluate(f"new Promise(done => {{ {look} }})")


KNOWN = "JSON.parse(localStorage.getItem('alarms:grid')).ids.length"
COUNT_SOUNDS = "window.sounds = 0; document.addEventListener('noc:sound', () => { window.sounds += 1; });"
HEARD_FIRST = "localStorage.getItem('alarms:grid') !== null"


async def test_whatever_the_badge_says_no_page_is_wider_than_a_phone(site, network, viewer):
    says = """([word, zone]) => {
      document.getElementById("live-word").textContent = word;
      document.getElementById("live-zone").textContent = zone;
      const {scrollWidth, clientWidth} = document.documentElement;
      return scrollWidth - clientWidth;
    }"""
    async with site.visiting(viewer) as visit:
        await visit.page.set_viewport_size({"width": 320, "height": 700})
        await visit.go("/stations/")
        for word in ("Connecting", "Delayed 12 min", "Reconnecting 59 min", "Offline 12 d", "Paused"):
            assert await visit.page.evaluate(says, [word, "GMT+05:30"]) <= 0, word


async def test_new_critical_incidents_sound_once_for_all_tabs_and_are_counted(site, network, alpha, viewer):
    vera = await User.objects.aget(username="vera")
    await sync_to_async(preferences.change)(vera, {"sound": True})
    async with site.visiting(viewer) as visit:
        await visit.context.add_init_script(COUNT_SOUNDS)
        tabs = [visit.page, await visit.context.new_page()]
        for tab in tabs:
            await tab.goto(f"{visit.home}/settings/profile/")
            await tab.wait_for_selector("#live[data-live=live]")
            await tab.get_by_role("heading", name="Settings").click()
            await until(tab, HEARD_FIRST)
        await sync_to_async(opened)(network, alpha, "minor", Severity.MINOR)
        await sync_to_async(opened)(network, alpha, "a")
        for tab in tabs:
            await expect(tab).to_have_title("(1) Profile · Emobi", timeout=SOON_MS)
        # They may look at it one after the other, but one of them has told of it.
        await until(tabs[0], f"{KNOWN} === 1")
        toasts = [await tab.locator(".toast", has_text="alpha burns (a)").count() for tab in tabs]
        assert sum(toasts) == 1
        # Many at a time are one.
        await sync_to_async(opened)(network, alpha, "b")
        for tab in tabs:
            await expect(tab).to_have_title("(2) Profile · Emobi", timeout=SOON_MS)
        await until(tabs[0], f"{KNOWN} === 2")
        assert sum([await tab.evaluate("window.sounds") for tab in tabs]) == 1


def all_is_well():
    """A gateway that lives, and workers that won't be missed however long the test takes."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for part in PARTS:
            client.set(f"emobi:heard:{part}", clock.iso(clock.wall() + timedelta(hours=1)), ex=600)
        # What a gateway of another test said of itself a moment ago.
        for key in client.scan_iter(match="emobi:metrics:*"):
            client.delete(key)
    return GatewayProcess.objects.create(
        name="g", host="h", pid=1, lease_until=clock.wall() + timedelta(hours=1)
    )


async def test_what_is_away_is_named_and_the_banner_goes_by_itself(site, network, alpha, admin):
    gateway = await sync_to_async(all_is_well)()
    async with site.visiting(admin) as visit:
        banner = visit.page.locator("#own-trouble")
        await visit.go("/stations/")
        await visit.live()
        await banner.wait_for(state="hidden")
        died = clock.wall() - timedelta(minutes=2)
        await sync_to_async(GatewayProcess.objects.filter(pk=gateway.pk).update)(stopped_at=died)
        await banner.get_by_text("No gateway process runs").wait_for()
        assert f"since {died:%H:%M:%S} UTC" in await banner.inner_text()
        # A page that is opened meanwhile has it without a script.
        async with site.visiting(admin, java_script_enabled=False) as plain:
            await plain.go("/messages/")
            assert await plain.page.locator("#own-trouble").is_visible()
        await sync_to_async(GatewayProcess.objects.filter(pk=gateway.pk).update)(stopped_at=None)
        await banner.wait_for(state="hidden")


async def test_a_screen_shows_the_wall_without_signing_in_until_its_link_is_revoked(site, network, alpha):
    token, text = await sync_to_async(wall_tokens.create)(network, "Hall", by="user:ada")
    async with site.visiting(width=2560, height=1440) as visit:
        page = visit.page
        await visit.go(f"/wall/{text}/")
        assert visit.path == "/?wall=1"
        await visit.live()
        await sync_to_async(report)(alpha, "Faulted", error_code="GroundFailure")
        await page.locator(".wall-legend [data-letter=f] [data-count]", has_text="1").wait_for()
        cookie = next(each for each in await visit.context.cookies() if each["name"] == "sessionid")
        assert cookie["expires"] - clock.wall().timestamp() > 365 * 86400
        # It sees nothing else, and changes nothing.
        assert (await page.request.get(f"{visit.home}/stations/alpha/")).url.startswith(
            f"{visit.home}/sign-in/"
        )
        await sync_to_async(wall_tokens.revoke)(token, by="user:ada")
        await page.get_by_role("button", name="Next panel").click()
        await page.get_by_role("heading", name="This screen's link has ended").wait_for()
        visit.wrong = [each for each in visit.wrong if "401" not in each]


def waiting_run(network, station):
    """A run of a playbook that waits for somebody's yes."""
    quiet(network)
    make(network, {"do": "ask", "text": "May I?", "timeout_s": 600, "on_failure": "continue"})
    break_down(station)
    advance(1)
    run = only_run(network)
    RunStep.objects.filter(run=run).update(inputs={"text": "May I?"})
    return run


async def test_what_refreshes_itself_takes_nothing_out_of_ones_hands(site, network, alpha, operator):
    run = await sync_to_async(waiting_run)(network, alpha)
    async with site.visiting(operator) as visit:
        page, asked = visit.page, []
        page.on("request", lambda request: asked.append(request.url) if "/progress/" in request.url else None)
        await page.clock.install()
        await visit.go(f"/playbooks/runs/{run.pk}/")
        await visit.live()
        await page.locator("summary", has_text="Inputs and outputs").click()
        while await page.evaluate("document.activeElement.id") != "approve":
            await page.keyboard.press("Tab")
        await page.evaluate("document.getElementById('run-progress').dataset.before = ''")
        await page.clock.run_for(2500)
        await page.locator("#run-progress:not([data-before])").wait_for()
        assert await page.evaluate("document.activeElement.id") == "approve"
        assert await page.locator("#run-progress details[open]").count() == 1
        # What is typed is left alone, and so is all of it while the page is paused.
        await page.get_by_label("Why you refuse, take over or cancel").focus()
        before = len(asked)
        await page.clock.run_for(10_000)
        await page.locator("#approve").focus()
        await page.keyboard.press("p")
        await page.clock.run_for(10_000)
        assert len(asked) == before
        await page.keyboard.press("p")
        await page.clock.run_for(2500)
        assert len(asked) > before
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
    await run.arefresh_from_db()
    assert run.approved_by == "user:otto"


def at_work(network, station):
    """An incident, a session that runs, a run that asks: each with something to do about it."""
    session = tell(charging_sessions.start, station, start_16()).session
    return opened(network, station, "a"), session, waiting_run(network, station)


async def test_on_a_phone_what_can_be_done_is_at_hand_without_javascript_too(site, network, alpha, operator):
    incident, session, run = await sync_to_async(at_work)(network, alpha)
    paths = [f"/incidents/{incident.pk}/", f"/sessions/{session.pk}/", f"/playbooks/runs/{run.pk}/"]
    async with site.visiting(operator, width=390, height=844, java_script_enabled=False) as visit:
        page, bar = visit.page, visit.page.locator(".action-bar")
        for path in paths:
            await visit.go(path)
            for width in (390, 320):
                await page.set_viewport_size({"width": width, "height": 844})
                assert await page.evaluate(BEHIND_THE_BAR) == [], (path, width)
        # Enter in a field does nothing that isn't asked for.
        await page.get_by_label("Why you refuse").fill("It rains.")
        await page.get_by_label("Why you refuse").press("Enter")
        await bar.get_by_role("button", name="Refuse").click()
        await page.locator("#approve").wait_for(state="detached")
        done = AuditEntry.objects.filter(actor="user:otto", target="alpha")
        assert [(each.action, each.detail["reason"]) async for each in done] == [
            ("playbook_run.refused", "It rains.")
        ]
        await visit.go(paths[1])
        await bar.get_by_role("link", name="Stop charging").click()
        await page.wait_for_url("**/commands/remote_stop/**")
        await visit.go(paths[0])
        await page.set_viewport_size({"width": 1440, "height": 844})
        await expect(page.get_by_role("button", name="Snooze")).to_have_count(1)
        await page.set_viewport_size({"width": 390, "height": 844})
        await expect(page.get_by_role("button", name="Snooze")).to_have_count(1)
        await bar.get_by_role("button", name="Snooze").click()
        await page.get_by_role("button", name="4 hours").click()
        await bar.get_by_role("button", name="Show again").wait_for()
    await incident.arefresh_from_db()
    assert incident.snoozed_until - clock.wall() > timedelta(hours=3)


async def test_menus_that_are_open_and_what_is_ticked_are_left_alone(site, network, alpha, bravo, operator):
    incident = await sync_to_async(opened)(network, alpha, "a", others=[bravo])
    async with site.visiting(operator, width=390, height=844) as visit:
        page, asked = visit.page, []
        await visit.go(f"/incidents/{incident.pk}/")
        await visit.live()
        part = visit.home + await page.locator("#incident").get_attribute("data-fragment")
        page.on("request", lambda request: asked.append(request.url) if request.url == part else None)
        await page.locator(".action-bar").get_by_role("button", name="Snooze").click()
        await page.locator("#snooze:popover-open").wait_for()
        handled = await sync_to_async(handling.acknowledge)(incident, by="user:ada")
        await visit.hear(await sync_to_async(incident_page.shape)(handled))
        # Whatever the page did of it, it did before the next.
        await visit.hear('"t"')
        assert asked == []
        assert await page.locator("#snooze:popover-open").count() == 1
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Acknowledge").wait_for(state="detached")
        # Nor is a tick undone: what is new is offered.
        tick = page.get_by_role("checkbox", name="Choose bravo")
        await tick.check()
        asked.clear()
        noted = await sync_to_async(handling.note)(handled, "A fuse.", by="user:ada")
        await visit.hear(await sync_to_async(incident_page.shape)(noted))
        changed = page.get_by_role("button", name="Changed · Show")
        await changed.wait_for()
        ends = "document.querySelector('#changed').getBoundingClientRect().bottom"
        assert await page.evaluate(
            f"{ends} < document.querySelector('.action-bar').getBoundingClientRect().top"
        )
        await page.keyboard.press("r")
        await visit.hear('"t"')
        assert asked == []
        assert await tick.is_checked()
        await changed.click()
        await page.locator(".timeline", has_text="A fuse.").wait_for()
        assert not await tick.is_checked()
        await changed.wait_for(state="hidden")


async def test_where_no_socket_gets_through_figures_say_of_when_they_are(site, network, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await page.clock.install()
        await page.route_web_socket("**/live/**", lambda route: route.close())
        await visit.go("/sessions/")
        while await page.locator("#live").get_attribute("data-live") != "offline":
            await page.clock.run_for(1000)
        drawn = await page.locator("#as-of").inner_text()
        assert await page.locator(".as-of").is_visible()
        assert drawn.endswith(" UTC")
        async with asyncio.timeout(SOON_MS / 1000):
            while await page.locator("#as-of").inner_text() == drawn:
                await page.clock.run_for(15_000)
