"""Live pages: what a tab shows is what it is told, at most once a second."""

import asyncio
import contextlib
import json
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError, connections

from dashboard.live import consumer, hub, live_values
from emobi.asgi import application
from emobi.core.models import Membership, Role
from emobi.core.services import wall_tokens
from stations.services.commanding import commands
from tests.dashboard.state import charge, exchange, report

pytestmark = [pytest.mark.asyncio, pytest.mark.django_db(transaction=True)]

SOON_S = 10


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Long enough that two flushes can be told apart, short enough to wait for."""
    monkeypatch.setattr(hub, "FLUSH_S", 0.2)
    monkeypatch.setattr(hub, "BEAT_S", 0.4)
    monkeypatch.setattr(hub, "SLOW_S", 0.0)


class Page:
    """What a browser's tab is told."""

    def __init__(self, client, network="grid"):
        cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers = [(b"cookie", cookie.encode()), (b"origin", b"http://localhost"), (b"host", b"localhost")]
        self.socket = WebsocketCommunicator(application, f"/live/?network={network}", headers)

    async def show(self, *topics):
        await self.socket.send_to(text_data=json.dumps({"sub": topics}))

    async def told(self):
        return json.loads(await self.socket.receive_from(timeout=SOON_S))

    async def until(self, key, field):
        """What ``field`` of ``key`` is told to be, as soon as it is told."""
        while True:
            message = await self.told()
            row = message.get("kpi", {}) if key == "kpi" else message.get("rows", {}).get(key, {})
            if field in row:
                return row[field]

    async def closed(self):
        while True:
            output = await self.socket.receive_output(timeout=SOON_S)
            if output["type"] == "websocket.close":
                return output["code"]


@contextlib.asynccontextmanager
async def open_page(client, network="grid"):
    page = Page(client, network)
    await page.socket.connect(timeout=SOON_S)
    try:
        yield page
    finally:
        await page.socket.disconnect()
        # Of the thread that reads for pages; the test's own is Django's to close.
        await sync_to_async(connections.close_all)()


async def test_a_page_is_told_all_that_it_shows_at_once(alpha, viewer):
    await sync_to_async(report)(alpha, "Available")
    async with open_page(viewer) as page:
        await page.show("fleet", "station:alpha")
        message = await page.told()
        assert (message["v"], message["seq"]) == (1, 1)
        assert message["kpi"]["online"] == "1 / 1"
        row = message["rows"]["station:alpha"]
        assert row["connection"] == {"s": "online", "w": "Online"}
        assert row["strip"] == [{"s": "available", "w": "Available", "n": 1, "g": 1}]


async def test_a_change_is_told_and_only_what_changed(alpha, bravo, viewer):
    async with open_page(viewer) as page:
        await page.show("fleet", "station:alpha", "station:bravo")
        await page.until("kpi", "online")
        await sync_to_async(report)(alpha, "Faulted", error_code="GroundFailure")
        message = await page.told()
        while "rows" not in message:
            message = await page.told()
        assert message["rows"] == {
            "station:alpha": {"strip": [{"s": "faulted", "w": "Faulted", "n": 1, "g": 1}]}
        }
        assert message["kpi"] == {"faulted": {"s": "faulted", "w": "1"}, "faulted_more": "as last reported"}


async def test_messages_are_numbered_without_a_gap(alpha, viewer):
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        assert [(await page.told())["seq"] for _ in range(4)] == [1, 2, 3, 4]


async def test_many_changes_are_one_message(alpha, viewer, monkeypatch):
    monkeypatch.setattr(hub, "FLUSH_S", 0.6)
    monkeypatch.setattr(hub, "BEAT_S", 60)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.told()
        for evse_id in range(1, 21):
            await sync_to_async(report)(alpha, "Available", evse_id)
        times, count = [], 0
        while count < 20:
            message = await page.told()
            # The hub's own clock: how late the messages are read here says nothing of when they were sent.
            times.append(datetime.fromisoformat(message["t"]))
            count = sum(group["n"] for group in message["rows"]["station:alpha"].get("strip", ()))
        assert all(after - before >= timedelta(seconds=0.5) for before, after in pairwise(times))


