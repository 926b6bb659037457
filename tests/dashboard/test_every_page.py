"""Every page in a real browser: accessible in both themes at every width, and asking no other host.

A page is fetched once and then looked at by resizing the window and turning the theme. What a theme changes
is colour alone, and the widest window shows what the desk's does, only larger: they are asked about that.
Whether text can be read depends on its colours and size: what passed is known by them from then on.
"""

from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]  # has no types
from playwright.async_api import expect

from tests.dashboard.browsing import SOON_MS, browsing, serving
from tests.dashboard.pages import ROOMS, Cast, Page, looker

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]

ALL = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SEEN = ["target-size", "scrollable-region-focusable"]
# In which theme, how wide, asked about what besides contrast: axe's rules, by tag or name.
LOOKS: tuple[tuple[Any, int, list[str]], ...] = (
    ("dark", 390, ALL),
    ("dark", 1440, ALL),
    ("dark", 2560, SEEN),
    ("light", 390, []),
    ("light", 1440, []),
    ("light", 2560, []),
)
SEEN_IN = {
    "everywhere": LOOKS,
    "in both themes": (("dark", 390, ALL), ("light", 1440, [])),
    "once": (("dark", 390, ALL),),
}
# No page is wider than its window; the narrowest is WCAG's (1.4.10).
WIDTHS = (320, 390, 640, 1024, 1440, 2560)
AUDIT = """runOnly => axe.run(document, {
  runOnly, rules: {"color-contrast": {enabled: false}}, resultTypes: ["violations"],
}).then(
  found => found.violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 120))])
)"""
# What is wrong with the text that doesn't look like any in `passed`; and what of it passes.
CONTRAST = """passed => {
  const known = new Set(passed), grounds = new Map();
  const ground = element => {
    if (!element) return ["", 1];
    if (!grounds.has(element)) {
      const {backgroundColor, backgroundImage, opacity} = getComputedStyle(element);
      const [behind, faded] = ground(element.parentElement);
      const clear = backgroundColor === "rgba(0, 0, 0, 0)" && backgroundImage === "none";
      const opaque = backgroundColor.startsWith("rgb(") && backgroundImage === "none";
      const own = `${backgroundColor} ${backgroundImage}`;
      grounds.set(element, [clear ? behind : opaque ? own : `${own} on ${behind}`, faded * opacity]);
    }
    return grounds.get(element);
  };
  const look = element => {
    const {color, fontSize, fontWeight, textShadow} = getComputedStyle(element);
    return [color, fontSize, fontWeight, textShadow, ...ground(element)].join(" ");
  };
  const says = element => element.matches("input, select, textarea")
    || [...element.childNodes].some(each => each.nodeType === Node.TEXT_NODE && each.data.trim());
  const text = [...document.querySelectorAll("body *")].filter(
    element => says(element) && element.checkVisibility({visibilityProperty: true, opacityProperty: true})
      && element.offsetWidth > 1 && !known.has(look(element))
  );
  if (!text.length) return [[], []];
  return axe.run({include: text}, {
    runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], elementRef: true,
  }).then(({violations, passes}) => [
    violations.map(each => [each.id, each.nodes.map(node => node.html.slice(0, 120))]),
    [...new Set(passes.flatMap(each => each.nodes.map(node => look(node.element))))],
  ]);
}"""
# With room for what comes after the page.
TALL = "document.querySelector('.action-bar') ? document.documentElement.scrollHeight + 600 : 0"
# Text that could be read: its colours, size and ground.
PASSED: set[str] = set()
# How much wider a page is than its window, and what in it sticks out.
TOO_WIDE = """() => {
  const {scrollWidth, clientWidth} = document.documentElement;
  if (scrollWidth <= clientWidth) return null;
  const out = [...document.querySelectorAll("body *")].filter(
    each => each.getBoundingClientRect().right > clientWidth + 0.5 && each.checkVisibility()
  );
  return [scrollWidth, out.slice(0, 8).map(each => each.outerHTML.slice(0, 120))];
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.__name__)
async def test_every_page_of_a_room(site, network, alpha, bravo, room):
    pages = await sync_to_async(lambda: list(room(Cast(network, alpha, bravo))))()
    wrong = []
    for who in sorted({(page.network, page.role) for page in pages}):
        theirs = [each for each in pages if (each.network, each.role) == who]
        client = await sync_to_async(looker)(theirs) if theirs[0].role else None
        # Nothing fades here: a theme is turned in the middle of it only by a test.
        async with site.visiting(client, color_scheme="dark", reduced_motion="reduce") as visit:
            for page in theirs:
                await visit.page.set_viewport_size({"width": 1440, "height": 900})
                wrong += [(page, "status", each) for each in await opened(visit, page)]
                await act(visit.page, page)
                wrong += [(page, *each) async for each in looked_at(visit.page, page)]
                # The browser tells of a page that is about something wrong.
                visit.wrong = [each for each in visit.wrong if f"status of {page.status} " not in each]
    assert wrong == [], [each[1:] for each in wrong]


async def test_text_that_cannot_be_read_is_found_and_asked_about_until_it_can(site):
    async with site.visiting() as visit:
        await visit.page.set_content(
            "<body style='background: #fff; color: #333'><main>"
            "<p>Read</p><p id=pale style='color: #aaa'>Pale</p>"
            "<div style='background: #555'><b>On another ground</b></div></main>"
        )
        await visit.page.evaluate(Axe().axe_script)
        wrong, passed = await visit.page.evaluate(CONTRAST, [])
        (rule, nodes), (look,) = wrong[0], passed
        assert (rule, len(wrong), len(nodes)) == ("color-contrast", 1, 2)
        assert await visit.page.evaluate(CONTRAST, [look]) == [wrong, []]
        await visit.page.evaluate("document.querySelectorAll('#pale, div').forEach(each => each.remove())")
        assert await visit.page.evaluate(CONTRAST, [look]) == [[], []]


async def opened(visit, page: Page):
    """Go to the page; the status, where it isn't the page's."""
    if page.answer is not None:
        answer = await sync_to_async(page.answer)()
        headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
        shown = {"status": answer.status_code, "headers": headers, "body": answer.content}
        # For good: the newest one counts, and what is switched off after its first request is switched off
        # while the rest of the page comes.
        await visit.page.route("**" + page.path, lambda route: route.fulfill(**shown))
    response = await visit.go(page.path)
    return [] if response.status == page.status else [response.status]


async def act(page, shown: Page):
    for step in shown.then:
        if step.startswith("key:"):
            await page.keyboard.press(step.removeprefix("key:"))
        elif step.startswith("path:"):
            await page.wait_for_url("**" + step.removeprefix("path:"))
        elif step.startswith("see:") or step.endswith("[open]"):
            await page.locator(step.removeprefix("see:")).wait_for()
        elif " => " in step:
            selector, text = step.split(" => ")
            field = page.locator(selector).first
            chosen = await field.evaluate("field => field.matches('select')")
            await (field.select_option(text) if chosen else field.fill(text))
        else:
            await page.locator(step).first.click()
    # What an answer brings is looked at, too.
    await expect(page.locator(".htmx-request")).to_have_count(0, timeout=SOON_MS)


async def looked_at(page, shown: Page):
    """What is wrong with the page that is open."""
    await page.evaluate(Axe().axe_script)
    # A field that a click scrolled half below the bar is no smaller for it.
    await page.evaluate("scrollTo(0, 0)")
    looks = SEEN_IN[shown.seen]
    widths = WIDTHS if shown.seen == "everywhere" else (WIDTHS[0], *(width for _, width, _ in looks))
    for width in widths:
        await page.set_viewport_size({"width": width, "height": 900})
        if too_wide := await page.evaluate(TOO_WIDE):
            yield "too wide", width, *too_wide
        # On a phone a bar of actions stands over the page's end: where all of it is seen it covers nothing.
        if width == 390 and (tall := await page.evaluate(TALL)):
            await page.set_viewport_size({"width": width, "height": tall})
        for theme, rules in ((theme, rules) for theme, at, rules in looks if at == width):
            await page.emulate_media(color_scheme=theme)
            wrong, readable = await page.evaluate(CONTRAST, list(PASSED))
            PASSED.update(readable)
            if rules:
                wrong += await page.evaluate(AUDIT, rules)
            for rule, nodes in wrong:
                yield theme, width, rule, nodes
    await page.emulate_media(color_scheme="dark")
