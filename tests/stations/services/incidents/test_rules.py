"""What each kind of rule opens an incident for, and what ends it."""

import pytest

from emobi.core import clock, events, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.events import Subject
from stations.models import (
    Deviation,
    Incident,
    IncidentCondition,
    IncidentRule,
    IncidentTally,
    Station,
)
from stations.services.incidents import departures, rules
from stations.services.registry import registration
from tests.statements import counted
from tests.stations.services.incidents.fleets import fleet, look, lose, rule
from tests.stations.telling import NOON, after


def happen(subject, event, at=NOON):
    with clock.at(at), unit_of_work.begin():
        events.record(subject, event)


def booted(**said):
    names = ("vendor", "model", "serial_number", "firmware_version", "reason", "iccid", "imsi")
    return events.StationBooted(received_at=NOON, **dict.fromkeys(names), **said)


def fault(kind=events.StationFault, code="GroundFailure"):
    return kind(
        received_at=NOON, evse_id=1, connector_id=1, error_code=code, vendor_error_code=None, info=None,
        fault_id="01KAN3F6VB2WC8J4V7Q2M5X9TH",
    )  # fmt: skip


def ended(energy_wh, duration_s=60):
    return events.SessionEnded(
        received_at=NOON, evse_id=1, connector_id=1, session_id="01KAN3F6VB2WC8J4V7Q2M5X9TH",
        transaction_id="1", id_token=None, meter_start_wh=None, meter_stop_wh=None, energy_wh=energy_wh,
        duration_s=duration_s, reason="EVDisconnected", suspect=(), offline=False,
    )  # fmt: skip


def the_incident():
    return Incident.objects.get()


@pytest.fixture
def station(network):
    [made] = fleet(network, 1)
    look()
    return made


def test_a_fault_is_an_incident_of_its_evse_until_it_is_cleared(network, station):
    happen(station.subject, fault())
    look(after(9))
    assert not Incident.objects.exists()
    look(after(10))
    incident = the_incident()
    assert incident.title == "S0000, EVSE 1 reports GroundFailure"
    assert incident.affected.get().evse_id == 1
    happen(station.subject, fault(events.StationFaultCleared), after(20))
    look(after(20))
    incident.refresh_from_db()
    assert incident.state == "resolved"


@pytest.mark.parametrize(("lasts", "not_yet"), [(5, 4), (20, 19)])
def test_what_waits_already_follows_a_new_time_to_last(network, station, lasts, not_yet):
    happen(station.subject, fault())
    look(after(2))
    rule(network, "fault", for_s=lasts)
    look(after(not_yet))
    assert not Incident.objects.exists()
    look(after(lasts))
    assert the_incident().kind == "fault"


def test_what_is_an_incident_already_waits_no_more_when_it_gets_worse(network, station):
    happen(station.subject, fault())
    look(after(10))
    found = IncidentCondition.objects.filter(opened=True)
    assert found.update(opened=False, severity="critical") == 1
    rule(network, "fault", for_s=3600)
    look(after(11))
    assert the_incident().severity == "critical"


def test_a_rule_leaves_out_the_codes_and_the_stations_that_it_isnt_about(network, station):
    rule(network, "fault", for_s=0, params={"but": ["GroundFailure"]})
    happen(station.subject, fault())
    look()
    rule(network, "fault", params={"but": []}, scope={"site": "Depot A"})
    happen(station.subject, fault(code="HighTemperature"))
    look()
    assert not Incident.objects.exists()
    Station.objects.update(site="Depot A")
    happen(station.subject, fault(code="HighTemperature"))
    look()
    assert the_incident().severity == "major"


def test_boots_again_and_again_are_one_until_it_is_quiet(network, station):
    for turn in range(5):
        happen(station.subject, booted(), after(turn * 60))
        look(after(turn * 60))
    incident = the_incident()
    assert (incident.kind, incident.summary) == ("reboot_loop", "5 boots within 30 min.")
    look(after(240 + 1801))
    incident.refresh_from_db()
    assert incident.state == "resolved"
    look(after(240 + 1900))
    assert not IncidentTally.objects.exists()


def test_what_was_counted_is_read_in_one_query_for_all_stations(network):
    stations = fleet(network, 12)
    look()
    sent = []
    for turn, some in enumerate((stations[:2], stations)):
        for station in some:
            happen(station.subject, booted(), after(turn))
        with counted() as statements:
            look(after(turn))
        sent.append([each for each in statements if "incidenttally" in each and each.startswith("SELECT")])
    assert len(sent[0]) == len(sent[1])


