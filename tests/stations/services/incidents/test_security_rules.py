"""Incidents of certificates that don't arrive, and of entries in stations' security logs."""

from importlib import import_module

import pytest
from django.apps import apps

from emobi.core import clock, ulid, unit_of_work
from emobi.core.models import Network
from stations.models import Incident, IncidentRule, SigningRequest
from stations.reports import SecurityEventReport
from stations.services.incidents import back_test, handling, rules
from stations.services.trust import security_events, signing_requests
from tests.stations.services.incidents.fleets import fleet, look, rule
from tests.stations.telling import NOON, after

DAY_S = 86_400


@pytest.fixture
def station(network):
    [made] = fleet(network, 1)
    look()
    return made


def report(station, event_type, at, tech_info=None):
    with clock.at(at), unit_of_work.begin():
        security_events.record(
            station, SecurityEventReport(type=event_type, station_time=at, tech_info=tech_info)
        )
    look(at)


def titles():
    return list(Incident.objects.order_by("pk").values_list("title", flat=True))


# ── security events ─────────────────────────────────────────────────────────────────────────────────────


def test_a_critical_event_is_an_incident_until_somebody_says_so(station):
    report(station, "TamperDetectionActivated", NOON, "lid")
    incident = Incident.objects.get()
    assert (incident.kind, incident.severity) == ("security_event", "major")
    assert incident.title == "S0000: TamperDetectionActivated"
    assert incident.summary == "The station's security log says TamperDetectionActivated: lid."
    report(station, "TamperDetectionActivated", after(600))
    look(after(3 * DAY_S))
    incident.refresh_from_db()
    assert (incident.state, Incident.objects.count()) == ("open", 1)
    assert incident.affected.get().recovered_at is not None


def test_each_type_is_an_incident_of_its_own_whichever_version_spells_it(station):
    report(station, "InvalidCentralSystemCertificate", NOON)
    report(station, "InvalidCsmsCertificate", after(1))
    report(station, "MaintenanceLoginFailed", after(2))
    assert titles() == ["S0000: InvalidCentralSystemCertificate", "S0000: MaintenanceLoginFailed"]


def test_what_happens_again_after_somebody_resolved_it_is_another_one(station):
    report(station, "TamperDetectionActivated", NOON)
    with clock.at(after(60)):
        handling.resolve(Incident.objects.get(), by="user:a", note="a technician")
    look(after(120))
    assert Incident.objects.count() == 1
    report(station, "TamperDetectionActivated", after(180))
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["open", "resolved"]


@pytest.mark.parametrize("event_type", ["StartupOfTheDevice", "ResetOrReboot", "InvalidMessages", "Vendor's"])
def test_what_belongs_to_a_normal_day_is_none_unless_the_rule_names_it(network, station, event_type):
    report(station, event_type, NOON)
    assert not titles()
    rule(network, "security_event", params={"types": []})
    report(station, event_type, after(60))
    assert titles() == [f"S0000: {event_type}"]


def test_types_that_a_station_makes_up_are_one_incident(network, station):
    rule(network, "security_event", params={"types": []})
    for number in range(3):
        report(station, f"Vendor{number}", after(number))
    report(station, "InvalidMessages", after(4))
    assert titles() == ["S0000: Vendor0", "S0000: InvalidMessages"]


def test_a_back_test_counts_those_of_one_day_as_one(network, station):
    for at in (NOON, after(3600), after(2 * DAY_S)):
        report(station, "MemoryExhaustion", at)
    report(station, "StartupOfTheDevice", after(2 * DAY_S + 1))
    found = IncidentRule.objects.get(network=network, kind="security_event")
    with clock.at(after(2 * DAY_S + 60)):
        result = back_test.run(found)
    assert (result.basis, result.events, result.total) == ("events", 4, 2)
    newest, oldest = result.would_be
    assert (newest.ended_at, oldest.ended_at) == (None, after(3600 + DAY_S))


# ── certificates that don't arrive ──────────────────────────────────────────────────────────────────────


def ask(station, state, at, reason=""):
    with clock.at(at):
        SigningRequest.objects.create(
            id=ulid.new(),
            station=station,
            use="ChargingStationCertificate",
            state=state,
            reason=reason,
            created_at=at,
            ended_at=None if state in ("waiting", "signed") else at,
        )
    look(at)


def test_a_certificate_that_the_station_rejects_is_one_until_it_takes_the_next(station):
    ask(station, "rejected", after(60), "The station says Rejected.")
    incident = Incident.objects.get()
    assert (incident.kind, incident.severity) == ("certificate_failed", "major")
    assert incident.title == "S0000: ChargingStationCertificate was rejected by the station"
    assert incident.summary.startswith("The station says Rejected.")
    ask(station, "waiting", after(120))
    incident.refresh_from_db()
    assert incident.state == "open"
    ask(station, "installed", after(180))
    incident.refresh_from_db()
    assert incident.state == "resolved"


@pytest.mark.parametrize(("state", "says"), [("refused", "was refused"), ("failed", "couldn't be brought")])
def test_so_is_a_renewal_that_fails_before(station, state, says):
    ask(station, state, after(60), "The authority says 403.")
    assert titles() == [f"S0000: ChargingStationCertificate {says}"]
    look(after(31 * DAY_S))
    assert Incident.objects.get().state == "resolved"


def test_a_key_that_was_replaced_by_another_is_no_failure(station):
    ask(station, "failed", after(60), signing_requests.REPLACED)
    ask(station, "installed", after(120))
    ask(station, "failed", after(180), signing_requests.REPLACED)
    assert not titles()


def test_every_network_that_has_rules_got_these(network):
    """By the migration; its words are those of the rules that new networks start with."""
    rules.seed(network)
    other = Network.objects.create(slug="new", name="New")  # has no reader yet
    fresh = {"kind__in": ["certificate_failed", "security_event"]}
    names = ("kind", "name", "severity", "params", "for_s", "auto_resolve", "shipped", "enabled", "scope")
    seeded = list(IncidentRule.objects.filter(**fresh).order_by("kind").values(*names))
    IncidentRule.objects.filter(**fresh).delete()
    import_module("stations.migrations.0033_security_incident_rules").add(apps, None)
    assert list(IncidentRule.objects.filter(**fresh).order_by("kind").values(*names)) == seeded
    assert not IncidentRule.objects.filter(network=other).exists()
