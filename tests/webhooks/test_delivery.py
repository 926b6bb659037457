"""Events reach receivers, real ones, whatever these are like."""

import json
import threading
from collections import defaultdict
from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from emobi.core import clock, cloudevents, events, unit_of_work
from emobi.core.events import Subject
from emobi.core.models import Event
from emobi.core.services import api_keys
from tests.web_server import Told, serving
from webhooks import payloads, retry
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import deliveries, endpoints

pytestmark = pytest.mark.django_db(transaction=True)


def states():
    return sorted(Delivery.objects.values_list("state", flat=True))


def all_delivered(count):
    return lambda: states() == ["delivered"] * count


def due_now():
    """What would wait for its next attempt waits no more."""
    Delivery.objects.filter(state="pending").update(next_attempt_at=clock.wall())


def test_an_event_is_posted_as_an_envelope_with_a_signature_that_verifies(subscribe, happen, deliver):
    with serving(lambda asked: Told(204)) as receiver:
        endpoint = subscribe(f"{receiver.url}/hooks?a=1", ["station.*"])
        (event_id,) = happen("alpha")
        assert deliver(all_delivered(1))
    (asked,) = receiver.asked
    told = Webhook(endpoint.secret).verify(asked.body, asked.headers)
    assert told == cloudevents.envelope(Event.objects.get(), "grid")
    assert asked.headers["webhook-id"] == told["id"] == event_id
    assert asked.headers["Content-Type"] == "application/cloudevents+json"
    assert asked.path == "/hooks?a=1"


def test_a_large_event_is_posted_without_its_largest_data_and_says_where_that_is(
    network, subscribe, deliver, client
):
    large = events.VendorDataReceived(
        vendor_id="org.example",
        message_id=None,
        data="é" * 200_000,
        answer="Accepted",
        received_at=clock.wall(),
    )
    with serving(lambda asked: Told()) as receiver:
        endpoint = subscribe(receiver.url)
        with unit_of_work.begin():
            events.record(Subject(network_id=network.pk, station="alpha", ocpp_version="1.6"), large)
        assert deliver(all_delivered(1))
    (asked,) = receiver.asked
    told = Webhook(endpoint.secret).verify(asked.body, asked.headers)
    assert len(asked.body) <= payloads.LARGEST
    assert (told["data"]["vendor_id"], "data" in told["data"], told["shortened"]) == (
        "org.example",
        False,
        "data",
    )
    key = api_keys.create(network, "viewer")[1]
    (whole,) = client.get(told["dataref"], headers={"Authorization": f"Bearer {key}"}).json()["items"]
    assert (whole["id"], whole["data"]["data"]) == (told["id"], large.data)


def test_only_what_the_types_name_and_what_happens_after_its_creation_is_told(subscribe, happen, deliver):
    happen("before")
    with serving(lambda asked: Told()) as receiver:
        subscribe(f"{receiver.url}/sessions", ["session.*"])
        subscribe(f"{receiver.url}/stations", ["station.online", "session.started"])
        happen("alpha", "bravo")
        assert deliver(all_delivered(2))
    assert {asked.path for asked in receiver.asked} == {"/stations"}
    assert {json.loads(asked.body)["station"] for asked in receiver.asked} == {"alpha", "bravo"}


def test_while_secrets_rotate_both_verify(subscribe, happen, deliver):
    with serving(lambda asked: Told()) as receiver:
        before = subscribe(receiver.url)
        after = endpoints.rotate_secret(Endpoint.objects.get(), by="user:a")
        happen("alpha")
        assert deliver(all_delivered(1))
        Endpoint.objects.update(previous_secret_until=clock.wall())
        happen("alpha")
        assert deliver(all_delivered(2))
    rotating, rotated = receiver.asked
    for secret in (before.secret, after.secret):
        Webhook(secret).verify(rotating.body, rotating.headers)
    assert len(rotated.headers["webhook-signature"].split()) == 1
    Webhook(after.secret).verify(rotated.body, rotated.headers)


@pytest.mark.parametrize("status", [301, 302, 400, 404, 500])
def test_only_2xx_succeeds_and_redirects_arent_followed(subscribe, happen, deliver, status):
    answer = Told(status, b"no", "text/plain", {"Location": "/elsewhere", "X-Why": "because"})
    with serving(lambda asked: answer) as receiver:
        subscribe(receiver.url)
        happen("alpha")
        assert deliver(Attempt.objects.exists)
    assert len(receiver.asked) == 1
    attempt, delivery = Attempt.objects.get(), Delivery.objects.get()
    assert (attempt.status, attempt.response_body, attempt.response_headers["x-why"]) == (
        status,
        "no",
        "because",
    )
    assert (delivery.state, delivery.attempts) == ("pending", 1)
    wait = delivery.next_attempt_at - attempt.at
    assert timedelta(seconds=5) <= wait <= timedelta(seconds=5.5)


