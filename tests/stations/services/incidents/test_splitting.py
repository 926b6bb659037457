"""Some stations of an incident are another matter; and who is mentioned in a note is told."""

import pytest
from django.contrib.auth.models import User

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry, Membership
from stations.models import (
    IncidentCondition,
    IncidentKind,
    IncidentReader,
    IncidentRule,
    Notification,
    Severity,
    Station,
)
from stations.services.incidents import conditions, handling, opening, rules, splitting
from stations.services.incidents.opening import Affected, Finding
from tests.stations.telling import NOON

BY = "user:alice"


@pytest.fixture
def incident(network, alpha, bravo):
    finding = Finding(
        kind=IncidentKind.OFFLINE,
        key="offline:group",
        severity=Severity.MAJOR,
        title="2 stations are offline",
        affected=[Affected(station=each, since=NOON) for each in (alpha, bravo)],
    )
    return opening.open_or_join(network, finding)


def entries(incident):
    return [entry.what for entry in incident.entries.order_by("pk")]


def test_stations_become_an_incident_of_their_own(incident, alpha, bravo):
    made = splitting.split(incident, [bravo], by=BY)
    assert made.title == "bravo, split off: 2 stations are offline"
    assert (made.kind, made.severity, made.state) == ("offline", "major", "open")
    assert [row.station for row in made.affected.all()] == [bravo]
    assert [row.station for row in incident.affected.all()] == [alpha]
    assert (entries(incident), entries(made)) == (["opened", "split_off"], ["split_from"])
    [entry] = AuditEntry.objects.filter(action="incident.split")
    assert (entry.actor, entry.target, entry.detail["into"]) == (BY, incident.pk, made.pk)


def test_each_ends_when_its_own_stations_are_well(network, incident, alpha, bravo):
    rules.seed(network)
    rule = IncidentRule.objects.get(network=network, kind="offline")
    IncidentReader.objects.get_or_create(network=network, defaults={"sequence": 0})
    keys = {each: conditions.key(rule, each.pk) for each in (alpha, bravo)}
    for station, key in keys.items():
        IncidentCondition.objects.create(
            rule=rule, key=key, station=station, since=NOON, due_at=NOON, severity="major", title="A",
            incident=incident, opened=True,
        )  # fmt: skip
    made = splitting.split(incident, [bravo], by=BY)
    conditions_ended = _end(rule, keys[bravo])
    incident.refresh_from_db()
    made.refresh_from_db()
    assert conditions_ended == 1
    assert (incident.state, made.state, made.resolution) == ("open", "resolved", "by_itself")
    _end(rule, keys[alpha])
    incident.refresh_from_db()
    assert incident.state == "resolved"


def _end(rule, key):
    with unit_of_work.begin():
        return conditions.end(rule, [key])


def test_what_is_left_well_again_is_over(incident, alpha, bravo):
    incident.affected.filter(station=alpha).update(recovered_at=clock.now())
    splitting.split(incident, [bravo], by=BY)
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("resolved", "by_itself")


def test_what_cannot_be_split(network, incident, alpha, bravo):
    charlie = Station.objects.create(network=network, identity="charlie")
    with pytest.raises(Invalid, match="at least one station"):
        splitting.split(incident, [alpha, bravo], by=BY)
    with pytest.raises(Invalid, match="charlie is none"):
        splitting.split(incident, [charlie], by=BY)
    with pytest.raises(Invalid, match="Name 1 to"):
        splitting.split(incident, [], by=BY)
    handling.resolve(incident, by=BY)
    with pytest.raises(Conflict):
        splitting.split(incident, [alpha], by=BY)


def test_who_is_mentioned_is_told_once_and_nobody_else(network, incident):
    for login, email in [
        ("ada@example.org", ""),
        ("bob", "bob@example.org"),
        ("carl", ""),
        ("dora", "d@e.org"),
    ]:
        user = User.objects.create_user(login, email)
        if login != "dora":
            Membership.objects.create(network=network, user=user, role="operator")
    handling.note(
        incident, "@ada@example.org, please: @BOB. knows; @carl, @dora and me@bob don't. @bob", by=BY
    )
    told = Notification.objects.filter(cause=f"incident:{incident.pk}")
    assert sorted(each.recipient for each in told) == ["ada@example.org", "bob@example.org"]
    assert "alice wrote:" in told[0].text
    assert told[0].path == f"/incidents/{incident.pk}/"
    assert incident.entries.get(what="noted").detail["mentioned"] == ["ada@example.org", "bob"]
    handling.note(incident, "nobody in particular", by=BY)
    assert told.count() == 2
