"""Takes the pictures of docs/images from a running demo in which things break, each of these in a terminal:

    EMOBI_DEMO_STATIONS=0 make run
    .venv/bin/python manage.py simulate --stations 24 --scenario faults --speed 4
    .venv/bin/python docs/screenshots.py [ADDRESS]

It waits until something needs attention: a page on which all is well shows nothing of what one does there.
The login is read from the data folder, as `make run` left it there.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from emobi import browser, env  # noqa: E402 - found by the line above

IMAGES = ROOT / "docs/images"
DESK = (1440, 900)
PHONE = (390, 844)
PLACES = {
    "overview": "/",
    "stations": "/stations/",
    "messages": "/messages/",
    "incidents": "/incidents/",
    "playbooks": "/playbooks/",
}
# So much needs attention before pictures are taken; waited for so long at most.
TROUBLES = 4
PATIENT_S = 900
# As long as a page takes to be told what it shows, and to draw it.
SETTLES_MS = 2500


def main() -> None:
    address = (
        sys.argv[1] if len(sys.argv) > 1 else f"http://{env.text('EMOBI_BIND', default='127.0.0.1:8000')}"
    )
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(**browser.launch_options())
        with signed_in(chromium, address, "dark", DESK) as page:
            wait_for_trouble(page, address)
        for theme in ("dark", "light"):
            with signed_in(chromium, address, theme, DESK) as page:
                for name, path in PLACES.items():
                    picture(page, address + path, f"{name}-{theme}")
                picture(page, address + busiest(page, address), f"station-{theme}")
                picture(page, address + longest_session(page, address), f"session-{theme}")
        with signed_in(chromium, address, "dark", PHONE) as page:
            picture(page, f"{address}/", "overview-phone")
            picture(page, f"{address}/stations/", "stations-phone")
            picture(page, address + busiest(page, address), "station-phone")
        chromium.close()


@contextmanager
def signed_in(chromium: Browser, address: str, theme: str, size: tuple[int, int]) -> Iterator[Page]:
    """A window of the demo's operator."""
    width, height = size
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        device_scale_factor=2 if size == PHONE else 1,
    )
    page = context.new_page()
    name, password = login()
    page.goto(f"{address}/sign-in/")
    page.get_by_label("User name or e-mail").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(f"{address}/")
    yield page
    context.close()


def wait_for_trouble(page: Page, address: str) -> None:
    """Until the overview has something to show.

    Raises:
        SystemExit: If all stays well.
    """
    begin = time.monotonic()
    while time.monotonic() < begin + PATIENT_S:
        page.goto(f"{address}/")
        if page.locator("#attention [data-row]").count() >= TROUBLES:
            return
        page.wait_for_timeout(10_000)
    sys.exit("Nothing breaks: start the simulator with --scenario faults.")


def login() -> tuple[str, str]:
    """The operator that `make run` created."""
    data_dir = Path(os.environ.get("EMOBI_DATA_DIR") or ROOT / ".emobi")
    name, password = (data_dir / "operator").read_text().split()
    return name, password


def busiest(page: Page, address: str) -> str:
    """Where the station is that charges with the most power, of those in the list."""
    page.goto(f"{address}/stations/")
    rows = page.locator("tr[data-row]").all()
    powers = {row: row.locator("[data-f=kw]").inner_text() for row in rows}
    most = max(powers, key=lambda row: float(powers[row]) if powers[row][0].isdigit() else -1.0)
    return most.locator("a[data-open]").get_attribute("href") or ""


def longest_session(page: Page, address: str) -> str:
    """Where the session is that began first, of those in the list."""
    page.goto(f"{address}/sessions/")
    return page.locator("tr[data-row] a[data-open]").last.get_attribute("href") or ""


def picture(page: Page, url: str, name: str) -> None:
    """Write one picture, as soon as the page is live."""
    page.goto(url)
    page.wait_for_selector("#live[data-live=live]")
    page.wait_for_timeout(SETTLES_MS)
    page.screenshot(path=IMAGES / f"{name}.png")


if __name__ == "__main__":
    main()
