import pytest

from gateway.ocpp201 import authorize
from sessions.models import IdToken
from sessions.reports import Token
from tests.gateway.hearing import hear, parsed, told


def shown(id_token, type="ISO14443"):
    return {"idToken": {"idToken": id_token, "type": type}}


def test_the_token_is_what_was_read_of_it():
    said = parsed("2.0.1", authorize, "Authorize", shown("GOOD ", "KeyCode"))
    assert said == Token(id_token="GOOD", type="KeyCode")


@pytest.mark.parametrize(
    ("id_token", "info"),
    [
        ("good", {"status": "Accepted", "groupIdToken": {"idToken": "FAMILY", "type": "Central"}}),
        ("BLOCKED", {"status": "Blocked"}),
        ("EXPIRED", {"status": "Expired", "cacheExpiryDateTime": "2026-01-01T00:00:00.000Z"}),
        ("NOBODY", {"status": "Unknown"}),
        ("", {"status": "Unknown"}),
    ],
)
def test_the_verdict_is_said(bravo, id_token, info):
    assert hear(bravo, "Authorize", shown(id_token)) == {"idTokenInfo": info}
    (event,) = told(bravo)
    assert (event.type, event.data["authorization"]) == ("session.authorized", info["status"])


def test_who_needs_no_authorization_has_it(bravo):
    assert hear(bravo, "Authorize", shown("", "NoAuthorization")) == {"idTokenInfo": {"status": "Accepted"}}


@pytest.mark.parametrize(
    "proof",
    [
        {"certificate": "-----BEGIN CERTIFICATE-----"},
        {
            "iso15118CertificateHashData": [
                {
                    "hashAlgorithm": "SHA256",
                    "issuerNameHash": "a",
                    "issuerKeyHash": "b",
                    "serialNumber": "1",
                    "responderURL": "http://ocsp.example",
                }
            ]
        },
    ],
)
def test_a_certificate_that_can_not_be_verified_lets_nobody_in(bravo, proof):
    IdToken.objects.create(network=bravo.network, id_token="DE8ABC123", type="eMAID")
    answer = hear(bravo, "Authorize", shown("DE8ABC123", "eMAID") | proof)
    assert answer == {"idTokenInfo": {"status": "Invalid"}, "certificateStatus": "CertChainError"}
    (event,) = told(bravo)
    assert event.data["authorization"] == "Invalid"
