"""How incidents begin, grow, are looked after and end."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry, Membership
from stations import incidents
from stations.models import Incident, IncidentKind, Severity
from stations.services.incidents import handling, opening
from stations.services.incidents.opening import Affected, Finding
from tests.stations.telling import NOON, after, told, types

BY = "user:alice"


def finding(*stations, key="offline:1", severity=Severity.MAJOR, **said):
    return Finding(
        kind=IncidentKind.OFFLINE,
        key=key,
        severity=severity,
        title="alpha is offline",
        affected=[Affected(station=each, since=NOON) for each in stations],
        **said,
    )


def opened(network, *stations, **said):
    with clock.at(NOON):
        return opening.open_or_join(network, finding(*stations, **said))


def entries(incident):
    return [entry.what for entry in incident.entries.order_by("pk")]


def test_an_incident_is_opened_once_and_told_with_its_station(network, alpha):
    first = opened(network, alpha)
    assert opened(network, alpha) == first
    assert Incident.objects.count() == 1
    [(kind, data)] = told(alpha)
    assert kind == "incident.opened"
    assert data["incident_id"] == first.pk
    assert data["identities"] == ["alpha"]
    assert (data["stations"], data["occurrences"], data["state"]) == (1, 1, "open")
    assert entries(first) == ["opened"]


def test_the_database_keeps_one_unresolved_incident_of_a_key(network):
    incident = opened(network)
    twin = Incident.objects.get(pk=incident.pk)
    twin.pk = ulid.new()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)


def test_it_grows_and_gets_worse_and_wakes_up_but_never_gets_better(network, alpha, bravo):
    incident = opened(network, alpha)
    with clock.at(after(1)):
        handling.snooze(incident, after(3600), by=BY)
    opened(network, bravo, severity=Severity.CRITICAL)
    opened(network, severity=Severity.INFO)
    incident.refresh_from_db()
    assert (incident.severity, incident.snoozed_until) == ("critical", None)
    assert incident.affected.count() == 2
    assert entries(incident) == ["opened", "snoozed", "grew", "escalated"]
    assert types(network) == ["incident.opened", "incident.escalated"]


def test_it_resolves_when_the_last_of_its_stations_is_well(network, alpha, bravo):
    incident = opened(network, alpha, bravo)
    opening.recover(incident.affected.filter(station=alpha))
    incident.refresh_from_db()
    assert incident.state == "open"
    opening.recover(incident.affected.filter(station=bravo))
    opening.recover(incident.affected.filter(station=bravo))
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("resolved", "by_itself")
    assert types(network) == ["incident.opened", "incident.resolved"]


def test_what_comes_back_soon_is_the_same_incident_and_later_another(network, alpha):
    first = opened(network, alpha)
    with clock.at(after(60)):
        opening.recover(first.affected.all())
    with clock.at(after(120)):
        again = opening.open_or_join(network, finding(alpha))
    assert again == first
    assert (again.state, again.occurrences) == ("open", 2)
    assert again.affected.get().recovered_at is None
    with clock.at(after(180)):
        opening.recover(first.affected.all())
    with clock.at(after(180 + 3600)):
        assert opening.open_or_join(network, finding(alpha)) != first


def test_times_count_from_when_it_began_again(network, alpha):
    first = opened(network, alpha)
    with clock.at(after(3000)):
        opening.recover(first.affected.all())
    with clock.at(after(3300)):
        opening.open_or_join(network, finding(alpha))
    with clock.at(after(3340)):
        handling.acknowledge(first, by=BY)
    with clock.at(after(3360)):
        again = handling.resolve(first, by=BY)
    assert (again.opened_at, again.reopened_at) == (NOON, after(3300))
    assert incidents.times(again) == (timedelta(seconds=40), timedelta(seconds=60))
    means = incidents.mean_times(Incident.objects.all())
    assert means == {"count": 1, "acknowledged": timedelta(seconds=40), "resolved": timedelta(seconds=60)}


def test_one_that_ends_by_hand_and_was_well_meanwhile_is_told_again(network, alpha):
    incident = opened(network, alpha)
    Incident.objects.update(auto_resolve=False)
    handling.acknowledge(incident, by=BY)
    opening.recover(incident.affected.all())
    with clock.at(after(86_400)):
        again = opening.open_or_join(network, finding(alpha))
    assert (again, again.state, again.acknowledged_at) == (incident, "open", None)
    assert types(alpha) == ["incident.opened", "incident.acknowledged", "incident.opened"]


def test_acknowledging_twice_is_told_once(network, alpha):
    incident = opened(network, alpha)
    handling.acknowledge(incident, by=BY)
    told_by = handling.acknowledge(incident, by="user:bob")
    assert told_by.acknowledged_by == BY
    assert types(network) == ["incident.opened", "incident.acknowledged"]
    assert AuditEntry.objects.get().action == "incident.acknowledged"


def test_resolved_by_hand_stays_resolved(network, alpha):
    incident = opened(network, alpha)
    handling.resolve(incident, by=BY, note="Fuse replaced")
    handling.resolve(incident, by=BY)
    incident.refresh_from_db()
    assert (incident.resolution, incident.resolved_by) == ("by_hand", BY)
    assert incident.affected.get().recovered_at is not None
    assert types(network) == ["incident.opened", "incident.resolved"]
    with pytest.raises(Conflict):
        handling.acknowledge(incident, by=BY)
    # ... and what is wrong again is another one
    assert opened(network, alpha) != incident


def test_only_people_of_the_network_are_assigned(network, alpha):
    incident = opened(network, alpha)
    alice, mallory = User.objects.create(username="alice"), User.objects.create(username="mallory")
    Membership.objects.create(network=network, user=alice, role="operator")
    assert handling.assign(incident, alice, by=BY).assignee == alice
    assert handling.member(network, "Alice") == alice
    with pytest.raises(Invalid):
        handling.assign(incident, mallory, by=BY)
    with pytest.raises(Invalid):
        handling.member(network, "mallory")
    assert handling.assign(incident, None, by=BY).assignee is None
    assert entries(incident) == ["opened", "assigned", "unassigned"]


def test_a_snooze_ends_by_itself(network, alpha):
    incident = opened(network, alpha)
    with clock.at(NOON):
        handling.snooze(incident, after(60), by=BY)
        assert handling.wake_due() == 0
        with pytest.raises(Invalid):
            handling.snooze(incident, NOON - timedelta(seconds=1), by=BY)
    with clock.at(after(61)):
        assert (handling.wake_due(), handling.wake_due()) == (1, 0)
    assert entries(incident) == ["opened", "snoozed", "unsnoozed"]


def test_merged_ones_end_and_their_stations_move(network, alpha, bravo):
    target, other = opened(network, alpha, key="a"), opened(network, bravo, key="b")
    handling.merge(target, [other], by=BY)
    handling.merge(target, [other], by=BY)
    other.refresh_from_db()
    assert (other.state, other.resolution, other.merged_into) == ("resolved", "merged", target)
    assert {row.station for row in target.affected.all()} == {alpha, bravo}
    assert entries(target) == ["opened", "took_in"]
    with pytest.raises(Invalid):
        handling.merge(target, [target], by=BY)
    with pytest.raises(Conflict):
        handling.merge(other, [target], by=BY)


def test_notes_are_kept_also_of_what_is_over(network, alpha):
    incident = opened(network, alpha)
    handling.resolve(incident, by=BY)
    handling.note(incident, " Was the fuse. ", by=BY)
    assert incident.entries.last().detail == {"note": "Was the fuse."}
    with pytest.raises(Invalid):
        handling.note(incident, "  ", by=BY)


def test_nothing_of_it_stays_when_what_it_belongs_to_fails(network, alpha):
    with unit_of_work.begin():
        incident = opened(network, alpha)
        transaction.set_rollback(True)
    assert not Incident.objects.filter(pk=incident.pk).exists()
    assert types(network) == []
