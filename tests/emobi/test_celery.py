"""The beat schedule: every entry is a task that is documented, waits in a queue, and doesn't pile up."""

import re
from pathlib import Path

import pytest

from emobi import without_beat
from emobi.celery import QUEUES, app
from emobi.core.heard import DELIVER, OPERATE, UPKEEP

ROOT = Path(__file__).parents[2]
ENTRIES = {entry["task"]: entry for entry in app.conf.beat_schedule.values()}


def queue_of(task):
    return app.amqp.router.route({}, task)["queue"].name


def test_every_entry_is_a_task_and_every_task_is_documented():
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if not name.startswith("celery.")}
    listed = re.findall(r"^\| `([a-z_.]+)` \|", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    assert set(ENTRIES) == ours
    assert ours <= set(listed)


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("stations.tasks.sweep_liveness", OPERATE),
        ("sessions.tasks.sweep_incidents", OPERATE),
        ("webhooks.tasks.deliver", DELIVER),
        ("stations.tasks.tell_people", DELIVER),
        ("sessions.tasks.forget_charging_profiles", UPKEEP),
        ("webhooks.tasks.forget_the_old", UPKEEP),
    ],
)
def test_a_task_waits_where_its_urgency_belongs(task, queue):
    assert queue_of(task) == queue


def test_a_worker_takes_every_queue_that_a_task_may_wait_in():
    assert {queue_of(task) for task in ENTRIES} == set(QUEUES) == set(app.amqp.queues)


def test_what_a_worker_asks_itself_for_is_nothing_that_gateways_stand_in_for():
    """They do so as long as its queue isn't heard."""
    assert set(without_beat.TASKS) <= set(ENTRIES)
    assert OPERATE not in {queue_of(task) for task in without_beat.TASKS}


def test_what_comes_often_never_piles_up():
    often = {name: entry for name, entry in ENTRIES.items() if entry["schedule"] < 3600}
    assert {
        name
        for name, entry in often.items()
        if entry.get("options", {}).get("expires", 1e9) > entry["schedule"]
    } == set()


def test_what_comes_seldom_outlives_its_worker():
    seldom = {name for name, entry in ENTRIES.items() if entry["schedule"] >= 3600}
    assert set(app.conf.task_annotations) == seldom


def test_messages_are_json_and_tasks_end():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert 0 < app.conf.task_soft_time_limit < app.conf.task_time_limit
