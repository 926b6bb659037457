"""The group commit: batches, poison, an absent database."""

import asyncio
import threading
from collections.abc import Sequence

import pytest
from django.db import InterfaceError, OperationalError, connection
from psycopg.errors import LockNotAvailable

from gateway import intake
from gateway.intake import Failed, Intake, Unavailable


class Job:
    """A piece of work that keeps what it is told."""

    lane = 0

    def __init__(self, name: str) -> None:
        self.name = name
        self.told: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    def done(self, result: object) -> None:
        self.told.set_result(result)


class Runner:
    """Does batches: says what it was given, and fails as it is told to."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.poison: set[str] = set()
        self.failures: list[Exception] = []
        self.gate = threading.Event()
        self.gate.set()

    def __call__(self, jobs: Sequence[Job]) -> list[object]:
        self.gate.wait(10)
        self.batches.append([job.name for job in jobs])
        if self.failures:
            raise self.failures.pop(0)
        for job in jobs:
            if job.name in self.poison:
                raise ValueError(job.name)
        return [f"did {job.name}" for job in jobs]


@pytest.fixture
def runner():
    return Runner()


async def done(runner, *names, hold_s=10):
    """The results of jobs that wait together."""
    keeper = Intake(runner, asyncio.get_running_loop(), hold_s=hold_s)
    jobs = [Job(name) for name in names]
    for job in jobs:
        keeper.submit(job)
    keeper.start()
    results = await asyncio.wait_for(asyncio.gather(*(job.told for job in jobs)), 20)
    await keeper.stop()
    return results, keeper


@pytest.mark.asyncio
async def test_what_waits_is_done_in_one_batch_and_in_order(runner):
    results, _ = await done(runner, "a", "b", "c")
    assert runner.batches == [["a", "b", "c"]]
    assert results == ["did a", "did b", "did c"]


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_a_poisonous_piece_fails_alone(runner):
    runner.poison = {"b"}
    results, _ = await done(runner, "a", "b", "c")
    assert runner.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert results[0] == "did a"
    assert isinstance(results[1], Failed)
    assert results[2] == "did c"


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_a_deadlock_is_tried_again_piece_by_piece(runner):
    runner.failures = [OperationalError("deadlock detected")]
    results, _ = await done(runner, "a", "b")
    assert runner.batches == [["a", "b"], ["a"], ["b"]]
    assert results == ["did a", "did b"]


@pytest.mark.asyncio
async def test_while_the_database_is_away_the_work_waits(runner, monkeypatch):
    away = [False, False, True]
    monkeypatch.setattr(intake, "_reconnected", lambda: away.pop(0))
    monkeypatch.setattr(intake, "RETRY_S", 0.001)
    runner.failures = [InterfaceError("gone"), OperationalError("refused"), OperationalError("starting up")]
    results, keeper = await done(runner, "a")
    assert results == ["did a"]
    assert keeper.available


@pytest.mark.asyncio
async def test_work_is_given_up_when_the_database_stays_away(runner, monkeypatch):
    monkeypatch.setattr(intake, "_reconnected", lambda: False)
    monkeypatch.setattr(intake, "RETRY_S", 0.001)
    runner.failures = [OperationalError("refused")] * 1000
    results, keeper = await done(runner, "a", "b", hold_s=0.05)
    assert all(isinstance(result, Unavailable) for result in results)
    assert not keeper.available


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_stopping_does_what_was_queued_first(runner):
    keeper = Intake(runner, asyncio.get_running_loop(), hold_s=10)
    keeper.start()
    runner.gate.clear()
    jobs = [Job(str(number)) for number in range(5)]
    for job in jobs:
        keeper.submit(job)
    stopping = asyncio.ensure_future(keeper.stop())
    await asyncio.sleep(0)
    runner.gate.set()
    await stopping
    await asyncio.gather(*(job.told for job in jobs))
    assert [name for batch in runner.batches for name in batch] == ["0", "1", "2", "3", "4"]


@pytest.mark.asyncio
@pytest.mark.django_db
async def test_writers_find_rows_by_their_keys_however_few_there_are():
    def plan(_jobs):
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN SELECT FROM stations_station WHERE id = 1")
            return [cursor.fetchone()[0]]

    (found,), _ = await done(plan, "explain")
    assert found.startswith("Index")


@pytest.mark.asyncio
@pytest.mark.django_db
async def test_what_is_committed_is_durable_also_where_the_database_is_set_up_to_lose_it(monkeypatch):
    def shown(_jobs):
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone()

    # As much below the server's own settings as those of a database or a role.
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "options", "-c synchronous_commit=off")
    (found,), _ = await done(shown, "show")
    assert found == "on"


@pytest.mark.asyncio
@pytest.mark.django_db
async def test_who_vanishes_in_the_middle_of_a_batch_holds_no_rows_for_long():
    def shown(_jobs):
        with connection.cursor() as cursor:
            cursor.execute("SHOW idle_in_transaction_session_timeout")
            return cursor.fetchone()

    (found,), _ = await done(shown, "show")
    assert found == "5s"


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_who_needs_rows_that_are_held_is_given_up_alone(runner):
    def held(*_):
        failure = OperationalError("canceling statement due to lock timeout")
        failure.__cause__ = LockNotAvailable()
        raise failure

    def run(jobs):
        names = runner(jobs)
        return held() if "did b" in names else names

    results, keeper = await done(run, "a", "b", "c")
    assert runner.batches == [["a", "b", "c"], ["a"], ["b"], ["c"]]
    assert (results[0], results[2]) == ("did a", "did c")
    assert isinstance(results[1], Unavailable)
    assert keeper.available


@pytest.mark.asyncio
@pytest.mark.django_db(transaction=True)
async def test_when_all_need_what_is_held_the_rest_is_not_tried(runner):
    def run(jobs):
        runner(jobs)
        failure = OperationalError("canceling statement due to lock timeout")
        failure.__cause__ = LockNotAvailable()
        raise failure

    results, _ = await done(run, *map(str, range(50)))
    assert len(runner.batches) == 11
    assert all(isinstance(result, Unavailable) for result in results)