def test_three_starts_that_deliver_nothing_and_one_that_does(network, station):
    for turn, energy_wh in enumerate([0, 5000, 0, None, 3]):
        happen(station.subject, ended(energy_wh), after(turn * 60))
    look(after(300))
    incident = the_incident()
    assert incident.kind == "failed_starts"
    happen(station.subject, ended(12_000, 3600), after(600))
    look(after(600))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_a_wrong_clock(network, station):
    Station.objects.update(clock_skew_s=-7200.0)
    look(after(60))
    look(after(60 + 600))
    incident = the_incident()
    assert incident.title == "S0000: its clock is 2 h slow"
    Station.objects.update(clock_skew_s=1.0)
    look(after(700))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_more_deviations_than_is_usual(network, station):
    noted = Deviation.objects.create(
        station=station, action="MeterValues", path="a", rule="b", count=9000, first_at=NOON, last_at=NOON
    )
    look(after(60))
    assert not Incident.objects.exists()  # who knows since when
    Deviation.objects.filter(pk=noted.pk).update(count=9600, last_at=after(600))
    look(after(660))
    incident = the_incident()
    assert incident.summary.startswith("600 deviations within 60 min")
    look(after(660 + 7200))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_a_webhook_that_fails(network, station):
    subject = Subject(network_id=network.pk)
    told = {"webhook_id": "01KAN3F6VB2WC8J4V7Q2M5X9WH", "url": "https://billing.example.org/"}
    happen(subject, events.WebhookFailing(**told, reason="503", failing_since=NOON))
    happen(subject, events.WebhookDisabled(**told, reason="since noon", failing_since=NOON), after(60))
    look(after(61))
    incident = the_incident()
    assert incident.title == "Webhook fails: https://billing.example.org/"
    assert not incident.affected.exists()
    happen(subject, events.WebhookRecovered(**told), after(100))
    look(after(101))
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_a_rule_that_is_switched_off_resolves_what_it_opened_and_opens_no_more(network, station):
    happen(station.subject, fault())
    look(after(10))
    rule(network, "fault", enabled=False)
    look(after(60))
    assert the_incident().state == "resolved"
    happen(station.subject, fault(), after(1000))
    look(after(2000))
    assert Incident.objects.count() == 1


def test_every_network_has_the_rules_once(network):
    rules.seed_new()
    rules.seed(network)
    assert rules.seed_new() == 0
    assert IncidentRule.objects.filter(network=network).count() == len(rules.SHIPPED)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"for_s": -1}, "for_s"),
        ({"severity": "bad"}, "severity"),
        ({"scope": {"shoe": "42"}}, "scope"),
        ({"params": {"group_of": 1}}, "params.group_of"),
        ({"params": {"shoe": 42}}, "params.shoe"),
        ({"name": ""}, "name"),
        ({"kind": "fault"}, "kind"),
    ],
)
def test_what_a_rule_cannot_be_told(network, changes, field):
    with pytest.raises(Invalid) as refusal:
        rules.change(rule(network, "offline"), changes, by="user:alice")
    assert refusal.value.field == field


def test_what_a_rule_has_opened_ends_with_it(network, station):
    rule(network, "fault", enabled=False)
    made = rules.create(network, name="Mine", kind="fault", by="user:a")
    happen(station.subject, fault())
    look(after(10))
    departures.delete_rule(made, by="user:a")
    incident = the_incident()
    assert (incident.state, incident.resolution) == ("resolved", "by_itself")
    assert incident.entries.latest("pk").detail["why"] == "its rule is deleted"


def test_what_takes_a_station_that_is_deleted_ends_with_the_last_of_them(network):
    one, two = fleet(network, 2)
    look()
    lose([one, two], NOON)
    rule(network, "offline", params={"group_of": 2}, for_s=0)
    look(after(31))
    together = the_incident()
    assert together.affected.count() == 2
    registration.unregister(one, by="user:a")
    together.refresh_from_db()
    assert together.state == "open"
    registration.unregister(two, by="user:a")
    together.refresh_from_db()
    assert (together.state, together.resolution) == ("resolved", "by_itself")
    assert together.entries.latest("pk").detail["why"] == "S0001 is deleted"
    look(after(62))
    assert Incident.objects.count() == 1


def test_rules_that_people_add_may_be_deleted_the_others_not(network):
    shipped = rule(network, "offline")
    made = rules.create(
        network, name="Depot A", kind="offline", by="user:a", severity="critical", scope={"site": "Depot A"}
    )
    with pytest.raises(Conflict):
        rules.create(network, name="Depot A", kind="fault", by="user:a")
    departures.delete_rule(made, by="user:a")
    with pytest.raises(Conflict):
        departures.delete_rule(shipped, by="user:a")
