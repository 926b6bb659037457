"""Signing in and signing in again over a page, in a real browser."""

import pytest
import pytest_asyncio
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from tests.dashboard.browsing import browsing, serving
from tests.dashboard.conftest import PASSWORD, enlist
from tests.dashboard.test_second_factor import code

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.django_db(transaction=True)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(django_db_setup):
    with serving() as address:
        async with browsing(address) as found:
            yield found


@pytest.fixture(autouse=True)
def nobody_failed():
    cache.clear()


@pytest.fixture
def secret(network) -> str:
    """Of the app that otto, an operator, has set up."""
    enlist(network, "otto", "operator")
    made: str = generate_totp_secret()
    TOTP.activate(User.objects.get(username="otto"), made)
    return made


async def test_one_signs_in_again_in_place_and_loses_nothing(site, alpha, viewer):
    async with site.visiting(viewer) as visit:
        page = visit.page
        await visit.go("/stations/")
        await visit.live()
        await page.get_by_text("Keep this view").click()
        await page.get_by_label("Name", exact=True).fill("Night shift")
        await visit.context.clear_cookies(name="sessionid")
        await page.keyboard.press("Escape")
        await page.get_by_label("Protocol").select_option("1.6")
        dialog = page.get_by_role("dialog", name="Your session has ended")
        await dialog.get_by_label("Password").fill("a guess")
        await dialog.get_by_role("button", name="Sign in").click()
        await dialog.get_by_role("alert").wait_for()
        assert "don't go together" in await dialog.get_by_role("alert").inner_text()
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Sign in").click()
        await dialog.wait_for(state="hidden")
        # Signing in has changed the token that forms are sent with.
        await page.get_by_text("Keep this view").click()
        assert await page.get_by_label("Name", exact=True).input_value() == "Night shift"
        await page.get_by_role("button", name="Keep it").click()
        await page.get_by_text("Kept as Night shift.").wait_for()
        await visit.live()
        visit.wrong = [each for each in visit.wrong if "401" not in each and "422" not in each]


async def test_a_code_is_asked_for_in_place_and_a_form_keeps_what_was_typed(site, alpha, secret):
    otto = Client()
    await sync_to_async(otto.force_login)(await User.objects.aget(username="otto"))
    async with site.visiting(otto) as visit:
        page = visit.page
        await visit.go("/stations/alpha/commands/")
        await visit.live()
        await page.get_by_role("link", name="Read settings").click()
        settings = page.get_by_role("textbox", name="Settings")
        await settings.fill("OCPPCommCtrlr.HeartbeatInterval")
        await visit.context.clear_cookies(name="sessionid")
        await page.get_by_role("button", name="Read", exact=True).click()
        dialog = page.get_by_role("dialog", name="Your session has ended")
        await dialog.get_by_label("Password").fill(PASSWORD)
        await dialog.get_by_role("button", name="Sign in").click()
        await dialog.get_by_label("Code").fill("000000")
        await dialog.get_by_role("button", name="Sign in").click()
        assert "isn't right" in await dialog.get_by_role("alert").inner_text()
        await dialog.get_by_label("Code").fill(code(secret))
        await dialog.get_by_role("button", name="Sign in").click()
        await dialog.wait_for(state="hidden")
        assert await settings.input_value() == "OCPPCommCtrlr.HeartbeatInterval"
        await page.get_by_role("button", name="Read", exact=True).click()
        await page.wait_for_selector("#lives [data-f=state]")
        visit.wrong = [each for each in visit.wrong if not set(each.split()) & {"400", "401", "422"}]


DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
    "isUserVerified": True, "automaticPresenceSimulation": True,
}  # fmt: skip


async def test_a_passkey_is_added_and_signs_in(site, network):
    await sync_to_async(enlist)(network, "otto", "operator")
    async with site.visiting() as visit:
        page = visit.page
        device = await visit.context.new_cdp_session(page)
        await device.send("WebAuthn.enable")
        await device.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        await visit.go("/sign-in/?next=/settings/profile/")
        await page.get_by_label("User name or e-mail").fill("otto")
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url("**/settings/profile/")
        await page.get_by_role("link", name="Password, passkeys, codes").click()
        await page.get_by_role("link", name="Add a passkey").click()
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_role("button", name="Go on").click()
        await page.get_by_role("button", name="Add it").click()
        await page.get_by_role("heading", name="Recovery codes").wait_for()
        await visit.context.clear_cookies(name="sessionid")
        await visit.go("/sign-in/?next=/messages/")
        await page.get_by_role("button", name="Use a passkey").click()
        await page.wait_for_url("**/messages/")
