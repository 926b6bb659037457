"""Certificates that end: found among those that stations took, renewed by a playbook, and over by that."""

from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, unit_of_work
from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import (
    Command,
    CommandState,
    Connection,
    Incident,
    Playbook,
    PlaybookRun,
    SigningRequest,
)
from stations.reports import SigningReport
from stations.services.commanding import command_ends
from stations.services.incidents import handling
from stations.services.playbooks import runs
from stations.services.presence import connections
from stations.services.presence.connections import Closing, Opening
from stations.services.trust import installed_certificates, signing, signing_requests
from tests.certificate_tree import authority, csr
from tests.stations.playing import how, quiet
from tests.stations.services.incidents.fleets import fleet, look
from tests.stations.telling import NOON

OWN, V2G = "ChargingStationCertificate", "V2GCertificate"
TAKEN = Outcome(state=CommandState.ACCEPTED, status="Accepted")
DAY = timedelta(days=1)


@pytest.fixture
def station(network, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    [made] = fleet(network, 1)
    made.serial_number, made.ocpp_version = "SN1", "2.0.1"
    made.save()
    look()
    return made


def ask_for_one(station, at, **options):
    """The station makes a key, and asks for its certificate."""
    with clock.at(at), unit_of_work.begin():
        assert signing_requests.receive(station, SigningReport(csr=csr("SN1")[0], **options))


def bring(at):
    """It is signed, brought and taken; when it ends."""
    with clock.at(at):
        assert (signing.sign_due(), signing.bring_due()) == (1, 1)
        command = Command.objects.select_related("station").get(name="certificate_signed", state="queued")
        Command.objects.filter(pk=command.pk).update(state=CommandState.SENT)
        with unit_of_work.begin():
            command.refresh_from_db()
            command_ends.settle(command, TAKEN, raw={})
            params = catalogue.parse(command.name, command.params)
            signing_requests.taken(command.station, params, TAKEN)
    return SigningRequest.objects.filter(state="installed").latest("pk").not_after


def renew(station, at, **options):
    ask_for_one(station, at, **options)
    return bring(at)


def the_incident():
    return Incident.objects.get()


def test_one_that_ends_gets_critical_and_a_new_one_resolves_it(station):
    until = renew(station, NOON)
    look(until - 31 * DAY)
    assert not Incident.objects.exists()
    look(until - 20 * DAY)
    incident = the_incident()
    assert (incident.severity, incident.title) == ("minor", f"S0000: {OWN} ends soon")
    look(until - 6 * DAY)
    incident.refresh_from_db()
    assert incident.severity == "critical"
    assert renew(station, until - 5 * DAY) > until
    look(until - 4 * DAY)
    incident.refresh_from_db()
    assert incident.state == "resolved"


def test_who_closed_it_long_before_hears_of_it_when_it_gets_urgent(station):
    until = renew(station, NOON)
    look(until - 20 * DAY)
    handling.resolve(the_incident(), by="user:alice")
    look(until - 19 * DAY)
    assert the_incident().state == "resolved"
    look(until - 6 * DAY)
    _, again = Incident.objects.order_by("pk")
    assert (again.state, again.severity) == ("open", "critical")


def connect(station, at, until):
    """It shows a certificate that ends then."""
    opening = Opening(
        station_id=station.pk,
        at=at,
        gateway="gw-1",
        version="2.0.1",
        security_profile=3,
        remote_address="10.0.0.1",
        tls_version="TLSv1.3",
        certificate_not_after=until,
    )
    with clock.at(at):
        [epoch] = connections.open_sockets([opening])
    return epoch


def lose_connection(station, at, epoch):
    closing = Closing(station_id=station.pk, epoch=epoch, at=at, code=1006, reason="", by_us=False)
    with clock.at(at):
        assert connections.close_sockets([closing])


def of_certificates():
    found = Incident.objects.filter(kind="certificate_expiring").order_by("pk")
    return list(found.values_list("state", "severity"))


def test_one_that_a_station_shows_counts_whoever_has_signed_it(station):
    """Also after its socket is gone: it may be gone because the certificate has ended."""
    until = NOON + 20 * DAY
    epoch = connect(station, NOON, until)
    look(NOON + DAY)
    assert of_certificates() == [("open", "minor")]
    assert the_incident().title == f"S0000: {OWN} ends soon"
    look(NOON + 14 * DAY)
    assert of_certificates() == [("open", "critical")]
    lose_connection(station, until, epoch)
    look(until + timedelta(seconds=10))
    assert of_certificates() == [("open", "critical")]
    connect(station, until + timedelta(seconds=20), until + 365 * DAY)
    look(until + timedelta(seconds=60))
    assert of_certificates() == [("resolved", "critical")]


def test_what_a_station_shows_counts_more_than_what_it_took_from_us(station):
    until = renew(station, NOON)
    epoch = connect(station, NOON + DAY, NOON + 10 * DAY)
    look(NOON + DAY)
    # It goes on to show an old one: one incident, though the one that it took lasts.
    assert of_certificates() == [("open", "minor")]
    lose_connection(station, NOON + 2 * DAY, epoch)
    renew(station, NOON + 3 * DAY)
    look(NOON + 3 * DAY)
    assert of_certificates() == [("resolved", "minor")]
    # Somebody else gave it one that lasts longer than ours. And one that never ends is none that ends soon.
    connect(station, NOON + 4 * DAY, until + 365 * DAY)
    look(until + 5 * DAY)
    assert of_certificates() == [("resolved", "minor")]
    connect(station, until + 6 * DAY, datetime(9999, 12, 31, tzinfo=UTC))
    assert Connection.objects.get(pk=station.pk).certificate_not_after is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "SignChargingStationCertificate"),
        ({"use": V2G}, "SignV2GCertificate"),
        ({"combined": True}, "SignCombinedCertificate"),
    ],
)
def test_the_incident_starts_a_run_that_ends_when_one_of_its_use_is_taken(network, station, options, message):
    quiet(network)
    Playbook.objects.filter(slug="renew-certificate").update(enabled=True, dry_run=False)
    at = renew(station, NOON, **options) - 20 * DAY

    def advance(seconds):
        with clock.at(at + timedelta(seconds=seconds)):
            runs.advance()

    look(at)
    advance(1)
    run = PlaybookRun.objects.get()
    asked = Command.objects.select_related("station").get(name="trigger_message")
    assert asked.params["requested_message"] == message
    with clock.at(at), unit_of_work.begin():
        Command.objects.filter(pk=asked.pk).update(state=CommandState.SENT)
        asked.refresh_from_db()
        command_ends.settle(asked, TAKEN, raw={})
    # What is installed meanwhile is another one: of the other use, and a root.
    with clock.at(at + timedelta(seconds=2)), unit_of_work.begin():
        root = catalogue.parse(
            "install_certificate",
            {"certificate_type": "CSMSRootCertificate", "certificate": authority("Root").pem},
        )
        installed_certificates.installed(station, root, TAKEN)
    renew(station, at + timedelta(seconds=2), use=OWN if options.get("use") == V2G else V2G)
    advance(3)
    assert how(run)[0] == "waiting"
    ask_for_one(station, at + timedelta(seconds=4), **options)
    advance(5)
    assert how(run)[:2] == ("waiting", "waits for the goal")
    bring(at + timedelta(seconds=60))
    advance(61)
    advance(62)
    assert how(run) == ("succeeded", "", True)
    look(at + timedelta(seconds=62))
    assert the_incident().state == "resolved"
