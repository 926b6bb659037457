"""Security profiles 2 and 3: TLS with a password, TLS with a certificate of the station's."""

import socket
import ssl

import pytest
from django.conf import settings

from gateway.development_certificates import ensure_development_certificates, issue_client_certificate
from stations.models import Connection, Frame, RefusedHandshake, Station
from stations.services.registry import registration
from tests.gateway.listener_process import until
from tests.gateway.whole.charger import BOOT, Charger, refusal

SERIAL = "VS-4711"
OPERATOR = "Operator of the test"


@pytest.fixture(scope="module")
def authority(gateway):
    return ensure_development_certificates(settings.EMOBI_DATA_DIR / "tls", ["127.0.0.1"])


@pytest.fixture(scope="module")
def tls(authority, tmp_path_factory):
    """A station's side of TLS, with a certificate of its own or without."""
    folder = tmp_path_factory.mktemp("stations")

    def make(common_name=None, organisation=OPERATOR):
        context = ssl.create_default_context(cafile=authority.ca)
        if common_name is not None:
            context.load_cert_chain(
                *issue_client_certificate(
                    authority, folder, organisation=organisation, common_name=common_name
                )
            )
        return context

    return make


@pytest.fixture
def network(make_network):
    return make_network(operator_name=OPERATOR)


@pytest.fixture
def golf(register):
    """A station of profile 3."""
    return register("golf", security_profile=3, serial_number=SERIAL)


def boot_as(charger, serial_number):
    """Boot with a serial number; the message id of the CALL."""
    payload = BOOT[charger.subprotocol]
    if charger.subprotocol == "ocpp1.6":
        return charger.say("BootNotification", payload | {"chargePointSerialNumber": serial_number})
    described = payload["chargingStation"] | {"serialNumber": serial_number}
    return charger.say("BootNotification", payload | {"chargingStation": described})


def test_profile_2_is_a_password_over_tls(gateway, register, tls):
    known = register(security_profile=2)
    assert refusal(gateway, known.path, **known.credentials).status_code == 401
    assert refusal(gateway, known.path, tls=tls()).status_code == 401
    with known.connect(gateway, tls=tls()) as charger:
        charger.heartbeat()
    connection = Connection.objects.get(pk=known.station.pk)
    assert (connection.security_profile, connection.tls_version) == (2, "TLSv1.3")


def test_who_presents_a_stranger_s_certificate_is_kept_with_the_reason(gateway, tls, tmp_path):
    stranger = ensure_development_certificates(tmp_path, ["127.0.0.1"])
    context = tls()
    context.load_cert_chain(
        *issue_client_certificate(stranger, tmp_path, organisation=OPERATOR, common_name=SERIAL)
    )
    place = ("127.0.0.1", gateway.tls_port)
    with (
        socket.create_connection(place, 20, source_address=("127.0.0.9", 0)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as secure,
        pytest.raises(ssl.SSLError),
    ):
        secure.recv(1)
    kept = until(lambda: RefusedHandshake.objects.filter(remote_address="127.0.0.9").first())
    assert (kept.status, kept.reason, kept.identity, kept.network) == (0, "no TLS", "", None)
    assert "certificate" in kept.detail


def test_profile_3_is_a_certificate_of_the_station(gateway, golf, tls):
    with golf.connect(gateway, tls=tls(SERIAL)) as charger:
        charger.heartbeat()
    assert Connection.objects.get(pk=golf.station.pk).security_profile == 3


def test_a_certificate_of_another_station_or_operator_or_none_is_refused(gateway, golf, tls):
    refused = [
        refusal(gateway, golf.path),
        refusal(gateway, golf.path, tls=tls()),
        refusal(gateway, golf.path, tls=tls("VS-4712")),
        refusal(gateway, golf.path, tls=tls(SERIAL, organisation="Somebody else")),
        refusal(gateway, golf.path, tls=tls(), user="golf", password="a password instead"),
    ]
    assert [response.status_code for response in refused] == [401] * 5
    assert not Connection.objects.filter(pk=golf.station.pk).exists()


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_who_boots_with_another_serial_number_than_its_certificates_is_let_go(gateway, golf, tls, version):
    with golf.connect(gateway, version, tls=tls(SERIAL)) as charger:
        assert charger.answer_to(boot_as(charger, SERIAL))[2]["status"] == "Accepted"
        boot_as(charger, "VS-4712")
        assert charger.closed_with() == (1008, "not the station of the certificate")
    golf.station.refresh_from_db()
    assert golf.station.serial_number == SERIAL
    boots = Frame.objects.filter(station=golf.station, action="BootNotification", direction=0)
    until(lambda: boots.count() == 2)
    assert boots.filter(note__startswith="another serial number").count() == 1


def test_a_boot_without_a_serial_number_says_nothing_against_the_certificate(gateway, golf, tls):
    with golf.connect(gateway, tls=tls(SERIAL)) as charger:
        assert charger.boot()["status"] == "Accepted"


def test_an_unknown_station_of_profile_3_is_listed_by_its_certificate(gateway, make_network, tls):
    network = make_network(auto_register=True, security_profile=3, operator_name=OPERATOR)
    path = f"/ocpp/{network.slug}/hotel"
    assert refusal(gateway, path, tls=tls()).status_code == 401
    assert refusal(gateway, path, tls=tls(SERIAL, organisation="Somebody else")).status_code == 401
    assert not Station.objects.filter(network=network).exists()
    with Charger(gateway, path, tls=tls(SERIAL)) as charger:
        assert charger.answer_to(boot_as(charger, SERIAL))[2]["status"] == "Pending"
    station = Station.objects.get(network=network)
    assert station.serial_number == SERIAL
    assert refusal(gateway, path, tls=tls("VS-4712")).status_code == 401
    registration.set_registration(station, "accepted", by="user:test")
    with Charger(gateway, path, tls=tls(SERIAL)) as charger:
        assert charger.answer_to(boot_as(charger, SERIAL))[2]["status"] == "Accepted"
