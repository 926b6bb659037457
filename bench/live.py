"""The dashboard over a fleet that never rests: what tabs are told and cost, how long pages take."""

import argparse
import asyncio
import http.client
import json
import time
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import psutil
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from playwright.async_api import async_playwright
from websockets.asyncio.client import connect

from bench import fleet, surroundings
from bench.wire import quantile
from emobi import browser
from emobi.core import nudge
from emobi.core.models import Membership, Network

STATIONS = 10_000
TABS = 20
PER_S = 1000
PAGE = 100
PAGES = {
    "overview": "/",
    "wall": "/?wall=1",
    "stations": "/stations/",
    "by_power": "/stations/?sort=kw",
    "charging": "/stations/?status=charging",
    "tokens": "/stations/?q=site%3A%22Depot+7%22+fw%3A%3C1.4&columns=bars,kw,evses",
    "flapping": "/stations/?q=flaps%3A%3E5",
    "station": "/stations/B00003/",
    "station_messages": "/stations/B00003/messages/",
    "station_commands": "/stations/B00003/commands/",
    "messages": "/messages/",
    "sessions": "/sessions/",
    "incidents": "/incidents/",
    "commands": "/commands/",
    "playbooks": "/playbooks/",
    "webhooks": "/webhooks/",
    "reports": "/reports/",
    "panel_power": "/fragments/overview/panels/power/",
    "panel_churn": "/fragments/overview/panels/churn/",
}

# A status changes; and its event is there, as when a station had said so.
_CHANGE = """
WITH changed AS (
    UPDATE stations_connector AS c SET
        status = CASE WHEN status = 'Available' THEN 'Reserved' ELSE 'Available' END,
        changed_at = now(), reported_at = now()
    FROM stations_station AS s WHERE s.id = c.station_id AND c.evse_id = 2 AND s.network_id = %(network)s
        AND s.identity = ANY(%(identities)s) RETURNING s.identity
), counted AS (
    UPDATE core_eventcounter SET value = value + %(number)s WHERE network_id = %(network)s RETURNING value
)
INSERT INTO core_event (id, network_id, sequence, type, station, time, data)
SELECT lpad((value - row_number() OVER ())::text, 26, '8'), %(network)s, value - row_number() OVER () + 1,
    'connector.status_changed', identity, now(), '{}' FROM changed, counted
"""


def live(options: argparse.Namespace) -> Mapping[str, Any]:
    """Tabs, each with a page of its own, over a thousand changes a second; then pages, then a browser."""
    quick = options.quick
    rows = 200_000 if quick else 5_000_000
    network, identities = fleet.ensure(STATIONS, events=100_000 if quick else 1_000_000, frames=rows)
    user = User.objects.filter(username="bench").first() or User.objects.create_user(
        "bench", password="bench"
    )
    Membership.objects.get_or_create(network=network, user=user, defaults={"role": "admin"})
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    port = surroundings.free_port()
    with surroundings.program(["manage.py", "web"], EMOBI_BIND=f"127.0.0.1:{port}") as process:
        surroundings.listens(port)
        web = psutil.Process(process.pid)
        seconds = 10.0 if quick else 60.0
        return asyncio.run(_measure(network, identities, port, cookie, web, seconds))


async def _measure(
    network: Network, identities: Sequence[str], port: int, cookie: str, web: psutil.Process, seconds: float
) -> Mapping[str, Any]:
    times = await sync_to_async(_pages)(port, cookie)
    idle = await _tabs(network, identities, port, cookie, web, seconds / 4, 0)
    busy = await _tabs(network, identities, port, cookie, web, seconds, PER_S)
    print("live so far", times, idle, busy, flush=True)
    patch = await _browser(network, identities, port, cookie)
    return {**times, "idle_cpu": idle["cpu"], **busy, "patch_p95_ms": patch}


def _pages(port: int, cookie: str) -> Mapping[str, float]:
    """The p95 of each page, in ms, by the server alone."""
    found = {}
    for name, path in PAGES.items():
        times = []
        for _ in range(21):
            server = http.client.HTTPConnection("127.0.0.1", port)
            server.connect()
            start = time.perf_counter()
            server.request("GET", path, headers={"Cookie": f"sessionid={cookie}"})
            answer = server.getresponse()
            answer.read()
            times.append((time.perf_counter() - start) * 1000)
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            server.close()
        found[f"{name}_ms"] = round(quantile(times[1:], 0.95), 1)
    return found


