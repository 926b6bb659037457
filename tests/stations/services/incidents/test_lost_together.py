"""Many stations lost at once are one incident; one station that flaps is one, too."""

from datetime import timedelta

from emobi.core import clock, unit_of_work
from stations.models import Connection, Incident, IncidentCondition, IncidentReader
from stations.services.incidents import handling
from stations.services.presence import connectivity, gateway_processes, liveness
from tests.stations.services.incidents.fleets import bring_back, fleet, look, lose, rule
from tests.stations.telling import NOON, after, told, types


def incidents():
    return list(Incident.objects.order_by("pk"))


def test_a_station_that_stays_away_is_an_incident_until_it_is_back(network):
    [station] = fleet(network, 1)
    look()
    lose([station], NOON)
    look(after(29))
    assert incidents() == []
    look(after(30))
    look(after(31))
    [incident] = incidents()
    assert (incident.title, incident.severity) == ("S0000 is offline", "major")
    bring_back([station], after(40))
    look(after(41))
    incident.refresh_from_db()
    assert (incident.state, incident.resolution) == ("resolved", "by_itself")
    assert types(station) == ["station.offline", "incident.opened", "station.online", "incident.resolved"]


def test_who_is_back_in_time_is_none(network):
    [station] = fleet(network, 1)
    look()
    lose([station], NOON)
    look(after(1))
    bring_back([station], after(20))
    look(after(40))
    assert incidents() == []
    assert not IncidentCondition.objects.exists()


def test_hundreds_cut_off_at_once_are_one_incident_that_grows_and_resolves(
    network, django_assert_max_num_queries
):
    stations = fleet(network, 700)
    look()
    # from all over the network, over some seconds
    lose(stations[:200], NOON)
    look(after(1))
    lose(stations[300:360], after(2))
    look(after(6))
    [incident] = incidents()
    assert (incident.severity, incident.affected.count()) == ("critical", 260)
    assert incident.title == "260 stations offline: several places"
    assert incident.opened_at <= after(60)
    lose(stations[500:540], after(10))
    with django_assert_max_num_queries(80):
        look(after(11))
    assert incidents() == [incident]
    incident.refresh_from_db()
    assert incident.title == "300 stations offline: several places"
    gone = [*stations[:200], *stations[300:360], *stations[500:540]]
    bring_back(gone[:299], after(100))
    look(after(101))
    incident.refresh_from_db()
    assert incident.state == "open"
    bring_back(gone[299:], after(110))
    look(after(111))
    incident.refresh_from_db()
    assert incident.state == "resolved"
    assert [kind for kind, _ in told(network) if kind.startswith("incident")] == [
        "incident.opened",
        "incident.resolved",
    ]


def test_a_mass_loss_is_named_for_what_is_shared(network):
    fleet(network, 60, site="Depot B", prefix="10.1")
    lost = fleet(network, 30, site="Depot A", prefix="10.2", first=100)
    look()
    lose(lost, NOON)
    look(after(5))
    [incident] = incidents()
    assert incident.title == "30 stations offline: site Depot A"
    assert incident.group == "site Depot A"


def test_a_few_of_one_place_are_one_and_the_others_by_themselves(network):
    depot = fleet(network, 6, site="Depot A", prefix="10.1")
    others = fleet(network, 40, prefix="10.2", first=100)
    look()
    lose([*depot, others[0]], NOON)
    look(after(10))
    assert incidents() == []
    look(after(31))
    assert {incident.title for incident in incidents()} == {
        "6 stations offline: site Depot A",
        "S0100 is offline",
    }


def test_our_own_restart_is_none_but_for_who_does_not_come_back(network, settings):
    stations = fleet(network, 50)
    look()
    with clock.at(NOON):
        gateway_processes.stop("gw-1")
    for seconds in (1, 45, settings.EMOBI_RESTART_GRACE_S - 1):
        watch(seconds)
    assert incidents() == []
    assert "station.offline" not in types(network)
    back = list(type(stations[0]).objects.exclude(pk=stations[0].pk))
    with clock.at(after(settings.EMOBI_RESTART_GRACE_S - 1)), unit_of_work.begin():
        Connection.objects.filter(station__in=back).update(closed_at=None, by_us=False, last_heard_at=NOON)
        connectivity.come_back((station, clock.now()) for station in back)
    for seconds in (1, 31, 32):
        watch(settings.EMOBI_RESTART_GRACE_S + seconds)
    [incident] = incidents()
    assert incident.title == "S0000 is offline"


def watch(seconds):
    """What workers do all the time."""
    with clock.at(after(seconds)):
        liveness.sweep()
    look(after(seconds))


DAY = 86_400


