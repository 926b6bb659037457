"""An incident that grows to another place reaches the people of that place, once."""

from emobi.core import clock
from emobi.core.models import Event
from stations.models import IncidentKind, Notification, Severity, Station
from stations.services.incidents import opening
from stations.services.incidents.opening import Affected, Finding
from stations.services.notifications import growth, routes, telling
from tests.stations.telling import NOON, after, tell_at


def lost(network, *stations, at=0):
    finding = Finding(
        kind=IncidentKind.OFFLINE,
        key="offline:1",
        severity=Severity.MAJOR,
        title=f"{len(stations)} lost",
        affected=[Affected(station=each, since=NOON) for each in stations],
    )
    with clock.at(after(at)):
        return opening.open_or_join(network, finding)


def route(network, name, **fields):
    given = {"name": name, "recipients": [f"{name}@example.org"], **fields}
    return tell_at(NOON, routes.create, network, given, by="user:a")


def run(at):
    with clock.at(after(at)):
        telling.read_all()
        growth.tell_all()


def heard():
    return sorted(Notification.objects.values_list("recipient", "subject"))


def test_those_of_the_place_that_it_has_reached_are_told_and_nobody_twice(network, alpha, bravo):
    Station.objects.filter(pk=alpha.pk).update(site="Harbour")
    Station.objects.filter(pk=bravo.pk).update(site="Airport", tags=["vip"])
    route(network, "all")
    for place in ("Harbour", "Airport", "Station"):
        route(network, place.lower(), sites=[place])
    route(network, "vip", tags=["vip"], severities=["critical"])
    hook = route(network, "hook", tags=["vip"], channel="webhook")
    lost(network, alpha, at=1)
    run(2)
    at_first = [
        ("all@example.org", "[major] opened: 1 lost"),
        ("harbour@example.org", "[major] opened: 1 lost"),
    ]
    assert heard() == at_first
    incident = lost(network, alpha, bravo, at=10)
    for at in (11, 12):
        run(at)
    assert heard() == sorted([*at_first, ("airport@example.org", "[major] has grown: 2 lost")])
    told = Notification.objects.get(recipient="airport@example.org")
    assert "Stations (2): alpha, bravo" in told.text
    (raised,) = Event.objects.filter(type="notification.raised")
    assert (raised.data["route_id"], raised.data["cause"]) == (hook.pk, f"incident:{incident.pk}")


def test_who_hears_at_once_that_it_got_worse_isnt_told_that_it_has_grown(network, alpha, bravo):
    Station.objects.filter(pk=bravo.pk).update(site="Airport")
    route(network, "airport", sites=["Airport"])
    lost(network, alpha, at=1)
    lost(network, alpha, bravo, at=2)
    run(3)
    run(4)
    assert [subject for _, subject in heard()] == ["[major] opened: 1 lost"]


def test_what_has_begun_again_and_is_not_read_yet_has_not_grown(network, alpha, bravo):
    Station.objects.filter(pk=bravo.pk).update(site="Airport")
    route(network, "airport", sites=["Airport"])
    incident = lost(network, alpha, at=1)
    run(2)
    tell_at(after(10), opening.recover, incident.affected.all())
    run(11)
    lost(network, alpha, bravo, at=20)
    tell_at(after(21), growth.tell_all)
    assert heard() == []
    run(22)
    run(23)
    assert [subject for _, subject in heard()] == ["[major] opened: 2 lost"]
