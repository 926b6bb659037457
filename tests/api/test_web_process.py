"""The API as the web process serves it: to a browser, to the examples of docs/api.md, to a crowd."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from emobi.core import unit_of_work
from emobi.core.services import api_keys
from emobi.view_threads import THREADS
from sessions.services import id_tokens
from stations.models import Command, Station
from tests.api.calling import BASE
from tests.api.test_documented import HOST, blocks
from tests.dashboard.browsing import browsing, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def home(django_db_setup):
    with serving() as address:
        yield address


@pytest.fixture
def key(network) -> str:
    return api_keys.create(network, "viewer")[1]


@pytest.mark.asyncio
async def test_the_api_can_be_browsed_and_tried_out_with_a_key(home, key):
    """Under our own policy, with nothing from another host, and without a login."""
    async with browsing(home) as site, site.visiting() as visit:
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


def test_the_examples_for_python_work(home, network, alpha, tmp_path, monkeypatch, capsys):
    key_file = tmp_path / ".emobi" / "api-key"
    key_file.parent.mkdir()
    key_file.write_text(api_keys.create(network, "operator")[1] + "\n")
    monkeypatch.chdir(tmp_path)
    Station.objects.update(identity="CP001", connectivity="offline")
    alpha.refresh_from_db()
    with unit_of_work.begin():
        id_tokens.authorize(alpha, None)
    found: dict[str, Any] = {}
    for example in blocks("python"):
        exec(compile(example.replace(HOST, home), "docs/cookbook.md", "exec"), found)
    assert found["offline"] == ["CP001"]
    assert set(Command.objects.values_list("name", flat=True)) == {"unlock", "reset"}
    assert capsys.readouterr().out.splitlines()[:2] == ["queued None", "queued"]
    assert found["energy_wh"] == 0
    assert (found["kind"], found["done"]) == ("emobi.session.authorized", "1")


def statuses(home: str, key: str, requests: int) -> list[int]:
    """The answers to one client that asks without a pause."""
    told = []
    with closing(HTTPConnection(urlsplit(home).netloc)) as client:
        for _ in range(requests):
            client.request("GET", f"{BASE}/stations", headers={"Authorization": f"Bearer {key}"})
            with client.getresponse() as answer:
                answer.read()
                told.append(answer.status)
    return told


def test_a_crowd_is_served_over_a_few_connections_to_the_database(home, key):
    clients = 3 * THREADS
    with ThreadPoolExecutor(clients) as crowd:
        told = [each for one in crowd.map(lambda _: statuses(home, key, 10), range(clients)) for each in one]
    assert told == [200] * clients * 10
    with connection.cursor() as cursor:
        # PostgreSQL's own look after tables is nobody's connection.
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend'"
        )
        # Ours, those of the pages' sockets, and that of the watch over our own parts.
        assert cursor.fetchone()[0] <= THREADS + 4