def test_who_is_lost_again_days_later_is_told_although_one_has_been_away_all_the_time(network):
    stations = fleet(network, 100)
    look()
    lose(stations[:40], NOON)
    look(after(5))
    [first] = incidents()
    bring_back(stations[1:40], after(100))
    look(after(101))
    handling.acknowledge(first, by="user:alice")
    lose(stations[1:40], after(2 * DAY))
    look(after(2 * DAY + 1))
    look(after(2 * DAY + 5))
    lose([stations[60]], after(3 * DAY))
    look(after(3 * DAY + 31))
    _, again, alone = incidents()
    assert (again.title, again.state) == ("39 stations offline: several places", "open")
    assert alone.title == "S0060 is offline"
    assert types(network).count("incident.opened") == 3
    # What flaps is the same one, and what is well ends by itself.
    bring_back(stations[1:40], after(3 * DAY + 60))
    look(after(3 * DAY + 61))
    lose(stations[1:40], after(3 * DAY + 200))
    look(after(3 * DAY + 205))
    assert len(incidents()) == 3
    again.refresh_from_db()
    assert (again.state, again.occurrences) == ("open", 2)
    first.refresh_from_db()
    assert (first.state, first.affected.get(recovered_at=None).station) == ("acknowledged", stations[0])


def test_a_group_that_was_nearly_over_and_is_lost_again_at_once_is_told_again_once(network):
    stations = fleet(network, 100)
    look()
    lose(stations[:40], NOON)
    look(after(5))
    [incident] = incidents()
    with clock.at(after(10)):
        handling.acknowledge(incident, by="user:alice")
    bring_back(stations[2:40], after(100))
    look(after(101))
    # One that bounces is no news.
    lose([stations[2]], after(150))
    look(after(151))
    incident.refresh_from_db()
    assert (incident.state, incident.occurrences) == ("acknowledged", 1)
    lose(stations[3:20], after(300))
    look(after(301))
    lose(stations[20:40], after(310))
    look(after(311))
    assert incidents() == [incident]
    incident.refresh_from_db()
    assert (incident.state, incident.occurrences, incident.reopened_at) == ("open", 2, after(301))
    assert incident.affected.filter(recovered_at=None).count() == 40
    assert types(network).count("incident.opened") == 2


def test_stations_in_maintenance_open_none_and_leave_what_is_open(network):
    one, two = fleet(network, 2)
    look()
    type(one).objects.filter(pk=one.pk).update(maintenance=True)
    lose([one, two], NOON)
    look(after(31))
    [incident] = incidents()
    assert incident.title == "S0001 is offline"
    type(one).objects.filter(pk=two.pk).update(maintenance=True)
    look(after(62))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_a_flapping_station_is_one_incident_until_it_is_quiet(network):
    [station] = fleet(network, 1)
    rule(network, "offline", for_s=0)
    rule(network, "flapping", params={"count": 6, "window_s": 600, "quiet_s": 600})
    look()
    for turn in range(6):
        lose([station], after(turn * 60))
        look(after(turn * 60 + 1))
        bring_back([station], after(turn * 60 + 30))
        look(after(turn * 60 + 31))
    alone, flapping = sorted(incidents(), key=lambda each: each.kind, reverse=True)
    assert (alone.kind, alone.state, alone.occurrences) == ("offline", "resolved", 3)
    assert (flapping.kind, flapping.state) == ("flapping", "open")
    look(after(360 + 600))
    flapping.refresh_from_db()
    assert flapping.state == "resolved"


def test_resolved_by_hand_is_not_opened_again_by_the_same_loss(network):
    [station] = fleet(network, 1)
    look()
    lose([station], NOON)
    look(after(30))
    [incident] = incidents()
    handling.resolve(incident, by="user:alice")
    look(after(90))
    assert len(incidents()) == 1
    bring_back([station], after(100))
    lose([station], after(3600))
    look(after(3631))
    assert len(incidents()) == 2


def test_what_one_pass_read_no_other_reads(network):
    [station] = fleet(network, 1)
    look()
    lose([station], NOON)
    look(after(30))
    before = IncidentReader.objects.get().sequence
    look(after(31))
    look(after(32))
    assert len(incidents()) == 1
    assert IncidentReader.objects.get().sequence == before + 1  # our own event


def test_events_alone_are_enough_and_rows_alone_too(network):
    one, two = fleet(network, 2)
    look()
    # no event of it was ever read
    type(one).objects.filter(pk=one.pk).update(connectivity="offline", connectivity_since=NOON)
    look(after(60))
    assert [incident.title for incident in incidents()] == ["S0000 is offline"]
    type(one).objects.filter(pk=one.pk).update(connectivity="online", connectivity_since=after(61))
    with clock.at(after(61) + timedelta(minutes=1)):
        look(after(121))
    assert [incident.state for incident in incidents()] == ["resolved"]
    assert two.connectivity == "online"
