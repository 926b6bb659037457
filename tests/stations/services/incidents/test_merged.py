"""What people make one incident of stays one: with its stations, its severity, and all of its causes."""

import pytest

from dashboard.incidents import incident_words
from emobi.core import clock, events, unit_of_work
from emobi.core.events import Subject
from stations.models import Incident, PlaybookRun, Severity
from stations.services.incidents import handling, splitting
from stations.services.playbooks import telling as playbook_telling
from tests.stations.services.incidents.fleets import bring_back, fleet, look, lose, rule
from tests.stations.telling import NOON, after, types

BY = "user:alice"


def merge(into, other, at):
    with clock.at(after(at)):
        handling.merge(into, [other], by=BY)


def state(incident):
    incident.refresh_from_db()
    return incident.state


def webhook(network, kind, name, at, **more):
    told = {"webhook_id": name, "url": f"https://{name}.example.org/"}
    with clock.at(after(at)), unit_of_work.begin():
        events.record(Subject(network_id=network.pk), kind(**told, **more))


def boot(station, at):
    names = ("vendor", "model", "serial_number", "firmware_version", "reason", "iccid", "imsi")
    with clock.at(after(at)), unit_of_work.begin():
        events.record(station.subject, events.StationBooted(received_at=after(at), **dict.fromkeys(names)))


def test_it_is_as_bad_as_the_worst_and_over_when_the_last_of_its_stations_is_well(network):
    stations = fleet(network, 2)
    rule(network, "offline", for_s=0)
    look()
    lose(stations, NOON)
    look()
    first, second = Incident.objects.order_by("pk")
    Incident.objects.filter(pk=second.pk).update(severity=Severity.CRITICAL)
    merge(first, second, 10)
    first.refresh_from_db()
    assert first.severity == "critical"
    assert types(network)[-2:] == ["incident.escalated", "incident.resolved"]
    bring_back([stations[0]], after(20))
    look(after(21))
    assert state(first) == "open"
    bring_back([stations[1]], after(30))
    look(after(31))
    assert state(first) == "resolved"


def test_a_station_that_is_ill_of_two_things_is_well_when_both_are_over(network):
    [station] = fleet(network, 1)
    rule(network, "offline", for_s=0)
    rule(network, "reboot_loop", params={"count": 2})
    look()
    for at in (0, 1):
        boot(station, at)
    lose([station], after(2))
    look(after(3))
    loop, offline = sorted(Incident.objects.all(), key=lambda each: each.kind, reverse=True)
    merge(offline, loop, 10)
    bring_back([station], after(20))
    look(after(21))
    assert state(offline) == "open"
    look(after(1900))
    assert state(offline) == "resolved"


def test_webhooks_that_fail_as_one_are_well_when_the_last_of_them_is(network):
    look()
    for name in ("a", "b"):
        webhook(network, events.WebhookFailing, name, 0, reason="503", failing_since=NOON)
    look(after(1))
    first, second = Incident.objects.order_by("pk")
    merge(first, second, 10)
    webhook(network, events.WebhookRecovered, "a", 20)
    look(after(21))
    assert state(first) == "open"
    webhook(network, events.WebhookRecovered, "b", 30)
    look(after(31))
    assert state(first) == "resolved"


def test_a_station_that_flaps_no_more_and_stays_away_is_offline(network):
    [station] = fleet(network, 1)
    rule(network, "offline", for_s=0)
    rule(network, "flapping", params={"count": 6, "window_s": 600, "quiet_s": 600})
    look()
    for turn in range(4):
        lose([station], after(turn * 60))
        look(after(turn * 60 + 1))
        if turn < 3:
            bring_back([station], after(turn * 60 + 30))
            look(after(turn * 60 + 31))
    look(after(240))
    look(after(900))
    look(after(940))
    standing = Incident.objects.exclude(state="resolved")
    assert [each.kind for each in standing] == ["offline"]
    bring_back([station], after(1000))
    look(after(1001))
    assert not standing.all().exists()


FAILS = "Webhook fails: https://billing.example.org/"


def of_a_webhook_and_a_station(network, station, into="offline"):
    """What people have made one of: a webhook fails since noon, and a station is away."""
    rule(network, "offline", for_s=0)
    look()
    webhook(network, events.WebhookFailing, "billing", 0, reason="503", failing_since=NOON)
    lose([station], NOON)
    look(after(1))
    kept, other = sorted(Incident.objects.all(), key=lambda each: each.kind != into)
    merge(kept, other, 2)
    return kept


def lines(incident):
    said = incident.entries.order_by("pk").values_list("what", "detail")
    return [incident_words.what(what, detail) for what, detail in said if what not in ("opened", "noted")]


@pytest.mark.parametrize("into", ["offline", "webhook_failing"])
@pytest.mark.parametrize("first", ["station", "webhook"])
def test_a_station_and_a_webhook_that_are_one_are_over_when_both_are(network, into, first):
    [station] = fleet(network, 1)
    incident = of_a_webhook_and_a_station(network, station, into)
    for part, at in [(first, 20), ("webhook" if first == "station" else "station", 40)]:
        assert state(incident) == "open"
        if part == "station":
            bring_back([station], after(at))
        else:
            webhook(network, events.WebhookRecovered, "billing", at)
        look(after(at + 1))
    assert state(incident) == "resolved"
    assert incident.resolution == "by_itself"
    between = {
        "station": f"1 station well again; “{FAILS}” not yet",
        "webhook": f"“{FAILS}” is over, 1 station still affected",
    }
    assert lines(incident)[1:] == [between[first], "Resolved by itself"]


def test_a_webhook_that_fails_again_while_a_station_is_away_is_part_of_it_again(network):
    [station] = fleet(network, 1)
    incident = of_a_webhook_and_a_station(network, station, "webhook_failing")
    webhook(network, events.WebhookRecovered, "billing", 20)
    look(after(21))
    webhook(network, events.WebhookFailing, "billing", 30, reason="503", failing_since=NOON)
    look(after(31))
    bring_back([station], after(40))
    look(after(41))
    assert state(incident) == "open"
    assert lines(incident)[-2:] == [f"“{FAILS}” again", f"1 station well again; “{FAILS}” not yet"]


def test_a_playbook_closes_its_station_s_part_alone(network):
    [station] = fleet(network, 1)
    incident = of_a_webhook_and_a_station(network, station)
    cause = {"type": "station.offline", "data": {}}
    run = PlaybookRun(network=network, station=station, incident_id=incident.pk, cause=cause)
    with clock.at(after(20)), unit_of_work.begin():
        assert playbook_telling.close_incident(run, "playbook:cure:1", "It is back.")
    assert state(incident) == "open"
    assert not incident.affected.filter(recovered_at=None).exists()


def test_it_can_be_split_into_what_it_was(network):
    [station] = fleet(network, 1)
    incident = of_a_webhook_and_a_station(network, station, "webhook_failing")
    with clock.at(after(10)):
        made = splitting.split(incident, [station], by=BY)
    assert (made.kind, made.rule.kind, made.title) == (
        "offline", "offline", "S0000, split off: S0000 is offline",
    )  # fmt: skip
    webhook(network, events.WebhookRecovered, "billing", 20)
    look(after(21))
    assert (state(incident), state(made)) == ("resolved", "open")
    bring_back([station], after(30))
    look(after(31))
    assert state(made) == "resolved"