async def test_a_tab_is_told_nothing_of_what_it_does_not_show(alpha, bravo, viewer):
    async with open_page(viewer) as page:
        await page.show("station:bravo")
        await page.until("station:bravo", "state")
        await sync_to_async(report)(alpha, "Faulted")
        await sync_to_async(report)(bravo, "Reserved")
        message = await page.told()
        while "rows" not in message:
            message = await page.told()
        assert list(message["rows"]) == ["station:bravo"]


async def test_a_stations_page_is_told_of_connectors_sessions_and_commands(alpha, network, viewer):
    await sync_to_async(report)(alpha, "Occupied", detail="Charging")
    async with open_page(viewer) as page:
        await page.show("page:alpha")
        assert await page.until("commands", "shape") == ""
        connector = await alpha.connectors.aget()
        before = await sync_to_async(live_values.read)(network, {"page:alpha"})
        await sync_to_async(charge)(alpha)
        command = await sync_to_async(commands.request)(
            network, alpha, "clear_cache", {}, requested_by="user:otto", role=Role.OPERATOR
        )
        while True:
            rows = (await page.told()).get("rows", {})
            if "commands" in rows:
                break
        assert rows["commands"]["shape"] == command.pk
        assert rows[f"command:{command.pk}"]["state"] == {"s": "pending", "w": "Queued"}
        assert rows[f"connector:{connector.pk}"]["kw"] == "47.8"
        assert rows["evses"]["shape"] != before["page:alpha"]["evses"]["shape"]


async def test_a_log_is_followed_line_by_line_once(alpha, bravo, viewer):
    async with open_page(viewer) as page:
        await page.show("log:alpha")
        await sync_to_async(exchange)(bravo, "Heartbeat", {}, {})
        call_id = await sync_to_async(exchange)(alpha, "StatusNotification", {"status": "Available"}, {})
        await sync_to_async(exchange)(alpha, "Heartbeat", {}, {})
        lines = []
        while len(lines) < 4:
            lines += (await page.told()).get("log", {}).get("lines", [])
        assert [line["a"] for line in lines] == ["StatusNotification"] * 2 + ["Heartbeat"] * 2
        first = {"i": str(call_id), "d": "received", "k": "call", "s": "Available", "r": ""}
        assert first.items() <= lines[0].items()
        assert (await page.told()).get("log") is None


async def test_a_flood_of_messages_is_cut_and_counted(alpha, viewer):
    for _ in range(25):
        await sync_to_async(exchange)(alpha, "Heartbeat", {}, {})
    async with open_page(viewer) as page:
        await page.show("log:alpha")
        log = {}
        while not log:
            log = (await page.told()).get("log", {})
        assert (len(log["lines"]), log["skipped"]) == (20, 30)


async def test_without_redis_the_figures_are_only_later(alpha, viewer, monkeypatch):
    monkeypatch.setattr(hub, "SWEEP_S", 0.5)
    monkeypatch.setattr(hub.nudge, "listening", away)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.until("station:alpha", "strip")
        await sync_to_async(report)(alpha, "Reserved")
        assert (await page.until("station:alpha", "strip"))[0]["w"] == "Reserved"


def away(*_groups):
    raise ConnectionError("Redis is away")


async def test_a_failed_read_is_told_by_silence_and_gets_well(alpha, viewer, monkeypatch, caplog):
    caplog.set_level("CRITICAL", hub.__name__)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.told()
        read, failed = live_values.read, asyncio.Event()
        loop = asyncio.get_running_loop()

        def fails(*_):
            loop.call_soon_threadsafe(failed.set)
            raise RuntimeError("the database is away")

        monkeypatch.setattr(live_values, "read", fails)
        await sync_to_async(report)(alpha, "Reserved")
        await asyncio.wait_for(failed.wait(), SOON_S)
        monkeypatch.setattr(live_values, "read", read)
        assert (await page.until("station:alpha", "strip"))[0]["w"] == "Reserved"


async def test_strangers_are_told_to_sign_in(alpha, client):
    async with open_page(client) as page:
        assert await page.closed() == consumer.SIGNED_OUT


