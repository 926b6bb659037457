"""Webhooks: the list, one of them, what admins do, and deliveries again."""

import re
from datetime import timedelta

import pytest

from dashboard.bulk import actions
from dashboard.overview import measures
from emobi.core import clock, events, unit_of_work
from emobi.core.errors import NotFound
from emobi.core.models import Event
from webhooks.models import Attempt, Delivery, DeliveryState, Endpoint
from webhooks.services import endpoints

URL = "http://127.0.0.1:9/hook"


@pytest.fixture(autouse=True)
def local_receivers(settings):
    settings.EMOBI_WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def endpoint(network):
    return endpoints.create(network, URL, ["station.*"], "Tickets", by="user:a")


def deliver(endpoint, station, state=DeliveryState.DEAD, **attempt):
    with unit_of_work.begin():
        events.record(station.subject, events.StationOnline(offline_s=None))
    now, event = clock.now(), Event.objects.latest("sequence")
    made = Delivery.objects.create(
        endpoint=endpoint, event=event, sequence=event.sequence, station=station.identity, type=event.type,
        state=state, next_attempt_at=now, created_at=now, ended_at=now,
    )  # fmt: skip
    said = {"status": 500, "response_body": "<script>x</script>", "duration_ms": 12, **attempt}
    Attempt.objects.create(delivery=made, at=now, url=endpoint.url, **said)
    return made


def looked_over(shown) -> dict[str, str]:
    """The times that a page which says how many are delivered again carries along."""
    return dict(re.findall(r'name="(since|until)" value="([^"]+)"', shown.content.decode()))


def test_all_that_waits_is_in_the_overviews_backlog(endpoint, alpha):
    deliver(endpoint, alpha, DeliveryState.PENDING)
    deliver(endpoint, alpha, DeliveryState.HELD)
    deliver(endpoint, alpha, DeliveryState.DEAD)
    deliver(endpoint, alpha, DeliveryState.DELIVERED, status=204)
    assert measures.read(alpha.network).backlog == 2


@pytest.mark.parametrize("act", [endpoints.rotate_secret, endpoints.change])
def test_what_was_deleted_meanwhile_is_not_there(endpoint, act):
    endpoints.delete(endpoint, by="user:b")
    with pytest.raises(NotFound):
        act(endpoint, by="user:a")


def test_the_list_says_how_each_is_doing(viewer, endpoint, alpha):
    deliver(endpoint, alpha)
    deliver(endpoint, alpha, DeliveryState.DELIVERED, status=204)
    page = viewer.get("/webhooks/").content.decode()
    assert "Tickets" in page
    assert "50.0 % of 2" in page
    assert "HTTP 500" in page
    assert "Add a webhook" not in page


def test_lists_that_are_not_live_say_as_of_when_they_are(admin, endpoint):
    for path in ("/webhooks/", f"/webhooks/{endpoint.pk}/", "/audit/", "/messages/", "/fragments/messages/"):
        html = admin.get(path).content.decode()
        assert re.search(r"As of <time [^>]+>\d\d:\d\d:\d\d</time> UTC<", html), path


def test_deliveries_are_found_by_their_id_and_time(viewer, endpoint, alpha):
    first, second = deliver(endpoint, alpha), deliver(endpoint, alpha)
    path, links = f"/webhooks/{endpoint.pk}/", [f"deliveries/{one.pk}/" for one in (first, second)]

    def shown(**query):
        page = viewer.get(path, query).content.decode()
        return [link in page for link in links]

    assert shown(id=first.event_id) == [True, False]
    assert shown(until="2020-01-01T00:00") == [False, False]
    assert shown(since="2020-01-01T00:00", until="rubbish") == [True, True]


def test_an_admin_changes_where_it_is_and_what_it_takes(admin, operator, endpoint):
    path = f"/webhooks/{endpoint.pk}/edit/"
    assert 'value="station.*" checked' in admin.get(path).content.decode()
    said = {"url": f"{URL}2", "types": ["session.*", "station.fault"], "description": "Bills"}
    assert operator.post(path, said).status_code == 403
    assert admin.post(path, {**said, "types": []}).status_code == 422
    assert admin.post(path, said).status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.url, endpoint.types, endpoint.description) == (f"{URL}2", said["types"], "Bills")
    assert "emobi.station.fault" in admin.get("/webhooks/new/sample/?sample=station.fault").content.decode()