def test_every_station_hears_its_events_in_order_past_failures(subscribe, happen, deliver):
    """And a station whose receiver refuses keeps no other waiting."""
    refused = defaultdict(int)

    def answer(asked):
        told = json.loads(asked.body)
        refused[told["id"]] += 1
        return Told(500 if told["station"] == "bravo" and refused[told["id"]] == 1 else 200)

    with serving(answer) as receiver:
        subscribe(receiver.url)
        for _ in range(20):
            happen("alpha", "bravo", "charlie", None)
        assert deliver(lambda: states().count("delivered") == 60)
        assert states().count("held") == 19

        def done():
            due_now()
            return all_delivered(80)()

        assert deliver(done)
    heard = defaultdict(list)
    for asked in receiver.asked:
        told = json.loads(asked.body)
        if told["sequence"] not in heard[told["station"]]:
            heard[told["station"]].append(told["sequence"])
    assert {station: len(found) for station, found in heard.items()} == dict.fromkeys(
        ["alpha", "bravo", "charlie", None], 20
    )
    for found in heard.values():
        assert found == sorted(found, key=int)


def test_the_schedule_ends_in_a_dead_letter_and_the_next_one_goes_on(subscribe, happen, deliver, monkeypatch):
    monkeypatch.setattr(retry, "AWAY_FAILURES", 100)  # without a probe in between
    with serving(lambda asked: Told(500 if json.loads(asked.body)["id"] == poison else 200)) as receiver:
        subscribe(receiver.url)
        poison, after = happen("alpha", "alpha")

        def done():
            due_now()
            return states() == ["dead", "delivered"]

        assert deliver(done)
    ids = [asked.headers["webhook-id"] for asked in receiver.asked]
    assert ids == [poison] * retry.ATTEMPTS + [after]
    assert Delivery.objects.get(state="dead").attempts == retry.ATTEMPTS == 8


def test_a_dead_letter_is_redelivered_with_the_same_id(subscribe, happen, deliver):
    with serving(lambda asked: Told()) as receiver:
        endpoint = subscribe(receiver.url)
        happen("alpha", "bravo", "charlie")
        assert deliver(all_delivered(3))
        Delivery.objects.update(state="dead", attempts=8)
        first, *rest = Delivery.objects.order_by("pk")
        deliveries.redeliver(first, by="user:a")
        assert deliver(lambda: states() == ["dead", "dead", "delivered"])
        assert deliveries.redeliver_many(endpoint, [one.pk for one in rest], by="user:a") == 2
        assert deliver(all_delivered(3))
    ids = [asked.headers["webhook-id"] for asked in receiver.asked]
    assert sorted(ids[:3]) == sorted(ids[3:])


def test_a_dead_letter_that_is_redelivered_leaves_the_others_of_its_station_in_order(
    subscribe, happen, deliver
):
    """Although, behind another that failed, it fails once more."""
    refused = set()
    with serving(lambda asked: Told(500 if asked.headers["webhook-id"] in refused else 200)) as receiver:
        subscribe(receiver.url)
        ids = happen("alpha")
        assert deliver(all_delivered(1))
        Delivery.objects.update(state="dead", attempts=8)
        ids += happen("alpha", "alpha", "alpha")
        refused |= set(ids[:2])
        assert deliver(lambda: states() == ["dead", "held", "held", "pending"])
        assert deliver(Delivery.objects.filter(event=ids[1], attempts=1).exists)
        later = clock.wall() + timedelta(hours=1)
        Delivery.objects.filter(event=ids[1]).update(next_attempt_at=later)
        deliveries.redeliver(Delivery.objects.get(state="dead"), by="user:a")
        assert deliver(lambda: states() == ["held", "held", "held", "pending"])
        refused.clear()
        receiver.asked.clear()
        due_now()
        assert deliver(lambda: states() == ["delivered", "held", "held", "pending"])
        assert Delivery.objects.get(state="pending").next_attempt_at == later
        due_now()
        assert deliver(all_delivered(4))
    assert [asked.headers["webhook-id"] for asked in receiver.asked] == ids


def test_a_range_is_replayed_also_from_before_the_endpoint(subscribe, happen, deliver):
    old = happen("alpha", "bravo")
    with serving(lambda asked: Told()) as receiver:
        endpoint = subscribe(receiver.url)
        new = happen("alpha")
        assert deliver(all_delivered(1))
        now = clock.wall()
        hour = timedelta(hours=1)
        assert deliveries.replay(endpoint, now - hour, now + hour, only_dead=True, by="user:a") == 0
        assert deliveries.replay(endpoint, now - hour, now + hour, only_dead=False, by="user:a") == 3
        assert deliver(all_delivered(3))
    assert sorted(asked.headers["webhook-id"] for asked in receiver.asked) == sorted([*old, *new, *new])


