"""Whoever asks for "after N" never misses an event, however slow its transaction was."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from emobi.core import events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Event

WRITERS, TRANSACTIONS = 6, 20


class Abandoned(Exception):
    """A transaction that is rolled back."""


def write(networks, seed):
    """Record events of several networks: in transactions that are quick or slow, and some that fail."""
    chance = random.Random(seed)
    try:
        for number in range(TRANSACTIONS):
            try:
                _write_once(networks, chance, f"writer{seed}-{number}")
            except Abandoned:
                continue
    finally:
        connection.close()


def _write_once(networks, chance, name):
    with unit_of_work.begin() as work:
        for network in chance.sample(networks, len(networks)):
            for _ in range(chance.randint(1, 3)):
                events.record(
                    Subject(network_id=network.pk, station=name), events.StationOnline(offline_s=None)
                )
        time.sleep(chance.choice([0, 0, 0.01]))
        if chance.random() < 0.3:
            work.flush()  # numbered, and not committed yet
            time.sleep(0.005)
        if chance.random() < 0.2:
            raise Abandoned


def follow(network, all_written):
    """The sequence numbers that a reader sees that asks for what comes after the last it saw."""
    seen, last = [], 0
    try:
        while True:
            done = all_written.is_set()
            found = Event.objects.filter(network=network, sequence__gt=last).order_by("sequence")
            new = list(found.values_list("sequence", flat=True))
            seen += new
            last = seen[-1] if seen else 0
            if done and not new:
                return seen
    finally:
        connection.close()


@pytest.mark.parametrize("count", [1, 3], ids=["one network", "three networks"])
def test_a_reader_sees_every_event_once_and_in_order(make_network, count):
    networks = [make_network() for _ in range(count)]
    all_written = threading.Event()
    with ThreadPoolExecutor(WRITERS + count) as threads:
        readers = [threads.submit(follow, network, all_written) for network in networks]
        writers = [threads.submit(write, networks, seed) for seed in range(WRITERS)]
        for writer in writers:
            writer.result()
        all_written.set()
        for network, reader in zip(networks, readers, strict=True):
            seen = reader.result()
            assert seen == list(range(1, len(seen) + 1))
            assert len(seen) == Event.objects.filter(network=network).count() > 0
