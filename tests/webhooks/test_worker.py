"""A real worker without beat: killed, it loses nothing; told to stop, it stops, whatever its courier does."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import defaultdict

import psutil
import pytest

from emobi.celery import app
from tests.gateway.listener_process import PATIENCE_S, ROOT
from tests.gateway.whole.gateway_process import database_url
from tests.web_server import Told, serving
from webhooks.models import Delivery

pytestmark = pytest.mark.django_db(transaction=True)


IMPATIENT = """
from celery.__main__ import main
from emobi import without_beat
without_beat.EVERY_S = 1.0
main()
"""


class Worker:
    """The worker of `up`, which sees for itself that there is a courier; as often as a test can wait for."""

    def __init__(self, log_file):
        argv = ["-c", IMPATIENT, "--app", "emobi", "worker", "--concurrency=2"]
        given = {"DATABASE_URL": database_url(), "EMOBI_WEBHOOK_ALLOW_PRIVATE": "1"}
        with log_file.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, *argv, "--without-gossip", "--without-mingle"],
                cwd=ROOT,
                env=os.environ | given,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self):
        """The worker and the processes of its pool, at one moment."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def worker(tmp_path):
    started = []

    def start():
        started.append(Worker(tmp_path / "log"))
        return started[-1]

    yield start
    for each in started:
        each.kill()
    app.control.purge()


def wait(until):
    deadline = time.monotonic() + PATIENCE_S
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_killed_worker_loses_nothing_and_keeps_the_order(subscribe, happen, worker):
    stations = [f"station-{number}" for number in range(12)]
    with serving(lambda asked: Told()) as receiver:
        subscribe(receiver.url)
        recorded = [event for _ in range(10) for event in happen(*stations)]
        for heard in (7, 50):
            running = worker()
            wait(lambda heard=heard: len(receiver.asked) >= heard)
            running.kill()
        recorded += [event for _ in range(20) for event in happen(*stations)]
        running = worker()
        wait(lambda: not Delivery.objects.exclude(state="delivered").exists())
        wait(lambda: Delivery.objects.count() == len(recorded))
        wait(lambda: not Delivery.objects.exclude(state="delivered").exists())
    firsts = defaultdict(list)
    for asked in receiver.asked:
        told = json.loads(asked.body)
        assert asked.headers["webhook-id"] == told["id"]
        if told["sequence"] not in firsts[told["station"]]:
            firsts[told["station"]].append(told["sequence"])
    assert {asked.headers["webhook-id"] for asked in receiver.asked} == set(recorded)
    assert all(found == sorted(found, key=int) for found in firsts.values())


def test_a_courier_that_was_killed_has_a_successor_and_a_worker_that_is_told_to_stop_stops(
    subscribe, happen, worker
):
    with serving(lambda asked: Told()) as receiver:
        subscribe(receiver.url)
        happen("alpha")
        running = worker()
        wait(lambda: Delivery.objects.filter(state="delivered").count() == 1)
        for child in psutil.Process(running.process.pid).children():
            child.kill()
        happen("alpha")
        wait(lambda: Delivery.objects.filter(state="delivered").count() == 2)
        running.process.terminate()
        assert running.process.wait(PATIENCE_S) == 0
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 2