def test_a_secret_is_shown_once(admin, network):
    shown = admin.get("/webhooks/new/?sample=station.fault").content.decode()
    assert "emobi.station.fault" in shown
    page = admin.post("/webhooks/new/", {"url": URL, "types": ["session.*"], "description": "a\nb"})
    made = Endpoint.objects.get()
    assert made.secret in page.content.decode()
    assert (made.types, made.description) == (["session.*"], "a b")
    path = f"/webhooks/{made.pk}/"
    assert made.secret not in admin.get(path).content.decode()
    rotated = admin.post(f"{path}rotate/").content.decode()
    made.refresh_from_db()
    assert made.secret in rotated
    assert "Two secrets" in rotated
    wrong = admin.post("/webhooks/new/", {"url": "ftp://x", "types": ["*"]})
    assert (wrong.status_code, "ftp://x" in wrong.content.decode()) == (422, True)


def test_what_another_new_secret_ends_is_said_before_and_sending_a_form_twice_ends_none(admin, endpoint):
    path = f"/webhooks/{endpoint.pk}/"
    effect = "The secret from before the last change ends at once"
    assert effect not in admin.get(path).content.decode()
    admin.post(f"{path}rotate/")
    for ends in ({}, {"ends": "never"}, {"ends": "2026-05-04T12:00:00+00:00"}):
        again = admin.post(f"{path}rotate/", ends)
        assert "would end it at once" in again.content.decode()
        assert again.status_code == 422
    shown = admin.get(path).content.decode()
    assert effect in shown
    assert endpoint.secret in endpoints.secrets(Endpoint.objects.get())
    (ends,) = re.findall(r'name="ends" value="([^"]+)"', shown)
    assert admin.post(f"{path}rotate/", {"ends": ends}).status_code == 200
    assert endpoint.secret not in endpoints.secrets(Endpoint.objects.get())
    assert admin.post(f"{path}rotate/", {"ends": ends}).status_code == 422


def test_what_failed_is_delivered_again_one_selected_or_since_a_time(operator, endpoint, alpha):
    one, two, three = [deliver(endpoint, alpha) for _ in range(3)]
    page = operator.get(f"/webhooks/deliveries/{one.pk}/").content.decode()
    assert "&lt;script&gt;x" in page
    operator.post(f"/webhooks/deliveries/{one.pk}/redeliver/")
    path = f"/webhooks/{endpoint.pk}/"
    operator.post(f"{path}replay/", {"what": "selected", "delivery": [two.pk]})
    states = dict(Delivery.objects.values_list("pk", "state"))
    assert states == {one.pk: "pending", two.pk: "pending", three.pk: "dead"}
    since = f"{clock.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    # The list stays narrowed as it was, for the next of them.
    narrowed = "?state=dead&station=alpha"
    assert operator.get(path + narrowed).content.decode().count("/replay/?state=dead&amp;station=alpha") == 2
    shown = operator.post(f"{path}replay/{narrowed}", {"what": "dead", "since": since})
    assert "Deliver 1 again" in shown.content.decode()
    assert "/replay/?state=dead&amp;station=alpha" in shown.content.decode()
    assert Delivery.objects.filter(state="dead").count() == 1
    told = operator.post(f"{path}replay/{narrowed}", {"what": "dead", **looked_over(shown)}, follow=True)
    assert "Delivered again: 1" in told.content.decode()
    assert told.redirect_chain == [(path + narrowed, 302)]
    assert not Delivery.objects.filter(state="dead").exists()
    for wrong in ({"what": "selected"}, {"what": "dead", "since": "x"}):
        assert "Delivered again" not in operator.post(f"{path}replay/", wrong, follow=True).content.decode()


