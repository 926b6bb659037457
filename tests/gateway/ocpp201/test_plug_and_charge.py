"""What a station asks on behalf of an EV: contracts, their status, their provisioning."""

import base64
from datetime import UTC, datetime

import orjson
import pytest

from gateway import lookups
from gateway.lookups import Asker
from gateway.ocpp201 import ADAPTER, authorize, get15118_ev_certificate, get_certificate_status
from sessions.models import IdToken
from sessions.reports import CertificateStatus, ContractReport, ContractVerdict
from stations import x509_text
from stations.x509_text import CertificateHash
from tests.certificate_tree import Responder, authority, issue
from tests.gateway.hearing import hear, told
from tests.web_server import Told, serving

EMAID = "DE8AAA1A2B3C4D5"
CA = authority("CA")
LEAF = issue("SECC", CA)
ASKER = Asker(station_id=1, network_id=1, version="2.0.1", received_at=datetime(2026, 5, 4, tzinfo=UTC))
EXI = {"iso15118SchemaVersion": "urn:iso:15118:2:2013:MsgDef", "action": "Install", "exiRequest": "gAAA"}


def asked_of(url):
    return x509_text.hash_of(LEAF.certificate, CA.certificate).payload | {"responderURL": url}


def hear_knowing(station, action, payload, answer):
    with lookups.hold([answer]):
        return hear(station, action, payload)


# ── Authorize with a contract ───────────────────────────────────────────────────────────────────────────


SHOWN = {"idToken": {"idToken": EMAID, "type": "eMAID"}, "certificate": "PEM"}


def test_what_is_said_of_a_contract_is_read():
    hashes = asked_of("http://ocsp.example/")
    payload = SHOWN | {"iso15118CertificateHashData": [hashes]}
    assert authorize.contract(payload) == ContractReport(
        emaid=EMAID,
        chain="PEM",
        hashes=((CertificateHash.read(hashes), "http://ocsp.example/"),),
    )
    assert authorize.contract({"idToken": SHOWN["idToken"]}) is None


@pytest.mark.parametrize(
    ("verified", "token", "status", "certificate_status"),
    [
        ("Accepted", "accepted", "Accepted", "Accepted"),
        ("Accepted", "blocked", "Blocked", "ContractCancelled"),
        ("Accepted", None, "Unknown", "ContractCancelled"),
        ("CertificateExpired", "accepted", "Expired", "CertificateExpired"),
        ("CertificateRevoked", "accepted", "Invalid", "CertificateRevoked"),
        ("CertChainError", "accepted", "Invalid", "CertChainError"),
    ],
)
def test_a_contract_needs_a_good_certificate_and_a_good_token(
    bravo, verified, token, status, certificate_status
):
    if token is not None:
        IdToken.objects.create(network=bravo.network, id_token=EMAID, type="eMAID", status=token)
    verdict = ContractVerdict(status=CertificateStatus(verified))
    answer = hear_knowing(bravo, "Authorize", SHOWN, verdict)
    assert (answer["idTokenInfo"]["status"], answer["certificateStatus"]) == (status, certificate_status)
    (event,) = told(bravo)
    assert event.data["authorization"] == status


def test_the_certificate_of_a_token_without_one_is_not_looked_up():
    assert not authorize.CONTRACT.wanted({"idToken": SHOWN["idToken"]})
    assert authorize.CONTRACT in ADAPTER.lookups["Authorize"]


# ── GetCertificateStatus ────────────────────────────────────────────────────────────────────────────────


def test_a_station_gets_the_responders_answer_as_it_is(bravo, settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = True
    with serving(Responder(CA)) as server:
        payload = {"ocspRequestData": asked_of(server.url)}
        found = get_certificate_status.ask(ASKER, payload)
    answer = hear_knowing(bravo, "GetCertificateStatus", payload, found)
    assert answer["status"] == "Accepted"
    assert base64.b64decode(answer["ocspResult"]) == found.der


def test_a_station_is_told_that_there_is_no_answer(bravo, settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = True
    with serving(lambda asked: Told(404)) as server:
        payload = {"ocspRequestData": asked_of(server.url)}
        found = get_certificate_status.ask(ASKER, payload)
    answer = hear_knowing(bravo, "GetCertificateStatus", payload, found)
    assert (answer["status"], "404" in answer["statusInfo"]["additionalInfo"]) == ("Failed", True)
    assert "ocspResult" not in answer


def test_without_an_answer_in_time_it_failed(bravo):
    payload = {"ocspRequestData": asked_of("http://ocsp.example/")}
    assert hear(bravo, "GetCertificateStatus", payload)["status"] == "Failed"


# ── Get15118EVCertificate ───────────────────────────────────────────────────────────────────────────────


def provision(settings, answer):
    with serving(answer) as server:
        settings.EMOBI_EV_CERTIFICATE_URL = f"{server.url}/contracts"
        settings.EMOBI_EV_CERTIFICATE_TOKEN = "word"
        return get15118_ev_certificate.ask(ASKER, EXI), server.asked


@pytest.mark.parametrize("status", ["Accepted", "Failed"])
def test_the_pool_is_asked_and_its_answer_passed_on(bravo, settings, status):
    said = orjson.dumps({"status": status, "exiResponse": "gBBB"})
    found, (asked,) = provision(settings, lambda asked: Told(200, said, "application/json"))
    assert orjson.loads(asked.body) == EXI
    assert (asked.path, asked.headers["Authorization"]) == ("/contracts", "Bearer word")
    answer = hear_knowing(bravo, "Get15118EVCertificate", EXI, found)
    assert (answer["status"], answer["exiResponse"]) == (status, "gBBB")


@pytest.mark.parametrize(
    "told_",
    [
        Told(500),
        Told(200, b"hello"),
        Told(200, b"[]"),
        Told(200, b'{"status": "Maybe", "exiResponse": ""}'),
        Told(200, orjson.dumps({"status": "Accepted", "exiResponse": "x" * 7501})),
    ],
)
def test_what_a_pool_may_say_instead_is_a_failure_with_its_reason(bravo, settings, told_):
    found, _ = provision(settings, lambda asked: told_)
    answer = hear_knowing(bravo, "Get15118EVCertificate", EXI, found)
    assert (answer["status"], answer["exiResponse"]) == ("Failed", "")
    assert "pool" in answer["statusInfo"]["additionalInfo"]


@pytest.mark.parametrize(("url", "reason"), [("", "set up"), ("http://pool.example/", "time")])
def test_without_a_pool_or_without_its_answer_it_failed(bravo, settings, url, reason):
    settings.EMOBI_EV_CERTIFICATE_URL = url
    assert get15118_ev_certificate.LOOKUP.wanted(EXI) is bool(url)
    answer = hear(bravo, "Get15118EVCertificate", EXI)
    assert (answer["status"], reason in answer["statusInfo"]["additionalInfo"]) == ("Failed", True)