async def _tabs(
    network: Network,
    identities: Sequence[str],
    port: int,
    cookie: str,
    web: psutil.Process,
    seconds: float,
    per_s: int,
) -> dict[str, Any]:
    flushes: list[list[float]] = [[] for _ in range(TABS)]
    octets = 0

    async def tab(number: int) -> None:
        nonlocal octets
        shown = identities[number * PAGE : (number + 1) * PAGE]
        listed = f"list:?after={shown[0].lower()}|" + "|".join(quote(each, safe="") for each in shown)
        topics = ["fleet", "measures", "waiting", listed, *(f"station:{each}" for each in shown)]
        headers = {"Cookie": f"sessionid={cookie}", "Origin": f"http://127.0.0.1:{port}"}
        async with connect(
            f"ws://127.0.0.1:{port}/live/?network={network.slug}", additional_headers=headers, max_size=None
        ) as socket:
            await socket.send(json.dumps({"sub": topics}))
            async for text in socket:
                flushes[number].append(time.monotonic())
                octets += len(text)

    tabs = [asyncio.create_task(tab(number)) for number in range(TABS)]
    await asyncio.sleep(6)
    changing = asyncio.create_task(_change(network, identities, per_s))
    await asyncio.sleep(4)
    begin, used, octets = time.monotonic(), sum(web.cpu_times()[:2]), 0
    await asyncio.sleep(seconds)
    lasted = time.monotonic() - begin
    cpu = (sum(web.cpu_times()[:2]) - used) / lasted
    changed = await _stop(changing)
    for each in tabs:
        each.cancel()
    await asyncio.gather(*tabs, return_exceptions=True)
    counts = [sum(1 for at in told if begin <= at <= begin + lasted) / lasted for told in flushes]
    gaps = [b - a for told in flushes for a, b in pairwise(told) if a >= begin]
    return {
        "tabs": TABS,
        "changes_per_s": round(changed / (lasted + 4)),
        "flushes_per_s_most": round(max(counts), 2),
        "shortest_gap_s": round(min(gaps, default=0), 2),
        "cpu": f"{100 * cpu:.0f} % of a core",
        "kB_per_tab_s": round(octets / TABS / lasted / 1000, 1),
    }


async def _stop(changing: "asyncio.Task[int]") -> int:
    STOP.set()
    changed = await changing
    STOP.clear()
    return changed


STOP = asyncio.Event()


async def _change(network: Network, identities: Sequence[str], per_s: int) -> int:
    """Statuses change, a tenth of a second's worth at a time, all over the fleet."""
    changed, at = 0, 0
    piece = per_s // 10
    begin = time.monotonic()
    while not STOP.is_set():
        if piece:
            some = [identities[(at + number * 37) % len(identities)] for number in range(piece)]
            at += piece * 37 + 1
            await sync_to_async(_write)(network, some)
            await nudge._send({f"live.{network.pk}": some})
            changed += piece
        await asyncio.sleep(max(0.0, begin + changed / max(per_s, 1) - time.monotonic()) if piece else 0.1)
    return changed


def _write(network: Network, identities: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGE, {"network": network.pk, "identities": list(identities), "number": len(identities)}
        )


async def _browser(network: Network, identities: Sequence[str], port: int, cookie: str) -> float:
    """How long a page of a hundred rows takes to show a flush in which all of them changed, in ms."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(**browser.launch_options())
        context = await chromium.new_context(viewport={"width": 1440, "height": 900})
        address = f"http://localhost:{port}"
        await context.add_cookies([{"name": "sessionid", "value": cookie, "url": address}])
        page = await context.new_page()
        page.set_default_timeout(120_000)
        await page.goto(f"{address}/stations/")
        await page.wait_for_selector("#live[data-live=live]")
        times = []
        for _ in range(12):
            before = await page.evaluate(_LAST_PATCH)
            await sync_to_async(_write)(network, identities[:PAGE])
            await nudge._send({f"live.{network.pk}": list(identities[:PAGE])})
            while (told := await page.evaluate(_LAST_PATCH)) == before:
                await page.wait_for_timeout(100)
            times.append(told["took"])
            await asyncio.sleep(2.5)
        await chromium.close()
        return round(quantile(times, 0.95), 1)


_LAST_PATCH = """performance.getEntriesByName('noc:patch').map(
    each => ({at: each.startTime, took: each.duration})).at(-1)"""