def test_retry_after_is_honoured(subscribe, happen, deliver):
    with serving(lambda asked: Told(503, headers={"Retry-After": "120"})) as receiver:
        subscribe(receiver.url)
        happen("alpha")
        assert deliver(Attempt.objects.exists)
    assert Delivery.objects.get().next_attempt_at - Attempt.objects.get().at == timedelta(seconds=120)


def test_while_a_receiver_asks_for_patience_nothing_is_sent_to_it(subscribe, happen, deliver):
    """Neither what happens at other stations, nor to see whether it is back; afterwards all is."""
    busy = [True]
    with serving(lambda asked: Told(429, headers={"Retry-After": "600"}) if busy[0] else Told()) as receiver:
        endpoint, other = subscribe(receiver.url), subscribe(f"{receiver.url}/other", ["session.*"])
        happen("alpha")
        assert deliver(Attempt.objects.exists)
        Endpoint.objects.filter(pk=endpoint.pk).update(
            failures=40, failing_since=clock.wall() - timedelta(minutes=5), types=["*"]
        )
        Endpoint.objects.filter(pk=other.pk).update(types=["*"])
        happen("alpha", "bravo")
        busy[0] = False
        assert deliver(lambda: other.deliveries.filter(state="delivered").count() == 2)
        assert endpoint.deliveries.count() == 3
        assert [asked.path for asked in receiver.asked] == ["/", "/other", "/other"]
        until = Endpoint.objects.get(pk=endpoint.pk).not_before
        assert until - Attempt.objects.earliest("pk").at == timedelta(minutes=10)
        Endpoint.objects.update(not_before=clock.wall())
        due_now()
        assert deliver(lambda: endpoint.deliveries.filter(state="delivered").count() == 3)
    assert Endpoint.objects.get(pk=endpoint.pk).not_before is None


def test_a_success_that_was_on_its_way_leaves_the_wait_that_a_receiver_asked_for(subscribe, happen, deliver):
    may_answer = threading.Event()

    def answer(asked):
        if asked.path == "/other":
            return Told()
        if json.loads(asked.body)["station"] == "alpha":
            return Told(429, headers={"Retry-After": "600"})
        may_answer.wait(20)
        return Told()

    def bravo_is_taken_after_alpha_is_written_down():
        if Endpoint.objects.get(pk=endpoint.pk).not_before is not None and len(receiver.asked) == 2:
            may_answer.set()
        return states() == ["delivered", "pending"]

    with serving(answer) as receiver:
        endpoint, other = subscribe(receiver.url), subscribe(f"{receiver.url}/other", ["session.*"])
        happen("alpha", "bravo")
        assert deliver(bravo_is_taken_after_alpha_is_written_down)
        Endpoint.objects.filter(pk=other.pk).update(types=["*"])
        happen("charlie")
        assert deliver(lambda: other.deliveries.filter(state="delivered").exists())
        assert sorted(endpoint.deliveries.values_list("station", "state")) == [
            ("alpha", "pending"), ("bravo", "delivered"), ("charlie", "pending"),
        ]  # fmt: skip
        assert [asked.path for asked in receiver.asked] == ["/", "/", "/other"]
        endpoint.refresh_from_db()
        refused = Attempt.objects.get(status=429)
        assert endpoint.not_before - refused.at == timedelta(minutes=10)
        assert (endpoint.failures, endpoint.failing_since) == (1, refused.at)


def test_whoever_has_it_delivered_again_ends_the_wait_that_a_receiver_asked_for(subscribe, happen, deliver):
    busy = [True]
    with serving(lambda asked: Told(429, headers={"Retry-After": "3600"}) if busy[0] else Told()) as receiver:
        endpoint = subscribe(receiver.url)
        happen("alpha")
        assert deliver(Attempt.objects.exists)
        waiting, busy[0] = Delivery.objects.get(), False
        assert Endpoint.objects.get().not_before > clock.wall()
        deliveries.redeliver(waiting, by="user:a")
        assert deliver(all_delivered(1))
    hour = timedelta(hours=1)
    since = clock.wall() - hour
    for again in (
        lambda: deliveries.redeliver_many(endpoint, [waiting.pk], by="user:a"),
        lambda: deliveries.replay(endpoint, since, since + 2 * hour, only_dead=True, by="user:a"),
    ):
        Endpoint.objects.update(not_before=clock.wall() + hour)
        again()
        assert Endpoint.objects.get().not_before is None


