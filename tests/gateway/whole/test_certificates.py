"""Certificates, Plug & Charge and changes of access, over real sockets."""

import base64

import pytest

from sessions.models import IdToken
from stations import x509_text
from stations.commands.certificates import EXAMPLE
from stations.models import (
    AccessChange,
    CommandState,
    InstalledCertificate,
    RootCertificate,
    SigningRequest,
    Station,
)
from stations.services.trust import access_changes, signing
from tests.certificate_tree import Responder, authority, issue
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, told_of
from tests.web_server import Told, serving

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
ACCEPTED = CommandState.ACCEPTED
CSMS_ROOT = "CSMSRootCertificate"
EMAID = "DE8AAA1A2B3C4D5"


@pytest.fixture(scope="module")
def outside():
    """An OCSP responder for each authority, by path, and a pool of contracts."""
    responders = {"/pool": lambda asked: Told(200, b'{"status": "Accepted", "exiResponse": "gBBB"}')}
    with serving(lambda asked: responders[asked.path](asked)) as server:
        yield server.url, responders


@pytest.fixture(scope="module")
def gateway(make_gateway, outside):
    process = make_gateway(EMOBI_OCSP_ALLOW_PRIVATE="1", EMOBI_EV_CERTIFICATE_URL=f"{outside[0]}/pool")
    yield process
    assert "Traceback" not in process.log


@pytest.fixture
def sim(gateway, simulate, version):
    return simulate(gateway, version)


@VERSIONS
def test_a_root_is_installed_listed_and_deleted(sim, version):
    station = sim.known.station
    types = {"certificate_types": [CSMS_ROOT]}
    assert end_of(ask(station, "list_certificates", types)) == ACCEPTED
    install = ask(station, "install_certificate", {"certificate_type": CSMS_ROOT, "certificate": EXAMPLE})
    assert end_of(install) == ACCEPTED
    listed = ask(station, "list_certificates", types)
    assert end_of(listed) == ACCEPTED
    (found,) = listed.outcome["detail"]["certificates"]
    assert found["serial_number"] == "4711"
    known = InstalledCertificate.objects.get(station=station)
    assert (known.subject, known.listed_at is None) == ("CN=Example root,O=Example", False)
    names = ("hash_algorithm", "issuer_name_hash", "issuer_key_hash", "serial_number")
    assert end_of(ask(station, "delete_certificate", {name: found[name] for name in names})) == ACCEPTED
    assert not InstalledCertificate.objects.filter(station=station).exists()
    assert told_of(install) == ["command.completed"]


@VERSIONS
def test_a_station_is_asked_for_a_key_and_gets_its_certificate(sim, version, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    station = sim.known.station
    plan = sim.station.plan
    type(station.network).objects.filter(pk=station.network_id).update(operator_name=plan.operator)
    until(lambda: Station.objects.filter(pk=station.pk, serial_number=plan.serial_number).exists())
    asked = ask(station, "trigger_message", {"requested_message": "SignChargingStationCertificate"})
    assert end_of(asked) == ACCEPTED
    request = until(lambda: SigningRequest.objects.filter(station=station).first())
    assert (request.state, request.reason) == ("waiting", "")
    assert signing.sign_due() == 1
    assert signing.bring_due() == 1
    until(lambda: SigningRequest.objects.filter(pk=request.pk, state="installed").exists())
    request.refresh_from_db()
    assert sim.station.certificates.chain_pem == request.chain


def test_a_network_profile_is_set_but_never_a_lower_one(gateway, simulate):
    station = simulate(gateway, "2.0.1").known.station
    asked = {"configuration_slot": 2, "ocpp_csms_url": "wss://csms.example/ocpp/grid", "security_profile": 2}
    assert end_of(ask(station, "set_network_profile", asked)) == ACCEPTED
    lower = ask(station, "set_network_profile", asked | {"security_profile": 0})
    assert end_of(lower) == CommandState.UNSUPPORTED
    assert "never lowered" in lower.outcome["reason"]
    kept = station.network_profiles.get()
    assert (kept.configuration_slot, kept.ocpp_csms_url) == (2, "wss://csms.example/ocpp/grid")
    assert (
        end_of(ask(station, "set_network_profile", asked | {"configuration_slot": 7}))
        == CommandState.REJECTED
    )
    assert station.network_profiles.count() == 1


@VERSIONS
def test_a_password_is_changed_and_the_station_comes_back_with_it(sim, version):
    station = sim.known.station
    station.refresh_from_db()
    before = station.password_hash
    change = access_changes.change_password(station, by="user:test")
    until(lambda: AccessChange.objects.filter(pk=change.pk, state="succeeded").exists())
    station.refresh_from_db()
    assert " " not in station.password_hash
    assert station.password_hash != before


# ── Plug & Charge ───────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def bravo(gateway, register):
    known = register("bravo")
    with known.connect(gateway, "2.0.1") as charger:
        charger.boot()
        yield charger, known.station


def contract(outside):
    """A root, and a contract of it whose status its responder knows."""
    url, responders = outside
    root = authority("MO root")
    leaf = issue(EMAID, root, responder=f"{url}/mo")
    responders["/mo"] = Responder(root)
    return root, leaf


def test_a_contract_is_verified_with_ocsp_before_it_may_charge(bravo, outside):
    charger, station = bravo
    root, leaf = contract(outside)
    IdToken.objects.create(network=station.network, id_token=EMAID, type="eMAID")
    shown = {"idToken": {"idToken": EMAID, "type": "eMAID"}, "certificate": leaf.pem}
    assert charger.call("Authorize", shown) == {
        "idTokenInfo": {"status": "Invalid"},
        "certificateStatus": "CertChainError",
    }
    RootCertificate.objects.create(
        network=station.network, use="MORootCertificate", pem=root.pem,
        fingerprint=x509_text.fingerprint(root.certificate),
    )  # fmt: skip
    answer = charger.call("Authorize", shown)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == ("Accepted", "Accepted")
    # who shows no certificate isn't asked for one
    assert "certificateStatus" not in charger.call("Authorize", {"idToken": shown["idToken"]})


def test_a_station_learns_the_status_of_a_certificate(bravo, outside):
    charger, _ = bravo
    root, leaf = contract(outside)
    named = x509_text.hash_of(leaf.certificate, root.certificate).payload
    answer = charger.call(
        "GetCertificateStatus", {"ocspRequestData": named | {"responderURL": f"{outside[0]}/mo"}}
    )
    assert answer["status"] == "Accepted"
    assert base64.b64decode(answer["ocspResult"])[0] == 0x30
    unknown = {"ocspRequestData": named | {"serialNumber": "1", "responderURL": "http://127.0.0.1:1/"}}
    assert charger.call("GetCertificateStatus", unknown)["status"] == "Failed"


def test_a_contract_comes_from_the_pool(bravo):
    charger, _ = bravo
    said = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "gAAA"}
    assert charger.call("Get15118EVCertificate", said) == {"status": "Accepted", "exiResponse": "gBBB"}


def test_a_slow_question_holds_up_nothing_else(bravo, outside):
    charger, _ = bravo
    asked = charger.say(
        "Get15118EVCertificate",
        {"iso15118SchemaVersion": "urn", "action": "Update", "exiRequest": "gAAA"},
    )
    charger.heartbeat()
    assert charger.answer_to(asked)[2]["status"] == "Accepted"
