"""Security profiles 2 and 3: TLS with a password, TLS with a certificate of the station's."""

import socket
import ssl
from contextlib import suppress

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

from gateway.development_certificates import ensure_development_certificates, issue_client_certificate
from stations.models import AccessChange, Connection, Frame, RefusedHandshake, SigningRequest, Station
from stations.services.registry import registration
from stations.services.trust import access_changes, signing
from tests.certificate_tree import csr
from tests.gateway.listener_process import until
from tests.gateway.tls_stations import trusting
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
        context = trusting(authority)
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


VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
# What a station is asked last before it moves to a higher profile, and for a certificate.
MOVES = {"1.6": "ChangeConfiguration", "2.0.1": "Reset"}
ASKS_FOR_KEY = {"1.6": "ExtendedTriggerMessage", "2.0.1": "TriggerMessage"}
ROOT = {"hashAlgorithm": "SHA256", "issuerNameHash": "ab", "issuerKeyHash": "cd", "serialNumber": "1"}


def obey(charger, last):
    """Do all that is asked up to ``last``; the payloads, by action."""
    asked = {}
    while last not in asked:
        access_changes.advance_due()  # gateways do it, too, once a second
        with suppress(TimeoutError):
            _, message_id, action, payload = charger.next_call(0.2)
            charger.send([3, message_id, obedience(charger.subprotocol, action, payload)])
            asked[action] = payload
    return asked


def obedience(subprotocol, action, payload):
    """The answer of a station that does what it is asked."""
    match action:
        case "GetInstalledCertificateIds" if subprotocol == "ocpp1.6":
            return {"status": "Accepted", "certificateHashData": [ROOT]}
        case "GetInstalledCertificateIds":
            listed = {"certificateType": "CSMSRootCertificate", "certificateHashData": ROOT}
            return {"status": "Accepted", "certificateHashDataChain": [listed]}
        case "GetVariables":
            return {
                "getVariableResult": [
                    {**each, "attributeStatus": "Accepted", "attributeValue": "1"}
                    for each in payload["getVariableData"]
                ]
            }
        case "SetVariables":
            return {
                "setVariableResult": [
                    {
                        "attributeStatus": "Accepted",
                        "component": each["component"],
                        "variable": each["variable"],
                    }
                    for each in payload["setVariableData"]
                ]
            }
    return {"status": "Accepted"}


def own_certificate(charger, station, tls, tmp_path):
    """Ask for a certificate and get it; the station's side of TLS with it."""
    request, key = csr(SERIAL, OPERATOR)
    use = {} if charger.subprotocol == "ocpp1.6" else {"certificateType": "ChargingStationCertificate"}
    assert charger.call("SignCertificate", {"csr": request, **use}) == {"status": "Accepted"}
    signing.sign_due()
    signing.bring_due()
    chain = obey(charger, "CertificateSigned")["CertificateSigned"]["certificateChain"]
    until(lambda: SigningRequest.objects.filter(station=station, state="installed").exists())
    file = tmp_path / "own.pem"
    file.write_bytes(chain.encode() + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = tls()
    context.load_cert_chain(file)
    return context


def succeeds(change):
    def has_succeeded():
        access_changes.advance_due()
        return AccessChange.objects.filter(pk=change.pk, state="succeeded").exists()

    until(has_succeeded)


def is_refused(gateway, known, **options):
    return refusal(gateway, known.path, **known.credentials, **options).status_code == 401


@VERSIONS
def test_a_station_is_brought_from_profile_1_to_3_and_locked_out_nowhere(
    gateway, register, tls, version, tmp_path
):
    known = register("india", serial_number=SERIAL)
    station, secure = known.station, tls()
    with known.connect(gateway, version) as charger:
        charger.boot()
        station.refresh_from_db()
        change = access_changes.raise_profile(station, 2, by="user:test")
        obey(charger, MOVES[version])
    # It can't use the new: it comes back as it was, and may.
    with known.connect(gateway, version) as charger:
        charger.heartbeat()
    change.refresh_from_db()
    assert change.state == "running"
    with known.connect(gateway, version, tls=secure) as charger:
        charger.heartbeat()
        succeeds(change)
        assert is_refused(gateway, known)  # A05.FR.07
        station.refresh_from_db()
        assert (station.security_profile, station.upgrading_to) == (2, None)
        change = access_changes.raise_profile(station, 3, by="user:test")
        obey(charger, ASKS_FOR_KEY[version])
        own = own_certificate(charger, station, tls, tmp_path)
        obey(charger, MOVES[version])
    with known.connect(gateway, version, tls=secure) as charger:
        charger.heartbeat()
    change.refresh_from_db()
    assert change.state == "running"
    with Charger(gateway, known.path, offered=(f"ocpp{version}",), tls=own) as charger:
        charger.heartbeat()
        succeeds(change)
    assert is_refused(gateway, known, tls=secure)
    assert is_refused(gateway, known)
    with Charger(gateway, known.path, offered=(f"ocpp{version}",), tls=own) as charger:
        charger.heartbeat()


@VERSIONS
def test_a_station_that_never_takes_the_higher_profile_keeps_the_one_it_has(gateway, register, tls, version):
    known = register("juliett")
    with known.connect(gateway, version) as charger:
        charger.boot()
        known.station.refresh_from_db()
        change = access_changes.raise_profile(known.station, 2, by="user:test")
        obey(charger, MOVES[version])
    access_changes.cancel(known.station, change.pk, by="user:test")
    with known.connect(gateway, version) as charger:
        charger.heartbeat()
    known.station.refresh_from_db()
    assert known.station.profile == 1
    # It was told, so it may still come with the new; from then on that is what it has.
    with known.connect(gateway, version, tls=tls()) as charger:
        charger.heartbeat()
    known.station.refresh_from_db()
    assert known.station.profile == 2
    assert is_refused(gateway, known)


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
    connection = Connection.objects.get(pk=golf.station.pk)
    assert connection.security_profile == 3
    assert connection.certificate_not_after > connection.opened_at


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
