from gateway.breaker import Breaker

REST_S = 30


def tripped():
    breaker = Breaker(failures=3, rest_s=REST_S)
    opened = [breaker.failed(now) for now in (0, 1, 2)]
    assert opened == [False, False, True]
    return breaker


def test_a_failure_now_and_then_is_none():
    breaker = Breaker(failures=3, rest_s=REST_S)
    for now in range(10):
        breaker.failed(now)
        breaker.failed(now)
        breaker.succeeded()
    assert breaker.may_ask(10)


def test_failures_in_a_row_are_followed_by_a_rest():
    breaker = tripped()
    assert not breaker.may_ask(2)
    assert not breaker.may_ask(2 + REST_S - 1)


def test_after_the_rest_one_tries():
    breaker = tripped()
    assert breaker.may_ask(2 + REST_S)
    assert not breaker.may_ask(2 + REST_S)


def test_who_tries_in_vain_begins_the_next_rest():
    breaker = tripped()
    assert breaker.may_ask(40)
    assert not breaker.failed(41)
    assert not breaker.may_ask(40 + REST_S)
    assert breaker.may_ask(41 + REST_S)


def test_one_success_closes_it():
    breaker = tripped()
    assert breaker.may_ask(40)
    breaker.succeeded()
    assert breaker.may_ask(40)
    assert breaker.may_ask(40)
