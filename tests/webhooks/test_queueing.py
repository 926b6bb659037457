"""What is written of deliveries, and how often the database is asked: each trip costs a courier its turn at
Python's lock.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from emobi.core import clock
from tests.gateway.listener_process import until
from tests.statements import counted
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.sender import Result
from webhooks.services import endpoints, queueing
from webhooks.services.queueing import Settled

pytestmark = pytest.mark.django_db


def settled(delivery, status, at=None):
    result = Result(at=at or clock.now(), duration_ms=1, status=status)
    return Settled(delivery=delivery, url="http://x/", result=result, early=False, jitter=0.5)


def test_events_become_deliveries_and_successes_are_written_in_a_statement_each(subscribe, happen):
    endpoint = subscribe("http://127.0.0.1:9/")
    happen("alpha", "bravo", "alpha")
    newest = queueing.newest([endpoint])[endpoint.network_id]
    with counted() as sent:
        assert not queueing.fan_out(endpoint, newest)
    assert len(sent) == 1
    endpoint.refresh_from_db()
    assert endpoint.fanned_out_to == newest
    found = list(Delivery.objects.order_by("sequence"))
    assert [each.station for each in found] == ["alpha", "bravo", "alpha"]
    with counted() as sent:
        queueing.settle(endpoint, [settled(each, 200) for each in found[:2]])
    assert len(sent) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered", "pending"}


def test_another_courier_or_an_administrator_was_here_meanwhile(subscribe, happen):
    endpoint, disabled = subscribe("http://127.0.0.1:9/"), subscribe("http://127.0.0.1:10/")
    happen("alpha")
    newest = queueing.newest([endpoint])[endpoint.network_id]
    type(endpoint).objects.filter(pk=endpoint.pk).update(fanned_out_to=newest)
    type(endpoint).objects.filter(pk=disabled.pk).update(enabled=False)
    assert queueing.fan_out(endpoint, newest)
    assert queueing.fan_out(disabled, newest)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("together", [True, False])
def test_a_success_that_began_before_a_failure_says_nothing_of_how_a_receiver_is_now(
    together, subscribe, happen
):
    endpoint = subscribe("http://127.0.0.1:9/")
    happen("alpha", "bravo", "charlie")
    queueing.fan_out(endpoint, queueing.newest([endpoint])[endpoint.network_id])
    first, second, third = Delivery.objects.order_by("sequence")
    since = clock.wall()
    ended = [settled(first, 500, since), settled(second, 200, since - timedelta(seconds=5))]
    for some in [ended] if together else [ended[:1], ended[1:]]:
        queueing.settle(endpoint, some)
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (1, since)
    queueing.settle(endpoint, [settled(third, 200, since + timedelta(seconds=1))])
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.failing_since) == (0, None)


def test_a_wait_that_somebody_ended_is_not_begun_again_by_what_was_on_its_way(subscribe, happen):
    """Although the courier hasn't heard of it."""
    endpoint = subscribe("http://127.0.0.1:9/")
    happen("alpha")
    queueing.fan_out(endpoint, queueing.newest([endpoint])[endpoint.network_id])
    endpoint.not_before = clock.wall() + timedelta(hours=1)
    queueing.settle(endpoint, [settled(Delivery.objects.get(), 500)])
    endpoint.refresh_from_db()
    assert (endpoint.failures, endpoint.not_before) == (1, None)


def test_what_was_left_behind_goes_up_to_the_first_that_has_failed(subscribe, happen):
    endpoint = subscribe("http://127.0.0.1:9/")
    happen("alpha", "alpha", "alpha", "alpha", "bravo", "charlie", "charlie")
    queueing.fan_out(endpoint, queueing.newest([endpoint])[endpoint.network_id])
    _, second, third, _, _, front, _ = found = Delivery.objects.order_by("sequence")
    Delivery.objects.exclude(pk=front.pk).update(state="held")
    Delivery.objects.filter(pk__in=[second.pk, third.pk, front.pk]).update(attempts=1)
    queueing.release_stranded(endpoint)
    assert list(found.values_list("state", flat=True)) == [
        "pending", "pending", "held", "held", "pending", "pending", "held",
    ]  # fmt: skip


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("work", ["fan out", "settle"])
def test_a_webhook_that_is_deleted_while_a_courier_works_for_it_is_gone(work, subscribe, happen, monkeypatch):
    endpoint = subscribe("http://127.0.0.1:9/")
    happen("alpha")
    newest = queueing.newest([endpoint])[endpoint.network_id]
    if work == "settle":
        queueing.fan_out(endpoint, newest)
    delivery = Delivery.objects.select_related("event").first()
    record = endpoints.audit.record

    def deliver():
        try:
            if work == "settle":
                queueing.settle(endpoint, [settled(delivery, 200)])
            else:
                queueing.fan_out(endpoint, newest)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as courier:

        def recorded(*args, **options):
            working.append(courier.submit(deliver))
            until(waits_for_a_lock)
            return record(*args, **options)

        working = []
        monkeypatch.setattr(endpoints.audit, "record", recorded)
        endpoints.delete(endpoint, by="user:a")
        working[0].result()
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()
    assert not Attempt.objects.exists()


def waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0]