def test_how_many_are_delivered_again_is_said_before_and_typed(operator, endpoint, alpha, monkeypatch):
    monkeypatch.setattr(actions, "TYPED_FROM", 2)
    for state in (DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.PENDING):
        deliver(endpoint, alpha, state)
    path = f"/webhooks/{endpoint.pk}/replay/"
    asked = {"what": "everything", "since": f"{clock.now() - timedelta(hours=1):%Y-%m-%dT%H:%M}"}
    assert "Deliver 2 again" in operator.post(path, asked).content.decode()
    deliver(endpoint, alpha)
    shown = operator.post(path, asked)
    asked |= looked_over(shown)
    assert "Type 3 to confirm" in shown.content.decode()
    deliver(endpoint, alpha)  # what comes meanwhile is another matter
    for typed in ({}, {"typed": "4"}):
        assert operator.post(path, asked | typed).status_code == 422
    assert Delivery.objects.filter(state="pending").count() == 1
    told = operator.post(path, asked | {"typed": "3"}, follow=True)
    assert "Delivered again: 3" in told.content.decode()
    assert Delivery.objects.filter(state="dead").count() == 1
    Delivery.objects.all().delete()
    none = operator.post(path, {"what": "dead", "since": asked["since"]})
    assert "There is none" in none.content.decode()


def test_deliveries_are_filtered_and_paged(viewer, endpoint, alpha, monkeypatch):
    monkeypatch.setattr("dashboard.webhooks.deliveries.PAGE", 2)
    for state in (DeliveryState.DEAD, DeliveryState.DELIVERED, DeliveryState.DEAD, DeliveryState.DEAD):
        deliver(endpoint, alpha, state)
    path = f"/webhooks/{endpoint.pk}/"
    context = viewer.get(f"{path}?state=dead&type=station.*&station=alpha").context
    assert [one.state for one in context["deliveries"]] == ["dead", "dead"]
    older = viewer.get(path + context["older"]).context
    assert (len(older["deliveries"]), older["older"]) == (1, "")
    assert viewer.get(f"{path}?type=nonsense.x").context["problem"]
    assert viewer.get(f"{path}?station=nobody").context["deliveries"] == []


def test_a_test_shows_what_was_sent_and_what_came_back(operator, endpoint):
    page = operator.post(f"/webhooks/{endpoint.pk}/test/", {"type": "station.fault"}).content.decode()
    assert "webhook-signature" in page
    assert "emobi.station.fault" in page
    assert "HTTP None" not in page


def test_it_is_disabled_resumed_and_deleted_by_admins(admin, operator, viewer, endpoint, alpha):
    path = f"/webhooks/{endpoint.pk}/"
    assert "What happens from now on waits until it is resumed" in admin.get(path).content.decode()
    for words in ("1 delivery waits, with", "2 deliveries wait, with"):
        deliver(endpoint, alpha, DeliveryState.PENDING)
        assert words in admin.get(path).content.decode()
    admin.post(f"{path}change/", {"enabled": "0"})
    assert "It is disabled" in viewer.get(path).content.decode()
    admin.post(f"{path}change/", {"enabled": "1"})
    endpoint.refresh_from_db()
    assert endpoint.enabled
    assert admin.post(f"{path}delete/", {"confirm": "no"}).status_code == 422
    for action in ("change", "rotate", "delete"):
        assert operator.post(f"{path}{action}/").status_code == 403
    assert viewer.post(f"{path}test/").status_code == 403
    admin.post(f"{path}delete/", {"confirm": URL})
    assert not Endpoint.objects.exists()


def test_another_networks_webhook_isnt_there(admin, elsewhere, stranger):
    theirs = endpoints.create(elsewhere, URL, ["*"], by="user:a")
    sent = deliver(theirs, stranger)
    for path in (f"/webhooks/{theirs.pk}/", f"/webhooks/deliveries/{sent.pk}/"):
        assert admin.get(path).status_code == 404
    assert admin.post(f"/webhooks/deliveries/{sent.pk}/redeliver/").status_code == 404
