from datetime import timedelta

from emobi.core import clock
from tests.gateway.hearing import NOON, hear


def test_a_heartbeat_is_told_the_time_of_the_answer_however_long_it_waited(bravo, monkeypatch):
    monkeypatch.setattr(clock, "wall", lambda: NOON + timedelta(seconds=10))
    assert hear(bravo, "Heartbeat", {}, received=NOON) == {"currentTime": "2026-05-04T12:00:10.000Z"}
