"""What nobody foresaw concerns one delivery: no other waits for it, nor does any other webhook."""

import pytest
from django.db import connection

from tests.web_server import Told, serving
from webhooks import retry
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import queueing

pytestmark = pytest.mark.django_db(transaction=True)


def delivered(endpoint):
    return endpoint.deliveries.filter(state="delivered").count()


def test_whatever_a_receiver_answers_is_written_down(subscribe, happen, deliver):
    answers = {
        "/bytes": Told(200, b"caf\xe9\0", headers={"X-Name": "caf\xe9"}),
        "/date": Told(503, headers={"Retry-After": "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"}),
        "/": Told(),
    }
    with serving(lambda asked: answers[asked.path]) as receiver:
        odd, dated, _ = [subscribe(f"{receiver.url}{path}") for path in answers]
        happen("alpha")
        assert deliver(lambda: Attempt.objects.count() == 3)
    kept = Attempt.objects.get(delivery__endpoint=odd)
    assert (kept.response_headers["x-name"], kept.response_body) == ("caf�", "caf��")
    assert sorted(Delivery.objects.values_list("state", flat=True)) == ["delivered", "delivered", "pending"]
    wait = dated.deliveries.get().next_attempt_at - Attempt.objects.get(delivery__endpoint=dated).at
    assert wait.total_seconds() <= retry.DELAYS_S[0] * (1 + retry.JITTER)


def test_what_cant_be_written_down_is_left_out_and_at_worst_a_dead_letter(
    subscribe, happen, deliver, monkeypatch
):
    as_ever = queueing._row

    def row(one):
        if one.delivery.event_id == poison or (one.delivery.event_id == odd and one.result.headers):
            raise TypeError("no JSON")
        return as_ever(one)

    monkeypatch.setattr(queueing, "_row", row)
    with serving(lambda asked: Told()) as receiver:
        subscribe(receiver.url)
        poison, odd, _, _ = happen("alpha", "bravo", "charlie", "alpha")
        assert deliver(lambda: Delivery.objects.filter(state="delivered").count() == 3)
    assert Delivery.objects.get(state="dead").event_id == poison
    assert Attempt.objects.get(delivery__event=odd).response_headers == {}
    assert len(receiver.asked) == 4


def test_what_cant_be_read_or_told_keeps_neither_its_station_nor_other_webhooks_waiting(
    subscribe, happen, deliver
):
    with serving(lambda asked: Told()) as receiver:
        told, stuck, other = [subscribe(f"{receiver.url}/{number}") for number in range(3)]
        Endpoint.objects.filter(pk=stuck.pk).update(types=["no.such"])
        unreadable, untellable, _, _ = happen("alpha", "bravo", "alpha", "charlie")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE core_event SET time = '200000-01-01' WHERE id = %s", [unreadable])
            huge = f'{{"a": 1{"0" * 30}}}'
            cursor.execute("UPDATE core_event SET data = %s::jsonb WHERE id = %s", [huge, untellable])
        assert deliver(lambda: [delivered(told), delivered(other)] == [2, 2])
        assert deliver(lambda: Attempt.objects.exclude(error="").count() >= 2)
    states = dict(told.deliveries.values_list("event", "state"))
    assert (states[unreadable], states[untellable]) == ("dead", "pending")
    assert set(Attempt.objects.exclude(error="").values_list("error", flat=True)) == {
        "can't be told: TypeError"
    }
    assert not stuck.deliveries.exists()
