"""How often a key may ask. Time is Redis' own, so what is asserted here holds however slow the machine is."""

import pytest
from django.conf import settings as django_settings

from emobi.api.rate_limits import BURST_S, RateLimit, TooManyRequests
from emobi.core import ulid
from tests.api.calling import Caller
from tests.api.conftest import key

# One request an hour or so: nothing comes back while a test runs.
SLOW = 6


@pytest.fixture
def limit():
    return RateLimit(django_settings.REDIS_URL)


def test_whoever_asks_too_often_is_told_when_to_go_on(limit):
    asker = ulid.new()
    limit.take(asker, SLOW)
    with pytest.raises(TooManyRequests) as refused:
        limit.take(asker, SLOW)
    assert 0 < refused.value.retry_after_s <= 60 / SLOW


def test_a_burst_is_let_through(limit):
    asker = ulid.new()

    def ask(times):
        for _ in range(times):
            limit.take(asker, 60)

    ask(BURST_S)
    with pytest.raises(TooManyRequests):
        ask(BURST_S)


def test_processes_count_together_and_askers_apart(limit):
    asker = ulid.new()
    limit.take(asker, SLOW)
    with pytest.raises(TooManyRequests):
        RateLimit(django_settings.REDIS_URL).take(asker, SLOW)
    limit.take(ulid.new(), SLOW)


def test_without_a_limit_or_without_redis_nobody_is_refused(limit, caplog):
    asker = ulid.new()
    away = RateLimit("redis://127.0.0.1:1/0")
    for _ in range(5):
        limit.take(asker, 0)
        away.take(asker, SLOW)
    assert len(caplog.records) == 1


def test_the_api_answers_a_problem_with_a_time(network, settings):
    settings.EMOBI_API_REQUESTS_PER_MINUTE = SLOW
    caller = Caller(key(network, "viewer"))
    caller.get("/me")
    answer = caller.ask("GET", "/me")
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert Caller(key(network, "viewer")).get("/me")["network"] == "grid"