def test_410_disables_and_who_resumes_loses_nothing(subscribe, happen, deliver):
    gone = [True]
    with serving(lambda asked: Told(410 if gone[0] else 200)) as receiver:
        endpoint = subscribe(receiver.url)
        happen("alpha")
        assert deliver(lambda: not Endpoint.objects.get().enabled)
        assert Endpoint.objects.get().disabled_reason == "it answered 410 Gone"
        notice = Event.objects.get(type="webhook.disabled")
        assert notice.data["webhook_id"] == endpoint.pk
        happen("bravo")
        gone[0] = False
        endpoints.change(endpoint, enabled=True, by="user:a")
        assert deliver(all_delivered(4))
    assert len(receiver.asked) == 5


def test_an_endpoint_that_failed_for_five_days_is_disabled_with_a_notice(subscribe, happen, deliver):
    with serving(lambda asked: Told(500)) as receiver:
        subscribe(receiver.url)
        Endpoint.objects.update(failing_since=clock.wall() - retry.GIVE_UP_AFTER, failures=40)
        happen("alpha")
        assert deliver(lambda: not Endpoint.objects.get().enabled)
    assert Event.objects.filter(type="webhook.disabled").count() == 1
    assert Endpoint.objects.get().network.audit_entries.filter(action="webhook.disabled").count() == 1


def test_a_receiver_that_is_back_is_found_out_and_told_all_at_once(subscribe, happen, deliver):
    """Although every attempt that is due lies hours ahead, and few have failed."""
    away = [True]
    with serving(lambda asked: Told(503 if away[0] else 200)) as receiver:
        subscribe(receiver.url)
        happen(*["alpha", "bravo"] * 30)
        assert deliver(lambda: states().count("held") == 58)
        Endpoint.objects.update(failing_since=clock.wall() - timedelta(minutes=1))
        Delivery.objects.filter(state="pending").update(next_attempt_at=clock.wall() + timedelta(hours=10))
        away[0] = False
        receiver.asked.clear()
        assert deliver(all_delivered(60))
    assert len(receiver.asked) == 60
    assert Endpoint.objects.get().failing_since is None


def test_a_probe_that_fails_isnt_counted(subscribe, happen, deliver):
    with serving(lambda asked: Told(503)) as receiver:
        subscribe(receiver.url)
        happen("alpha")
        assert deliver(lambda: Attempt.objects.count() == 1)
        Endpoint.objects.update(failing_since=clock.wall() - timedelta(minutes=1))
        later = clock.wall() + timedelta(hours=10)
        Delivery.objects.update(next_attempt_at=later)
        assert deliver(lambda: Attempt.objects.count() == 2)
    first = Delivery.objects.get(state="pending")
    assert (first.attempts, first.next_attempt_at) == (1, later)
    assert len(receiver.asked) == 2


def test_people_are_told_after_an_hour_also_while_nothing_is_tried(subscribe, happen, deliver):
    with serving(lambda asked: Told(503, headers={"Retry-After": "3600"})) as receiver:
        subscribe(receiver.url, ["station.*"])
        happen("alpha")
        assert deliver(lambda: Attempt.objects.count() == 1)
        Endpoint.objects.update(failing_since=clock.wall() - endpoints.TOLD_AFTER)
        assert deliver(Event.objects.filter(type="webhook.failing").exists)
    assert Event.objects.get(type="webhook.failing").data["reason"] == "answered 503"
    assert len(receiver.asked) == 1


def test_a_receiver_that_never_answers_delays_no_other(subscribe, happen, deliver):
    answers = threading.Event()

    def answer(asked):
        if asked.path == "/slow":
            answers.wait(20)
        return Told()

    with serving(answer) as receiver:
        slow = subscribe(f"{receiver.url}/slow")
        fast = subscribe(f"{receiver.url}/fast")
        for _ in range(10):
            happen(*(f"station-{number}" for number in range(40)))
        assert deliver(lambda: fast.deliveries.filter(state="delivered").count() == 400)
        assert not slow.deliveries.filter(state="delivered").exists()
        answers.set()


def test_a_courier_that_follows_another_repeats_what_wasnt_written_down(subscribe, happen, deliver):
    """As after a kill: the receiver got it, the row doesn't say so."""
    with serving(lambda asked: Told()) as receiver:
        subscribe(receiver.url)
        happen("alpha")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("webhooks.services.queueing.settle", lambda *_: None)
            deliver(lambda: bool(receiver.asked))
        assert states() == ["pending"]
        assert deliver(all_delivered(1))
    assert len({asked.headers["webhook-id"] for asked in receiver.asked}) == 1
    assert len(receiver.asked) >= 2
