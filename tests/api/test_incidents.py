"""`/incidents` and `/incident-rules`."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User

from emobi.core import clock
from emobi.core.models import Membership
from stations.models import Incident, IncidentCondition, IncidentKind, IncidentRule, Severity
from stations.services.incidents import opening, rules
from stations.services.incidents.opening import Affected, Finding


def opened(network, *stations, **said):
    values = {"kind": IncidentKind.OFFLINE, "key": "a", "severity": Severity.MAJOR, "title": "Away"} | said
    affected = [Affected.from_now(station) for station in stations]
    return opening.open_or_join(network, Finding(affected=affected, **values))


def ids(page):
    return [item["incident_id"] for item in page["items"]]


def test_an_incident_with_its_stations_and_timeline(viewer, alpha):
    incident = opened(alpha.network, alpha, summary="Why")
    told = viewer.get(f"/incidents/{incident.pk}")
    assert (told["state"], told["stations"], told["stations_affected"]) == ("open", 1, 1)
    assert [row["station"] for row in told["affected"]] == ["alpha"]
    assert [entry["what"] for entry in told["timeline"]] == ["opened"]
    stations = viewer.get(f"/incidents/{incident.pk}/stations")
    assert stations["items"] == told["affected"]


def test_a_webhook_that_an_incident_is_about_as_well(viewer, network, alpha):
    incident = opened(network, alpha)
    assert viewer.get(f"/incidents/{incident.pk}")["other_causes"] == []
    rules.seed(network)
    evidence = {"webhook_id": "01KAN3F6VB2WC8J4V7Q2M5X9WH", "url": "https://b.example.org/"}
    made = IncidentCondition.objects.create(
        rule=IncidentRule.objects.get(network=network, kind="webhook_failing"), key="w", since=clock.now(),
        due_at=clock.now(), severity="major", title="Webhook fails", evidence=evidence, incident=incident,
    )  # fmt: skip
    [cause] = viewer.get(f"/incidents/{incident.pk}")["other_causes"]
    assert cause == {
        "kind": "webhook_failing",
        "title": "Webhook fails",
        "since": clock.iso(made.since),
        "evidence": evidence,
    }


def test_lists_are_narrowed(viewer, operator, network, alpha, bravo):
    alice = User.objects.create(username="alice")
    Membership.objects.create(network=network, user=alice, role="operator")
    one = opened(network, alpha, key="a").pk
    two = opened(network, bravo, key="b", kind=IncidentKind.FAULT, severity=Severity.CRITICAL).pk
    operator.post(f"/incidents/{one}/assign", {"assignee": "alice"}, expect=200)
    operator.post(f"/incidents/{one}/snooze", {"for_s": 60}, expect=200)
    operator.post(f"/incidents/{two}/resolve", {"note": "Fuse"}, expect=200)
    for filters, expected in [
        ({}, [two, one]),
        ({"state": "unresolved"}, [one]),
        ({"state": "resolved"}, [two]),
        ({"severity": "critical"}, [two]),
        ({"kind": "offline"}, [one]),
        ({"station": "BRAVO"}, [two]),
        ({"assignee": "alice"}, [one]),
        ({"assignee": ""}, [two]),
        ({"snoozed": "true"}, [one]),
        ({"q": "alph"}, [one]),
    ]:
        assert ids(viewer.get("/incidents", **filters)) == expected, filters
    assert [each["incident_id"] for each in viewer.all("/incidents", limit=1)] == [two, one]


def test_what_an_operator_does_is_told_back_and_audited(operator, network, alpha):
    path = f"/incidents/{opened(network, alpha).pk}"
    told = operator.post(f"{path}/acknowledge", {}, expect=200)
    assert told["state"] == "acknowledged"
    assert told["time_to_acknowledge_s"] is not None
    operator.post(f"{path}/notes", {"text": "Called the site."})
    operator.post(f"{path}/assign", {"assignee": "mallory"}, expect=422)
    past = clock.iso(clock.now() - timedelta(hours=1))
    operator.post(f"{path}/snooze", {"until": past}, expect=422)
    told = operator.post(f"{path}/resolve", {}, expect=200)
    assert (told["state"], told["resolution"], told["stations_affected"]) == ("resolved", "by_hand", 0)
    operator.post(f"{path}/acknowledge", {}, expect=409)
    actions = network.audit_entries.order_by("pk").values_list("action", flat=True)
    assert list(actions)[-3:] == ["incident.acknowledged", "incident.noted", "incident.resolved"]


def test_merged_ones_say_into_which(operator, network, alpha, bravo):
    one, two = opened(network, alpha, key="a").pk, opened(network, bravo, key="b").pk
    told = operator.post(f"/incidents/{one}/merge", {"incident_ids": [two]}, expect=200)
    assert told["stations"] == 2
    assert operator.get(f"/incidents/{two}")["merged_into"] == one


def test_one_opened_by_hand_stays_until_somebody_ends_it(operator, network, alpha):
    told = operator.post("/incidents", {"title": "Cable stolen", "stations": ["ALPHA"]})
    assert (told["kind"], told["stations"]) == ("other", 1)
    assert not Incident.objects.get().auto_resolve
    operator.post("/incidents", {"title": "Cable stolen", "stations": ["nobody"]}, expect=422)


def test_another_networks_incidents_and_rules_do_not_exist(operator, admin, stranger):
    theirs = opened(stranger.network, stranger).pk
    operator.get(f"/incidents/{theirs}", expect=404)
    operator.post(f"/incidents/{theirs}/acknowledge", {}, expect=404)
    mine = operator.post("/incidents", {"title": "Mine"})["incident_id"]
    operator.post(f"/incidents/{mine}/merge", {"incident_ids": [theirs]}, expect=404)
    rules.seed(stranger.network)
    rule = IncidentRule.objects.filter(network=stranger.network).first()
    admin.patch(f"/incident-rules/{rule.pk}", {"enabled": False}, expect=404)


@pytest.fixture
def offline_rule(network):
    rules.seed(network)
    return IncidentRule.objects.get(network=network, kind="offline")


def test_a_rule_is_changed_and_keeps_what_was_not_named(admin, offline_rule):
    path = f"/incident-rules/{offline_rule.pk}"
    told = admin.patch(path, {"for_s": 120, "params": {"group_of": 7}, "scope": {"site": "Depot A"}})
    assert (told["for_s"], told["params"]["group_of"], told["params"]["mass_of"]) == (120, 7, 20)
    assert admin.get(path) == told
    admin.patch(path, {"params": {"group_of": 1}}, expect=422)
    admin.patch(path, {"params": {"shoe": 1}}, expect=422)
    admin.delete(path, expect=409)


def test_a_rule_that_is_added_may_be_deleted(admin, network):
    rules.seed(network)
    made = admin.post("/incident-rules", {"name": "Depot A", "kind": "offline", "scope": {"site": "A"}})
    assert not made["shipped"]
    assert made["rule_id"] in [rule["rule_id"] for rule in admin.all("/incident-rules", limit=5)]
    admin.post("/incident-rules", {"name": "Depot A", "kind": "fault"}, expect=409)
    admin.post("/incident-rules", {"name": "Else", "kind": "other"}, expect=422)
    admin.delete(f"/incident-rules/{made['rule_id']}")


def test_a_back_test_says_what_would_have_been(admin, offline_rule):
    told = admin.post(f"/incident-rules/{offline_rule.pk}/back-test", {"for_s": 60}, expect=200)
    assert (told["basis"], told["total"], told["incidents"]) == ("events", 0, [])
