"""Commands about certificates and network profiles in 2.0.1."""

import pytest

from gateway.ocpp201 import ADAPTER
from stations.commands import catalogue
from stations.commands.certificates import (
    EXAMPLE,
    CertificateSigned,
    DeleteCertificate,
    InstallCertificate,
    InstalledUse,
    ListCertificates,
    RootUse,
    SigningUse,
)
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

NAMED = {
    "hash_algorithm": "SHA384",
    "issuer_name_hash": "AB01",
    "issuer_key_hash": "cd02",
    "serial_number": "00Ff",
}
HASH_DATA = {
    "hashAlgorithm": "SHA384",
    "issuerNameHash": "AB01",
    "issuerKeyHash": "cd02",
    "serialNumber": "00Ff",
}


@pytest.mark.parametrize("use", RootUse)
def test_a_root_is_installed_for_its_use(use):
    action, payload = asked(
        "2.0.1", "install_certificate", InstallCertificate(certificate_type=use, certificate=EXAMPLE)
    )
    assert action == "InstallCertificate"
    assert payload == {"certificateType": use.value, "certificate": EXAMPLE}


def test_a_certificate_is_deleted_in_the_words_in_which_it_was_listed():
    assert asked("2.0.1", "delete_certificate", DeleteCertificate(**NAMED)) == (
        "DeleteCertificate",
        {"certificateHashData": HASH_DATA},
    )


@pytest.mark.parametrize(
    ("types", "payload"),
    [
        ((), {}),
        (tuple(InstalledUse), {"certificateType": [use.value for use in InstalledUse]}),
    ],
)
def test_certificates_are_asked_for_by_kind_or_all_of_them(types, payload):
    command = ListCertificates(certificate_types=types)
    assert asked("2.0.1", "list_certificates", command) == ("GetInstalledCertificateIds", payload)


def test_what_is_installed_is_listed_with_what_hangs_below_it():
    chain = {
        "certificateType": "V2GCertificateChain",
        "certificateHashData": HASH_DATA,
        "childCertificateHashData": [HASH_DATA | {"serialNumber": "2"}],
    }
    answer = {"status": "Accepted", "certificateHashDataChain": [chain]}
    outcome = answered("2.0.1", "list_certificates", ListCertificates(), answer)
    assert outcome.state == CommandState.ACCEPTED
    assert outcome.detail == {
        "certificates": [
            {
                "certificate_type": "V2GCertificateChain",
                **NAMED,
                "child_certificates": [NAMED | {"serial_number": "2"}],
            }
        ]
    }


def test_no_certificates_are_an_answer_too():
    outcome = answered("2.0.1", "list_certificates", ListCertificates(), {"status": "NotFound"})
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, "NotFound")
    assert outcome.detail == {"certificates": []}


@pytest.mark.parametrize("use", [None, *SigningUse])
def test_a_signed_chain_echoes_the_type_that_was_asked_for(use):
    _, payload = asked(
        "2.0.1", "certificate_signed", CertificateSigned(certificate_chain=EXAMPLE, certificate_type=use)
    )
    assert payload.get("certificateType") == (use.value if use else None)
    assert payload["certificateChain"] == EXAMPLE


@pytest.mark.parametrize(
    ("command", "status", "state"),
    [
        ("install_certificate", "Accepted", CommandState.ACCEPTED),
        ("install_certificate", "Rejected", CommandState.REJECTED),
        ("install_certificate", "Failed", CommandState.REJECTED),
        ("delete_certificate", "Accepted", CommandState.ACCEPTED),
        ("delete_certificate", "NotFound", CommandState.REJECTED),
        ("delete_certificate", "Failed", CommandState.REJECTED),
        ("certificate_signed", "Accepted", CommandState.ACCEPTED),
        ("certificate_signed", "Rejected", CommandState.REJECTED),
        ("set_network_profile", "Accepted", CommandState.ACCEPTED),
        ("set_network_profile", "Rejected", CommandState.REJECTED),
        ("set_network_profile", "Failed", CommandState.REJECTED),
    ],
)
def test_an_answer_ends_its_command(command, status, state):
    params = catalogue.parse(command, catalogue.entry(command).example)
    outcome = answered("2.0.1", command, params, {"status": status})
    assert (outcome.state, outcome.status) == (state, status)


def test_a_network_profile_is_said_with_all_its_fields():
    params = {
        "configuration_slot": 1,
        "ocpp_csms_url": "wss://csms.example/ocpp/grid",
        "security_profile": 3,
        "ocpp_interface": "Wireless0",
        "message_timeout": 45,
        "ocpp_version": "OCPP20",
        "ocpp_transport": "JSON",
        "apn": {
            "apn": "iot.example",
            "apn_authentication": "CHAP",
            "apn_user_name": "user",
            "apn_password": "word",
            "sim_pin": 1234,
            "preferred_network": "26201",
            "use_only_preferred_network": True,
        },
        "vpn": {
            "server": "vpn.example",
            "user": "user",
            "password": "word",
            "key": "shared",
            "type": "IKEv2",
            "group": "stations",
        },
    }
    action, payload = asked("2.0.1", "set_network_profile", catalogue.parse("set_network_profile", params))
    assert action == "SetNetworkProfile"
    assert payload == {
        "configurationSlot": 1,
        "connectionData": {
            "ocppVersion": "OCPP20",
            "ocppTransport": "JSON",
            "ocppCsmsUrl": "wss://csms.example/ocpp/grid",
            "messageTimeout": 45,
            "securityProfile": 3,
            "ocppInterface": "Wireless0",
            "apn": {
                "apn": "iot.example",
                "apnAuthentication": "CHAP",
                "apnUserName": "user",
                "apnPassword": "word",
                "simPin": 1234,
                "preferredNetwork": "26201",
                "useOnlyPreferredNetwork": True,
            },
            "vpn": {
                "server": "vpn.example",
                "user": "user",
                "password": "word",
                "key": "shared",
                "type": "IKEv2",
                "group": "stations",
            },
        },
    }


def test_what_is_left_out_of_a_network_profile_is_not_said():
    params = {"configuration_slot": 1, "ocpp_csms_url": "ws://csms.example", "security_profile": 1}
    payload = ADAPTER.senders["set_network_profile"].encode(catalogue.parse("set_network_profile", params))
    assert "apn" not in payload["connectionData"]
    assert "vpn" not in payload["connectionData"]