async def test_a_screen_on_a_wall_is_told_what_the_wall_shows_and_nothing_else(alpha, network, client):
    _, text = await sync_to_async(wall_tokens.create)(network, "Hall", by="user:ada")
    await sync_to_async(client.get)(f"/wall/{text}/")
    async with open_page(client) as page:
        logs = ("log:", "log:alpha", "log-search:station:alpha")
        await page.show(*logs, "page:alpha", "station:alpha", "list:|", "fleet", "attention:")
        await sync_to_async(exchange)(alpha, "Heartbeat", {}, {})
        await sync_to_async(report)(alpha, "Faulted")
        message = await page.told()
        assert message["kpi"]["online"] == "1 / 1"
        assert message["rows"]["list"]["shape"] in ("none", "some")
        for _ in range(4):
            assert set(message.get("rows", {})) <= {"storm", "list"}
            assert "log" not in message
            message = await page.told()


async def test_another_networks_page_is_closed(stranger, alpha, viewer):
    async with open_page(viewer, "elsewhere") as page:
        assert await page.closed() == consumer.NOT_A_MEMBER


async def test_another_networks_station_is_never_told_of(stranger, alpha, viewer):
    async with open_page(viewer) as page:
        await page.show("station:stranger", "page:stranger", "log:stranger", "station:alpha")
        await sync_to_async(exchange)(stranger, "Heartbeat", {}, {})
        await sync_to_async(report)(stranger, "Faulted")
        message = await page.told()
        for _ in range(4):
            assert set(message.get("rows", {})) <= {"station:alpha"}
            assert "log" not in message
            message = await page.told()


async def test_a_page_is_closed_when_its_person_signs_out_elsewhere(alpha, viewer, monkeypatch):
    monkeypatch.setattr(consumer, "CHECK_EVERY_S", 0.2)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.told()
        await sync_to_async(SessionStore(viewer.cookies["sessionid"].value).delete)()
        assert await page.closed() == consumer.SIGNED_OUT


async def test_a_page_is_closed_when_its_person_is_a_member_no_longer(alpha, viewer, monkeypatch):
    monkeypatch.setattr(consumer, "CHECK_EVERY_S", 0.2)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.told()
        await Membership.objects.all().adelete()
        assert await page.closed() == consumer.NOT_A_MEMBER


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"sub": "fleet"}', json.dumps({"sub": ["x"] * 501}), "x" * 70_000]
)
async def test_what_no_page_says_closes_the_socket(alpha, viewer, text):
    async with open_page(viewer) as page:
        await page.socket.send_to(text_data=text)
        assert await page.closed() == consumer.UNREADABLE


async def test_topics_that_name_nothing_are_no_harm(alpha, viewer):
    async with open_page(viewer) as page:
        await page.show(
            "station:nobody", "page:", "log:", "constellation:orion", "fleet\0", 7, "station:alpha"
        )
        assert list((await page.told())["rows"]) == ["station:alpha"]


async def test_an_origin_that_is_not_ours_is_refused(alpha, viewer):
    page = Page(viewer)
    page.socket.scope["headers"] = [
        (name, b"https://evil.example" if name == b"origin" else value)
        for name, value in page.socket.scope["headers"]
    ]
    connected, _ = await page.socket.connect()
    assert not connected


async def test_a_feed_ends_with_its_last_tab(alpha, network, viewer):
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.told()
        feeds = hub.here()._feeds
        assert list(feeds) == [network.pk]
    assert feeds == {}


async def test_a_page_that_shows_other_things_is_told_all_of_them_anew(alpha, bravo, viewer):
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        await page.until("station:alpha", "state")
        await page.show("station:alpha", "station:bravo")
        message = await page.told()
        while "rows" not in message:
            message = await page.told()
        assert set(message["rows"]) == {"station:alpha", "station:bravo"}


async def test_a_page_comes_back_later_while_nobody_knows_who_looks(alpha, viewer, monkeypatch):
    async def away(_):
        raise OperationalError("the database is away")

    monkeypatch.setattr(consumer, "CHECK_EVERY_S", 0.05)
    async with open_page(viewer) as page:
        await page.show("station:alpha")
        assert "rows" in await page.told()
        with monkeypatch.context() as patched:
            patched.setattr(consumer.LiveConsumer, "_access", away)
            async with open_page(viewer) as late:
                assert await late.closed() == consumer.TRY_AGAIN_LATER
        # One that was open stays so, and is checked again.
        await Membership.objects.all().adelete()
        assert await page.closed() == consumer.NOT_A_MEMBER
