"""`manage.py simulate`: how its stations get in."""

import io
import ssl
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.core.management.base import CommandError

from emobi.core.services import networks
from emobi.env import Address
from emobi.management.commands import simulate
from emobi.simulator.access import Access
from stations.models import Station
from stations.services.registry import simulated
from stations.services.trust import credentials

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory):
    """One for all: making an authority takes its time."""
    return tmp_path_factory.mktemp("simulated")


@pytest.fixture
def fleet(monkeypatch, settings, data_dir):
    """Run the command; the fleet that it would let live."""
    settings.EMOBI_DATA_DIR = data_dir
    settings.EMOBI_OCPP_TLS_BIND = Address.parse("127.0.0.1:9443")
    settings.EMOBI_TLS_CERTIFICATES, settings.EMOBI_TLS_CLIENT_CA = [], ""
    networks.create("grid", "The Grid")
    told = {}

    async def main(**options):
        told.clear()
        told.update(options)

    def run(*argv):
        call_command("simulate", "--network=grid", "--stations=2", *argv, stdout=io.StringIO())
        return SimpleNamespace(**told)

    monkeypatch.setattr("emobi.management.setup.call_command", lambda *_, **__: None)  # has been migrated
    monkeypatch.setattr(simulate.fleet, "main", main)
    monkeypatch.setattr(simulate, "connection", SimpleNamespace(close=lambda: None))
    return run


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_at_our_own_port_they_trust_the_development_ca(fleet, settings, host):
    told = fleet(f"--url=wss://{host}:9443/ocpp/grid")
    assert told.ca_file == str(settings.EMOBI_DATA_DIR / "tls" / "ca.pem")
    assert told.ca_file == fleet().ca_file


@pytest.mark.parametrize(
    "url", ["wss://127.0.0.1:9444/ocpp/grid", "wss://charge.example:9443/ocpp/grid", "ws://127.0.0.1:9443/"]
)
def test_elsewhere_they_trust_what_the_machine_does_or_what_is_named(fleet, url):
    assert fleet(f"--url={url}").ca_file is None
    assert fleet(f"--url={url}", "--ca=/etc/roots.pem").ca_file == "/etc/roots.pem"


def test_with_profile_3_each_has_a_certificate_of_its_own(fleet):
    told = fleet("--security-profile=3")
    assert told.security_profiles == {"SIM001": 3, "SIM002": 3}
    assert told.passwords == {}
    for station in Station.objects.all():
        certificate_file, key_file = told.certificates[station.identity]
        subject = x509.load_pem_x509_certificate(Path(certificate_file).read_bytes()).subject
        assert subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "The Grid"
        assert subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == station.serial_number
        access = Access(
            url=told.url, ca_file=told.ca_file, certificate_file=certificate_file, key_file=key_file
        )
        assert isinstance(access.tls(), ssl.SSLContext)
    with pytest.raises(CommandError, match="needs wss"):
        fleet("--security-profile=3", "--url=ws://127.0.0.1:9000/ocpp/grid")


def test_an_authority_that_is_not_ours_issues_none(fleet, settings):
    fleet("--security-profile=3")
    settings.EMOBI_TLS_CLIENT_CA = "/etc/authority.pem"
    with pytest.raises(CommandError, match="EMOBI_TLS_CLIENT_CA"):
        fleet("--security-profile=3")
    assert fleet().certificates == {}


def test_without_a_profile_they_keep_what_they_have(fleet):
    assert fleet("--security-profile=0").passwords == {}
    assert fleet().security_profiles == {"SIM001": 0, "SIM002": 0}
    told = fleet("--security-profile=2")
    assert fleet().security_profiles == {"SIM001": 2, "SIM002": 2}
    station = Station.objects.get(identity="SIM001")
    assert told.passwords["SIM001"] == simulated.password_of("grid", "SIM001")
    assert credentials.matching(station.pk, station.password_hash, told.passwords["SIM001"].encode())
    # Whoever has one has to prove it.
    assert fleet("--security-profile=0").passwords == told.passwords


def test_a_new_fleet_has_passwords(fleet):
    told = fleet()
    assert told.security_profiles == {"SIM001": 1, "SIM002": 1}
    assert set(told.passwords) == {"SIM001", "SIM002"}
    assert told.certificates == {}
