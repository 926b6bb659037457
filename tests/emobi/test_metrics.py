"""`/metrics`: who may read it, and what it says of all processes."""

import asyncio
import contextlib
import re
from pathlib import Path

import orjson
import pytest
import redis
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from emobi.core import metric_snapshots, metrics
from emobi.core.models import Network
from stations.models import Station
from tests.api.test_events import OFFLINE, ONLINE, tell
from tests.emobi.ports import free_ports
from tests.gateway.listener_process import until

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[2]
TOKEN = "known to Prometheus"
OTHER = "emobi:metrics:elsewhere/gateway-7"


@pytest.fixture(autouse=True)
def token(settings):
    settings.EMOBI_METRICS_TOKEN = TOKEN


@pytest.fixture
def shared(settings):
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client
        client.delete(OTHER)


def scraped(**headers):
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"} | headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


@pytest.mark.parametrize(
    "said", [None, "", TOKEN, "Bearer ", "Bearer wrong", f"Basic {TOKEN}", "Bearer \xe9"]
)
def test_only_who_has_the_token_is_let_in(said):
    answer = Client().get("/metrics", headers={} if said is None else {"Authorization": said})
    assert answer.status_code == 401
    assert b"emobi_" not in answer.content


@pytest.mark.parametrize("said", ["Bearer ", "Bearer", ""])
def test_nobody_has_the_token_where_there_is_none(settings, said):
    settings.EMOBI_METRICS_TOKEN = ""
    assert Client().get("/metrics", headers={"Authorization": said}).status_code == 401


def test_each_process_has_its_own_figures(shared):
    metrics.CALLS.add("Heartbeat", "received")
    theirs = [
        {"kind": "counter", "name": "emobi_ocpp_calls", "about": "CALLs.", "labels": ["action", "direction"],
         "samples": [[["Heartbeat", "received"], 41]]},
        {"kind": "gauge", "name": "emobi_connected_stations", "about": "Sockets.", "value": 12},
        {"kind": "gauge", "name": "emobi_stream_clients", "about": "Clients.", "value": None},
        {"kind": "histogram", "name": "emobi_batch_size", "about": "Size.", "bounds": [1, 10],
         "counts": [3, 2, 1], "sum": 50.0},
    ]  # fmt: skip
    shared.set(OTHER, orjson.dumps(theirs))
    told = scraped()
    process = ("process", "elsewhere/gateway-7")
    call = ("action", "Heartbeat"), ("direction", "received")
    assert told["emobi_ocpp_calls_total", *call, process] == 41
    assert told["emobi_ocpp_calls_total", *call, ("process", metric_snapshots.process())] >= 1
    assert told["emobi_connected_stations", process] == 12
    assert ("emobi_stream_clients", process) not in told
    buckets = [told["emobi_batch_size_bucket", ("le", bound), process] for bound in ("1", "10", "+Inf")]
    assert buckets == [3, 5, 6]
    assert (told["emobi_batch_size_count", process], told["emobi_batch_size_sum", process]) == (6, 50)


def test_a_size_is_counted_in_the_bucket_that_it_fits():
    histogram = metrics.BATCH_SIZE
    before = histogram.snapshot()
    for size in (1, 3, 5, 400, 401):
        histogram.observe(size)
    after = histogram.snapshot()
    added = [new - old for old, new in zip(before["counts"], after["counts"], strict=True)]
    assert added == [1, 0, 2, 0, 0, 0, 0, 0, 1, 1]
    assert after["sum"] - before["sum"] == 810


def test_what_the_tables_say_is_told():
    network = Network.objects.create(slug="grid", name="Grid")
    alpha = Station.objects.create(network=network, identity="alpha", connectivity="online")
    Station.objects.create(network=network, identity="bravo")
    tell(alpha, ONLINE, OFFLINE, ONLINE)
    told = scraped()
    found = {
        state: told["emobi_stations", ("connectivity", state)] for state in ("online", "offline", "never")
    }
    assert found == {"online": 1, "offline": 0, "never": 1}
    assert told["emobi_events_total",] == 3
    assert told["emobi_queued_commands",] == 0
    assert told["emobi_live_gateways",] == 0


def test_without_redis_the_answering_process_and_the_tables_are_told(settings):
    metrics.CALLS.add("Heartbeat", "received")
    settings.REDIS_URL = f"redis://127.0.0.1:{free_ports(1)[0]}/0"
    told = scraped()
    assert {dict(labels)["process"] for name, *labels in told if name == "emobi_ocpp_calls_total"} == {
        metric_snapshots.process()
    }
    assert ("emobi_events_total",) in told


@pytest.mark.asyncio
async def test_a_process_puts_its_figures_into_redis_for_a_moment(shared, monkeypatch):
    monkeypatch.setenv("EMOBI_PROCESS", "gateway-9")
    key = f"emobi:metrics:{metric_snapshots.process()}"
    publishing = asyncio.create_task(metric_snapshots.publish())
    try:
        found = await asyncio.to_thread(until, lambda: shared.get(key))
        assert {figure["name"] for figure in orjson.loads(found)} >= {"emobi_ocpp_calls", "emobi_batch_size"}
        assert 0 < shared.ttl(key) <= metric_snapshots.KEPT_S
    finally:
        publishing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await publishing
        shared.delete(key)


def test_every_figure_is_documented():
    page = (ROOT / "docs" / "operations.md").read_text()
    documented = set(re.findall(r"^\| `(emobi_\w+)` \|", page, re.M))
    answer = Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    told = set(re.findall(r"^# TYPE (emobi_\w+) ", answer.content.decode(), re.M))
    assert told == documented
