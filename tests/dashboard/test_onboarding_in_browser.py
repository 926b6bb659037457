"""From sign-in to a live station, in a real browser, with a real gateway."""

import asyncio
import contextlib
import os
import subprocess
import sys

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from django.conf import settings

from stations.models import Station
from tests.dashboard.browsing import browsing, serving
from tests.dashboard.conftest import PASSWORD, enlist
from tests.gateway.whole.charger import Charger, refusal
from tests.gateway.whole.gateway_process import GatewayProcess, database_url

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]

PATIENT_MS = 60_000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


@pytest.fixture
def gateway(transactional_db, tmp_path):
    with GatewayProcess(tmp_path) as process:
        yield process


@contextlib.contextmanager
def simulator(gateway):
    """The demo's process, with one station of its own, on this gateway."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "simulate", "--on-request", "--stations=1", "--network=grid"],
        cwd=settings.ROOT,
        env={
            **os.environ,
            "DATABASE_URL": database_url(),
            "EMOBI_SECRET_KEY": settings.SECRET_KEY,
            "EMOBI_OCPP_BIND": f"127.0.0.1:{gateway.port}",
            "EMOBI_OCPP_TLS_BIND": "",
        },
        stdin=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def step(page, title):
    return page.locator("#checklist li", has=page.get_by_text(title, exact=True))


async def test_a_newcomer_gets_from_sign_in_to_a_live_station(site, network, gateway):
    await sync_to_async(enlist)(network, "otto", "operator")
    async with site.visiting() as visit:
        page = visit.page
        page.set_default_timeout(PATIENT_MS)
        await visit.go("/connect/")
        await page.get_by_label("User name or e-mail").fill("otto")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.get_by_role("textbox", name="Identity", exact=True).fill("CP-7")
        await page.get_by_text("1: password, not encrypted").click()
        await page.get_by_role("button", name="Register and go on").click()
        password = await page.locator("#password").inner_text()
        path = "/ocpp/grid/CP-7"
        assert path in await page.locator("#of16-1").inner_text()
        assert (
            await asyncio.to_thread(refusal, gateway, path, user="CP-7", password=f"{password} ")
        ).status_code == 401
        await step(page, "Password or certificate").get_by_text("Did somebody paste a space?").wait_for()
        await step(page, "Password or certificate").get_by_text("without spaces around it").wait_for()
        await asyncio.to_thread(come_in, gateway, path, password)
        for title in ("Password or certificate", "BootNotification", "Accepted", "First heartbeat"):
            await step(page, title).locator('[data-status="accepted"]').wait_for()
        await page.get_by_text("it is in service").wait_for()
        assert await page.locator("#password").inner_text() == password
        await page.get_by_label("Tags, with commas between").fill("new")
        await page.get_by_role("button", name="Keep it and open its page").click()
        await page.wait_for_url("**/stations/CP-7/")
        # The browser tells of nothing that went wrong but what was meant to.
        assert (await Station.objects.aget(identity="CP-7")).tags == ["new"]


def come_in(gateway, path, password):
    with Charger(gateway, path, user="CP-7", password=password) as charger:
        assert charger.boot()["status"] == "Accepted"
        charger.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Available"})
        charger.heartbeat()


async def test_one_click_starts_a_simulated_station_and_another_ends_it(site, network, gateway, operator):
    with simulator(gateway):
        async with site.visiting(operator) as visit:
            page = visit.page
            page.set_default_timeout(PATIENT_MS)
            await visit.go("/connect/")
            await page.get_by_role("button", name="Start one, OCPP 2.0.1").click()
            await step(page, "BootNotification").locator('[data-status="accepted"]').wait_for()
            await step(page, "Status of each connector").locator('[data-status="accepted"]').wait_for()
            identity = await page.locator("h1").inner_text()
            assert identity.startswith("SIM-")
            await page.get_by_role("button", name="Switch off now").click()
            await page.get_by_text("is switched off").wait_for()
            await visit.go(f"/stations/{identity}/")
            await page.locator('#head [data-status="silent"], #head [data-status="offline"]').first.wait_for()
