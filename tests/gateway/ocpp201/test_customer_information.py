import pytest

from stations.commands import catalogue
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

HASHES = {
    "hash_algorithm": "SHA384",
    "issuer_name_hash": "aa",
    "issuer_key_hash": "bb",
    "serial_number": "1f",
}


def command(**params):
    return catalogue.parse("customer_information", {"request_id": 4} | params)


@pytest.mark.parametrize(
    ("params", "payload"),
    [
        ({"id_token": "GOOD"}, {"idToken": {"idToken": "GOOD", "type": "Central"}}),
        (
            {
                "id_token": "GOOD",
                "id_token_type": "eMAID",
                "additional_info": [{"additional_id_token": "VAN7", "type": "plate"}],
                "report": False,
                "clear": True,
                "forget_here": True,
            },
            {
                "idToken": {
                    "idToken": "GOOD",
                    "type": "eMAID",
                    "additionalInfo": [{"additionalIdToken": "VAN7", "type": "plate"}],
                },
                "report": False,
                "clear": True,
            },
        ),
        (
            {"customer_certificate": HASHES},
            {
                "customerCertificate": {
                    "hashAlgorithm": "SHA384",
                    "issuerNameHash": "aa",
                    "issuerKeyHash": "bb",
                    "serialNumber": "1f",
                }
            },
        ),
        ({"customer_identifier": "van 7"}, {"customerIdentifier": "van 7"}),
    ],
)
def test_a_customer_is_named_in_one_of_three_ways(params, payload):
    said = {"requestId": 4, "report": True, "clear": False} | payload
    assert asked("2.0.1", "customer_information", command(**params)) == ("CustomerInformation", said)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("Accepted", CommandState.ACCEPTED),
        ("Rejected", CommandState.REJECTED),
        ("Invalid", CommandState.REJECTED),
    ],
)
def test_an_answer_ends_its_command(status, state):
    outcome = answered("2.0.1", "customer_information", command(id_token="GOOD"), {"status": status})
    assert (outcome.state, outcome.status) == (state, status)
