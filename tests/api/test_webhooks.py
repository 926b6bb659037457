"""Webhooks by the API; how events get there is `tests/webhooks`'s."""

from datetime import timedelta

import pytest
from standardwebhooks import Webhook

from emobi.core import clock, events, unit_of_work
from emobi.core.models import AuditEntry, Event
from tests.api.furnishing import furnish
from tests.stations.telling import NOON, types
from tests.web_server import Told, serving
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import endpoints

URL = "https://billing.example.org/emobi"


@pytest.fixture
def webhook(admin):
    return admin.post("/webhooks", {"url": URL, "types": ["session.*"]}, expect=201)


@pytest.fixture
def delivery(network) -> Delivery:
    return Delivery.objects.get(pk=furnish(network, "{delivery_id}"))


def test_a_secret_is_shown_once(admin, webhook):
    assert webhook["secret"].startswith("whsec_")
    assert Endpoint.objects.get().secret == webhook["secret"]
    assert "secret" not in admin.get(f"/webhooks/{webhook['id']}")
    assert webhook["secret"] not in str(admin.get("/webhooks"))


def test_it_says_what_it_is_and_how_it_is_doing(admin, webhook):
    del webhook["secret"]
    assert admin.get(f"/webhooks/{webhook['id']}") == webhook
    assert admin.get("/webhooks")["items"] == [webhook]
    assert (webhook["enabled"], webhook["waiting"], webhook["dead"]) == (True, 0, 0)
    assert (webhook["url"], webhook["types"]) == (URL, ["session.*"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"url": "http://billing.example.org/"}, "url"),
        ({"url": "https://192.168.1.1/"}, "url"),
        ({"types": ["session.exploded"]}, "types"),
        ({"types": []}, "types"),
        ({"types": ["station.online,session.ended"]}, "types"),
    ],
)
def test_what_cant_be_told_is_refused(admin, change, field):
    body = {"url": URL, "types": ["*"]} | change
    assert admin.post("/webhooks", body, expect=422)["errors"][0]["field"].startswith(field)


def test_types_may_have_the_prefix(admin):
    made = admin.post("/webhooks", {"url": URL, "types": ["emobi.session.*", "*"]}, expect=201)
    assert made["types"] == ["session.*", "*"]


def test_it_is_disabled_resumed_and_deleted(admin, webhook, network):
    path = f"/webhooks/{webhook['id']}"
    told = admin.patch(path, {"enabled": False})
    assert (told["enabled"], told["disabled_reason"][:7]) == (False, "by key:")
    told = admin.patch(path, {"enabled": True, "description": "Billing"})
    assert (told["enabled"], told["disabled_reason"], told["description"]) == (True, None, "Billing")
    admin.delete(path, expect=204)
    admin.get(path, expect=404)
    done = network.audit_entries.filter(action__startswith="webhook.").order_by("id")
    assert list(done.values_list("action", flat=True)) == [
        "webhook.created",
        "webhook.changed",
        "webhook.changed",
        "webhook.deleted",
    ]
    assert webhook["secret"] not in str(list(done.values()))


@pytest.mark.parametrize("enabled", [True, False])
def test_who_has_seen_to_one_that_failed_hears_anew_when_it_fails_again(admin, webhook, network, enabled):
    endpoint = Endpoint.objects.get()
    Endpoint.objects.update(failing_since=NOON, failing_told_at=NOON, failures=9)
    if enabled:
        endpoints.give_up(endpoint.pk, "it answered 410 Gone")
    for _ in range(2):
        admin.patch(f"/webhooks/{endpoint.pk}", {"enabled": enabled})
    assert types(network)[-1] == "webhook.recovered"
    assert types(network).count("webhook.recovered") == 1
    endpoints.give_up(endpoint.pk, "it answered 410 Gone")
    assert types(network)[-1] == ("webhook.disabled" if enabled else "webhook.recovered")


def test_a_new_secret_stands_beside_the_old_one_for_a_day(admin, webhook):
    told = admin.post(f"/webhooks/{webhook['id']}/rotate-secret", {}, expect=200)
    assert told["secret"] != webhook["secret"]
    endpoint = Endpoint.objects.get()
    assert endpoint.previous_secret == webhook["secret"]
    assert timedelta(hours=23) < endpoint.previous_secret_until - clock.now() <= timedelta(hours=24)
    assert told["previous_secret_until"] == clock.iso(endpoint.previous_secret_until)


def test_another_secret_within_the_day_ends_the_oldest_unless_asked_not_to(admin, webhook):
    path = f"/webhooks/{webhook['id']}/rotate-secret"
    second = admin.post(path, {}, expect=200, end_previous="false")
    refused = admin.post(path, {}, expect=409, end_previous="false")
    assert "would end it at once" in refused["detail"]
    endpoint = Endpoint.objects.get()
    assert endpoints.secrets(endpoint) == [second["secret"], webhook["secret"]]
    third = admin.post(path, {}, expect=200)
    endpoint.refresh_from_db()
    assert endpoints.secrets(endpoint) == [third["secret"], second["secret"]]
    first_time, second_time = AuditEntry.objects.filter(action="webhook.secret_rotated").order_by("pk")
    assert first_time.detail == {}
    assert second_time.detail == {
        "ended": "the secret before",
        "valid_until": second["previous_secret_until"],
    }
    Endpoint.objects.update(previous_secret_until=clock.now())
    admin.post(path, {}, expect=200, end_previous="false")


