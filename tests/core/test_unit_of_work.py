import pytest
from django.db import IntegrityError, connection, transaction

from emobi.core import nudge, unit_of_work
from emobi.core.models import EventCounter, Network


class Noted:
    """A buffer that says when it is flushed."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def flush(self):
        LOG.extend(self.words)
        return ()


class AlsoNoted(Noted):
    pass


class NotedLast(Noted):
    pass


LOG: list[str] = []


@unit_of_work.begin()
def write_and_fail():
    unit_of_work.current().buffer(Noted).words.append("never")
    unit_of_work.current().nudge("gateways")
    Network.objects.create(slug="never", name="Never")
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def _empty_log():
    LOG.clear()


def test_buffers_are_flushed_in_the_order_of_their_first_use_and_the_last_ones_last(db):
    with unit_of_work.begin() as work:
        work.buffer(NotedLast, last=True).words.append("last")
        work.buffer(Noted).words.append("first")
        work.buffer(AlsoNoted).words.append("second")
        work.buffer(Noted).words.append("first again")
    assert LOG == ["first", "first again", "second", "last"]


def test_an_inner_unit_of_work_joins_the_outer_one(db):
    with unit_of_work.begin() as outer:
        with unit_of_work.begin() as inner:
            inner.buffer(Noted).words.append("inner")
        assert inner is outer
        assert LOG == []
    assert LOG == ["inner"]


def test_nothing_is_flushed_or_kept_of_a_unit_of_work_that_fails(db):
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert LOG == []
    assert not Network.objects.exists()
    with pytest.raises(unit_of_work.NoUnitOfWork):
        unit_of_work.current()


def test_nudges_go_out_after_the_commit_once_for_all_that_was_said(transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(
        nudge, "send", lambda nudges: sent.append((transaction.get_connection().in_atomic_block, nudges))
    )
    with unit_of_work.begin() as work:
        work.nudge("live.1", "CP2")
        work.nudge("live.1", "CP1")
        work.nudge("live.1", "CP2")
        work.nudge("gateways")
        assert sent == []
    assert sent == [(False, {"live.1": ["CP1", "CP2"], "gateways": []})]


def test_a_unit_of_work_that_fails_nudges_nobody(transactional_db, monkeypatch):
    sent = []
    monkeypatch.setattr(nudge, "send", sent.append)
    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert sent == []


COUNT = """
INSERT INTO core_eventcounter (network_id, value)
SELECT n, 1 FROM jsonb_to_recordset(%s::jsonb) AS r(n bigint)
"""


class Counting:
    """A buffer that writes a row a network."""

    def __init__(self) -> None:
        self.networks: list[int] = []

    def flush(self):
        return [(COUNT, [{"n": network} for network in self.networks])]


@unit_of_work.begin()
def count(*networks: int) -> None:
    Network.objects.update(name="Never")
    unit_of_work.current().buffer(Counting).networks.extend(networks)


@transaction.atomic
def count_and_fail(network: int) -> None:
    count(network)
    assert EventCounter.objects.count() == 1
    raise ZeroDivisionError


@pytest.fixture
def uncounted(transactional_db) -> int:
    network = Network.objects.create(slug="grid", name="Grid")
    EventCounter.objects.all().delete()
    return network.pk


def test_what_buffers_write_is_committed_with_it_or_not_at_all(uncounted):
    with pytest.raises(IntegrityError):
        count(uncounted, uncounted)  # only one each can be
    with pytest.raises(IntegrityError):
        count(uncounted + 1)  # no such network: found at the commit
    assert (Network.objects.get().name, EventCounter.objects.count()) == ("Grid", 0)
    seen = []
    with unit_of_work.begin() as work:
        work.buffer(Counting).networks.append(uncounted)
        transaction.on_commit(lambda: seen.append((connection.in_atomic_block, EventCounter.objects.count())))
    assert seen == [(False, 1)]


def test_within_a_transaction_of_others_it_commits_nothing(uncounted):
    with pytest.raises(ZeroDivisionError):
        count_and_fail(uncounted)
    assert (Network.objects.get().name, EventCounter.objects.count()) == ("Grid", 0)
