"""The pages of incidents and their rules, without a browser."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from dashboard.live import live_values
from emobi.core import clock
from emobi.core.models import Preferences
from stations.models import Incident, IncidentCondition, IncidentKind, IncidentRule, PlaybookRun, Severity
from stations.services.incidents import handling, opening, rules
from stations.services.incidents.opening import Affected, Finding
from stations.services.playbooks import seeding
from tests.dashboard.conftest import enlist, signed_in
from tests.dashboard.state import exchange, report
from tests.statements import counted

LIST = "/incidents/"


def opened(network, *stations, **said):
    values = {"kind": IncidentKind.OFFLINE, "key": "a", "severity": Severity.MAJOR, "title": "Away"} | said
    affected = [Affected.from_now(station) for station in stations]
    return opening.open_or_join(network, Finding(affected=affected, **values))


@pytest.fixture
def alice(network):
    return enlist(network, "alice", "operator")


@pytest.fixture
def asking(alice):
    return signed_in(alice)


def text(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def do(asking, path, network, **said):
    return asking.post(path, {"network": network.slug, **said})


def test_each_tab_has_its_own(asking, alice, network, alpha):
    mine = opened(network, alpha, key="a", title="Mine-one")
    nobodys = opened(network, alpha, key="b", title="Nobodys-one")
    asleep = opened(network, alpha, key="c", title="Asleep-one")
    over = opened(network, alpha, key="d", title="Over-one")
    handling.assign(mine, alice, by="user:a")
    handling.snooze(asleep, handling.from_now(60), by="user:a")
    handling.resolve(over, by="user:a")
    names = {each.title for each in (mine, nobodys, asleep, over)}
    for tab, expected in [
        ("", {"Mine-one", "Nobodys-one"}),
        ("mine", {"Mine-one"}),
        ("unassigned", {"Nobodys-one"}),
        ("snoozed", {"Asleep-one"}),
        ("resolved", {"Over-one"}),
    ]:
        shown = text(asking.get(LIST, {"tab": tab}))
        assert {name for name in names if name in shown} == expected, tab


def test_all_is_well_says_since_when(asking, network, alpha):
    assert "none yet" in text(asking.get(LIST))
    handling.resolve(opened(network, alpha), by="user:a")
    assert "All is well" in text(asking.get(LIST))
    assert "The last one ended" in text(asking.get(LIST))


def test_a_rows_button_and_the_chosen_ones(asking, network, alpha, bravo):
    one, two = opened(network, alpha, key="a"), opened(network, bravo, key="b")
    act = reverse("dashboard:incidents-act")
    assert do(asking, act, network, act=f"acknowledge:{one.pk}").status_code == 302
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state) == ("acknowledged", "open")
    shown = asking.post(
        f"{act}?tab=unassigned",
        {"network": network.slug, "act": "mine", "id": [one.pk, two.pk]},
        headers={"HX-Request": "true"},
    )
    assert "2 incidents assigned to you." in text(shown)
    # The rows alone; they fit this tab no longer, and stay until the list is drawn anew.
    assert text(shown).count("<tr") == text(shown).count("data-gone") == 2
    assert "<table" not in text(shown)
    assert "Choose incidents first" in text(
        asking.post(act, {"network": network.slug, "act": "resolve"}, headers={"HX-Request": "true"})
    )
    assert do(asking, act, network, act="explode:x").status_code == 400


def test_what_one_page_can_do(asking, alice, network, alpha, bravo):
    incident, other = opened(network, alpha, key="a"), opened(network, bravo, key="b")
    path = reverse("dashboard:incident-act", args=[incident.pk])
    for said in [
        {"act": "acknowledge"},
        {"act": "assign", "assignee": "alice"},
        {"act": "snooze", "for_s": "14400"},
        {"act": "wake"},
        {"act": "note", "note": "<b>Called</b>"},
        {"act": "merge", "other": other.pk},
        {"act": "resolve", "note": "Fuse"},
    ]:
        assert do(asking, path, network, **said).status_code == 302, said
    shown = text(asking.get(reverse("dashboard:incident", args=[incident.pk])))
    assert "&lt;b&gt;Called&lt;/b&gt;" in shown
    assert "Took in" in shown
    assert [entry.what for entry in incident.entries.order_by("pk")] == [
        "opened", "acknowledged", "assigned", "snoozed", "unsnoozed", "noted", "took_in", "resolved",
    ]  # fmt: skip
    refused = do(asking, path, network, act="snooze", for_s="60")
    assert "The incident is resolved." in text(refused, 422)


def test_a_viewer_sees_and_changes_nothing(network, alpha):
    incident = opened(network, alpha)
    viewer = signed_in(enlist(network, "vera", "viewer"))
    assert 'value="resolve"' not in text(viewer.get(reverse("dashboard:incident", args=[incident.pk])))
    path = reverse("dashboard:incident-act", args=[incident.pk])
    assert do(viewer, path, network, act="resolve").status_code == 403
    assert do(viewer, reverse("dashboard:incidents-act"), network, act="resolve").status_code == 403


def test_another_networks_incident_is_not_there(asking, network, stranger):
    theirs = opened(stranger.network, stranger)
    assert asking.get(reverse("dashboard:incident", args=[theirs.pk])).status_code == 404
    path = reverse("dashboard:incident-act", args=[theirs.pk])
    assert do(asking, path, network, act="resolve").status_code == 404


def test_the_list_costs_the_same_however_long_it_is(asking, network, alpha, django_assert_max_num_queries):
    for number in range(30):
        opened(network, alpha, key=str(number))
    with django_assert_max_num_queries(12):
        asking.get(LIST)


def test_live_values_of_a_row(network, alpha):
    first = opened(network, alpha, key="a")
    opened(network, alpha, key="b")
    key = f"incident:{first.pk}"
    told = live_values.read(network, [key])
    assert told[key][key]["now"] == {"s": "incident-open", "w": "Open"}
    assert live_values.read(network, ["waiting"])["waiting"]["waiting"]["incidents"] == "2"
    assert live_values.read(network, ["waiting"])["waiting"]["alarm"]["count"] == "0"
    # A row is patched; only the page of one is drawn anew.
    assert "shape" not in told[key][key]
    page = f"incident-page:{first.pk}"
    before = live_values.read(network, [page])
    handling.acknowledge(first, by="user:a")
    assert live_values.read(network, [page]) != before


def shown_as(client, network, query=""):
    """What a page of the list is told now that was drawn before: a function that reads it."""
    html = text(client.get(f"{LIST}{query}"))
    asked = unescape(re.findall(r'data-topic="(incidents:[^"]+)"', html)[0])
    tabs = unescape(re.findall(r'data-topic="(incident-tabs:[^"]+)"', html)[0])

    def now():
        told = live_values.read(network, [asked, tabs])
        return told[asked]["list"], told[tabs]["incident-tabs"]

    return now


def test_a_list_is_told_what_it_would_be_now(asking, alice, network, alpha):
    first, second, third = [opened(network, alpha, key=key) for key in "abc"]
    handling.resolve(second, by="user:a")
    handling.snooze(third, handling.from_now(3600), by="user:a")
    of_open, of_mine, of_nobody, narrowed = [
        shown_as(asking, network, query)
        for query in ("", "?tab=mine", "?tab=unassigned", "?kind=offline&severity=major")
    ]
    quiet = {"moved": 0, "gone": [], "fresh": 0}
    assert [now()[0] for now in (of_open, of_mine, of_nobody, narrowed)] == [quiet] * 4
    # One is taken, one wakes that is newer, one opens that is worse.
    handling.assign(first, alice, by="user:a")
    handling.snooze(third, None, by="user:a")
    opened(network, alpha, key="d", severity=Severity.CRITICAL)
    assert of_open()[0] == quiet | {"fresh": 2}
    assert of_mine()[0] == quiet | {"fresh": 1}
    assert of_nobody()[0] == {"moved": 0, "gone": [f"incident:{first.pk}"], "fresh": 2}
    assert narrowed()[0] == quiet | {"fresh": 1}
    assert of_open()[1] == {"open": "3", "mine": "1", "unassigned": "2", "snoozed": "0"}
    handling.resolve(first, by="user:a")
    assert of_open()[0]["gone"] == [f"incident:{first.pk}"]
    assert of_mine()[0] == quiet


def test_an_empty_list_of_what_is_open_is_drawn_anew_by_itself(asking, network, alpha):
    all_of_it, narrowed = shown_as(asking, network), shown_as(asking, network, "?kind=offline")
    assert all_of_it()[0]["shape"] == "none"
    opened(network, alpha)
    assert all_of_it()[0]["shape"] == "some"
    assert narrowed()[0] == {"moved": 0, "gone": [], "fresh": 1}


@pytest.fixture
def offline_rule(network):
    rules.seed(network)
    return IncidentRule.objects.get(network=network, kind="offline")


def filled(rule, **said):
    numbers = {f"params.{name}": str(value) for name, value in rule.params.items()}
    return {"severity": rule.severity, "for_s": str(rule.for_s), "enabled": "on", **numbers} | said


def test_maintenance_of_what_is_affected_is_planned_from_its_page(asking, viewer, network, alpha, bravo):
    found = opened(network, alpha, bravo)
    html = text(asking.get(f"{LIST}{found.pk}/"))
    form = html.partition('action="/settings/maintenance/prepare/"')[2].partition("</form>")[0]
    named = re.findall(r'name="station" value="([^"]+)"', form)
    assert set(named) == {"alpha", "bravo"}
    assert "alpha\nbravo</textarea>" in text(
        asking.post("/settings/maintenance/prepare/", {"network": network.slug, "station": named})
    )
    assert "Plan maintenance of them" not in text(viewer.get(f"{LIST}{found.pk}/"))


def test_an_engineer_changes_a_rule_and_an_operator_reads_it(asking, network, offline_rule):
    path = reverse("dashboard:incident-rule", args=[offline_rule.pk])
    engineer = signed_in(enlist(network, "ada", "engineer"))
    assert "Station offline" in text(asking.get(reverse("dashboard:incident-rules")))
    assert "An engineer or an admin of this network" in text(asking.get(path))
    assert do(asking, path, network, **filled(offline_rule)).status_code == 403
    said = filled(offline_rule, for_s="120", **{"scope.site": "Depot A"})
    assert do(engineer, path, network, **said).status_code == 302
    offline_rule.refresh_from_db()
    assert (offline_rule.for_s, offline_rule.scope) == (120, {"site": "Depot A"})
    assert not offline_rule.auto_resolve
    refused = do(engineer, path, network, **filled(offline_rule, **{"params.group_of": "1"}))
    assert "A whole number from 2 to 10000." in text(refused, 422)


def test_an_engineer_adds_a_rule_that_begins_off_and_deletes_it(asking, network, offline_rule, alpha):
    path, engineer = reverse("dashboard:incident-rules"), signed_in(enlist(network, "ada", "engineer"))
    said = {"name": "Depot A away", "kind": "offline"}
    assert do(asking, path, network, **said).status_code == 403
    assert "New rule" not in text(asking.get(path))
    answer = do(engineer, path, network, **said)
    made = IncidentRule.objects.get(network=network, name="Depot A away")
    its_page = reverse("dashboard:incident-rule", args=[made.pk])
    assert (answer.headers["Location"], made.kind, made.enabled) == (its_page, "offline", False)
    again = text(do(engineer, path, network, **said), 422)
    assert "There is a rule Depot A away already." in again
    assert 'value="Depot A away"' in again
    Incident.objects.filter(pk=opened(network, alpha).pk).update(rule=made)
    assert "1 open incident of it resolves." in text(engineer.get(its_page))
    shipped = reverse("dashboard:delete-incident-rule", args=[offline_rule.pk])
    assert do(engineer, shipped, network).status_code == 302
    assert IncidentRule.objects.filter(pk=offline_rule.pk).exists()
    assert "Delete this rule" not in text(
        engineer.get(reverse("dashboard:incident-rule", args=[offline_rule.pk]))
    )
    assert do(engineer, f"{its_page}delete/", network).headers["Location"] == path
    assert not IncidentRule.objects.filter(pk=made.pk).exists()


def test_a_back_test_from_the_form_keeps_nothing(network, offline_rule):
    admin = signed_in(enlist(network, "ada", "admin"))
    path = reverse("dashboard:incident-back-test", args=[offline_rule.pk])
    tried = do(admin, path, network, **filled(offline_rule, for_s="0"))
    assert "0 incidents" in text(tried)
    offline_rule.refresh_from_db()
    assert offline_rule.for_s == 30
    assert not Incident.objects.exists()
    assert clock.now() > offline_rule.changed_at


def test_the_page_of_one_says_what_helps_and_who_was_told(asking, network, alpha, bravo):
    seeding.seed(network)
    before = opened(network, alpha, key="z", title="Away before")
    handling.resolve(before, by="user:bert", note="The SIM was swapped")
    incident = opened(network, alpha, bravo, key="a")
    enlist(network, "cleo@example.org", "operator")
    page, path = (reverse(f"dashboard:incident{each}", args=[incident.pk]) for each in ("", "-act"))
    whole = f"{page}?all=1"
    do(asking, path, network, act="note", note="@cleo@example.org look")
    shown = text(asking.get(whole))
    assert "bert: The SIM was swapped" in shown
    assert "told by e-mail: cleo@example.org" in shown
    assert "you are mentioned: Away: waits for its time" in shown
    assert "Reconnect a silent station" in shown
    assert (
        do(
            asking, path, network, act="play", playbook="reconnect-silent-station", station="bravo"
        ).status_code
        == 302
    )
    [run] = PlaybookRun.objects.filter(incident_id=incident.pk)
    assert (run.station, run.requested_by) == (bravo, "user:alice")
    assert f"/playbooks/runs/{run.pk}/" in text(asking.get(whole))
    refused = do(asking, path, network, act="play", playbook="reconnect-silent-station", station="bravo")
    assert "at work on bravo already" in text(refused, 422)
    vera = text(signed_in(enlist(network, "vera", "viewer")).get(whole))
    assert "Suggested" not in vera
    assert "waits for its time" in vera
    assert "somebody" in vera


def test_what_helps_comes_after_the_page_of_one(asking, network, alpha, bravo):
    handling.resolve(opened(network, alpha, key="z"), by="user:bert", note="The SIM was swapped")
    incident, other = opened(network, alpha, key="a"), opened(network, bravo, key="b", title="Another")
    shown = text(asking.get(reverse("dashboard:incident", args=[incident.pk])))
    for part, words in (("care", "Who was told"), ("similar", "SIM was swapped"), ("others", other.title)):
        assert words not in shown
        path = reverse("dashboard:incident-part", args=[incident.pk, part])
        assert f'hx-get="{path}"' in shown
        assert words in text(asking.get(path))
    vera = signed_in(enlist(network, "vera", "viewer"))
    assert other.title not in text(vera.get(path))
    assert asking.get(reverse("dashboard:incident-part", args=[incident.pk, "nothing"])).status_code == 404


def test_chosen_stations_are_split_off(asking, network, alpha, bravo):
    incident = opened(network, alpha, bravo)
    path = reverse("dashboard:incident-act", args=[incident.pk])
    refused = do(asking, path, network, act="split")
    assert "Name 1 to" in text(refused, 422)
    moved = do(asking, path, network, act="split", stations=["bravo"])
    made = Incident.objects.exclude(pk=incident.pk).get()
    assert moved["Location"] == reverse("dashboard:incident", args=[made.pk])
    assert [row.station for row in made.affected.all()] == [bravo]
    assert 'value="split"' not in text(asking.get(moved["Location"]))


def test_a_webhook_that_is_part_of_it_is_shown_beside_its_stations(asking, network, alpha):
    rules.seed(network)
    incident, webhook_id = opened(network, alpha), "01KAN3F6VB2WC8J4V7Q2M5X9WH"
    page = reverse("dashboard:incident", args=[incident.pk])
    assert 'value="split"' not in text(asking.get(page))
    IncidentCondition.objects.create(
        rule=IncidentRule.objects.get(network=network, kind="webhook_failing"), key="w", since=clock.now(),
        due_at=clock.now(), severity="major", title="Webhook fails: https://b.example.org/",
        evidence={"webhook_id": webhook_id}, incident=incident, opened=True,
    )  # fmt: skip
    shown = text(asking.get(page))
    its_page = reverse("dashboard:webhook", args=[webhook_id])
    assert f'<dt>Cause</dt><dd><a href="{its_page}">Webhook fails: https://b.example.org/</a></dd>' in shown
    assert 'value="split"' in shown


def test_the_chosen_become_part_of_the_oldest(asking, network, alpha, bravo):
    one, two = opened(network, alpha, key="a"), opened(network, bravo, key="b")
    act = reverse("dashboard:incidents-act")

    def merge(*chosen):
        said = {"network": network.slug, "act": "merge", "id": [each.pk for each in chosen]}
        return text(asking.post(act, said, headers={"HX-Request": "true"}))

    assert "Choose two at least" in merge(one)
    assert "1 incident merged into the oldest of them." in merge(two, one)
    two.refresh_from_db()
    assert two.merged_into == one


def test_its_evidence_leads_to_the_messages_of_then_in_whatever_zone(asking, alice, network, alpha):
    incident = opened(network, alpha)
    exchange(alpha, "Heartbeat", {}, {})
    Preferences.objects.create(user=alice, zone="Europe/Berlin")
    html = text(asking.get(f"{LIST}{incident.pk}/"))
    [link] = re.findall(r'href="(/messages/\?[^"]*)"', html)
    assert ">Heartbeat<" in text(asking.get(unescape(link)))


def test_what_its_stations_were_in_around_then_is_drawn(asking, network, alpha, bravo):
    report(alpha, "Available")
    report(alpha, "Faulted", error_code="GroundFailure")
    incident = opened(network, alpha, bravo)
    address = f"/fragments/incidents/{incident.pk}/lanes/"
    assert f'hx-get="{address}"' in text(asking.get(f"{LIST}{incident.pk}/"))
    with counted() as statements:
        html = text(asking.get(address))
    assert len(statements) <= 12
    assert html.count("<figure") == 2
    assert "Faulted" in html
    Incident.objects.update(first_at=clock.wall() - timedelta(days=30))
    assert "too long ago" in text(asking.get(address))
    assert asking.get("/fragments/incidents/nothing/lanes/").status_code == 404
