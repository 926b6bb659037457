"""How often the database is asked: each trip costs a courier its turn at Python's lock."""

import pytest

from emobi.core import clock
from tests.statements import counted
from webhooks.models import Delivery
from webhooks.sender import Result
from webhooks.services import queueing
from webhooks.services.queueing import Settled

pytestmark = pytest.mark.django_db


def settled(delivery, status):
    result = Result(at=clock.now(), duration_ms=1, status=status)
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