def test_a_test_shows_what_was_sent_and_what_came_back(network, admin, operator, settings):
    settings.EMOBI_WEBHOOK_ALLOW_PRIVATE = True
    with serving(lambda asked: Told(503, b"later", "text/plain")) as receiver:
        webhook = admin.post("/webhooks", {"url": receiver.url, "types": ["session.*"]}, expect=201)
        told = operator.post(f"/webhooks/{webhook['id']}/test", {"type": "session.ended"}, expect=200)
    (asked,) = receiver.asked
    body = Webhook(webhook["secret"]).verify(asked.body, asked.headers)
    assert told["request"]["body"] == body
    assert told["request"]["headers"]["webhook-signature"] == asked.headers["webhook-signature"]
    assert body["type"] == "emobi.session.ended"
    assert body["data"].keys() == {
        each for each in events.SessionEnded.__dataclass_fields__ if each != "type"
    }
    assert (told["ok"], told["response"]["status"], told["response"]["body"]) == (False, 503, "later")
    assert not Delivery.objects.exists()


def test_a_test_sends_the_newest_event_of_its_type_with_an_id_of_its_own(network, admin, settings):
    settings.EMOBI_WEBHOOK_ALLOW_PRIVATE = True
    with unit_of_work.begin():
        events.record(
            events.Subject(network_id=network.pk, station="alpha"), events.StationOnline(offline_s=7)
        )
    with serving(lambda asked: Told()) as receiver:
        webhook = admin.post("/webhooks", {"url": receiver.url, "types": ["station.online"]}, expect=201)
        told = admin.post(f"/webhooks/{webhook['id']}/test", {}, expect=200)
    assert told["ok"]
    assert told["request"]["body"]["data"] == {"offline_s": 7}
    assert told["request"]["body"]["id"] != Event.objects.get().pk


def test_a_delivery_has_its_event_and_its_attempts(viewer, delivery):
    Attempt.objects.create(
        delivery=delivery,
        at=clock.now(),
        url=URL,
        status=500,
        response_headers={"retry-after": "5"},
        response_body="oops",
        duration_ms=12,
    )
    told = viewer.get(f"/deliveries/{delivery.pk}")
    assert told["event"]["id"] == delivery.event_id
    assert [(one["status"], one["body"], one["duration_ms"]) for one in told["tries"]] == [(500, "oops", 12)]
    (listed,) = viewer.get(f"/webhooks/{delivery.endpoint_id}/deliveries", state="pending")["items"]
    assert listed == {key: told[key] for key in listed}
    assert viewer.get(f"/webhooks/{delivery.endpoint_id}/deliveries", state="dead")["items"] == []
    assert viewer.get(f"/webhooks/{delivery.endpoint_id}/deliveries", type="session.*")["items"] == []
    assert viewer.get(f"/webhooks/{delivery.endpoint_id}")["waiting"] == 1


def test_a_dead_letter_is_redelivered(operator, delivery):
    Delivery.objects.update(state="dead", attempts=8, ended_at=clock.now())
    assert operator.get(f"/webhooks/{delivery.endpoint_id}")["dead"] == 1
    told = operator.post(f"/deliveries/{delivery.pk}/redeliver", {}, expect=202)
    assert (told["state"], told["attempts"], told["ended_at"]) == ("pending", 0, None)


def test_what_waits_behind_another_or_for_a_disabled_webhook_isnt_redelivered(operator, delivery):
    path = f"/deliveries/{delivery.pk}/redeliver"
    Delivery.objects.update(state="held")
    operator.post(path, {}, expect=409)
    Delivery.objects.update(state="dead")
    Endpoint.objects.update(enabled=False)
    operator.post(path, {}, expect=409)
    operator.post(f"/webhooks/{delivery.endpoint_id}/replay", {"delivery_ids": [delivery.pk]}, expect=409)


def test_a_range_is_replayed(operator, delivery):
    path = f"/webhooks/{delivery.endpoint_id}/replay"
    Delivery.objects.update(state="dead", attempts=8)
    hour_ago = clock.iso(clock.now() - timedelta(hours=1))
    long_ago = clock.iso(clock.now() - timedelta(days=31))
    assert operator.post(path, {"from": hour_ago}, expect=202) == {"deliveries": 1}
    assert Delivery.objects.get().state == "pending"
    operator.post(path, {"from": long_ago}, expect=422)
    operator.post(path, {"from": hour_ago, "to": hour_ago}, expect=422)
    operator.post(path, {}, expect=422)
    operator.post(path, {"from": hour_ago, "delivery_ids": [1]}, expect=422)
