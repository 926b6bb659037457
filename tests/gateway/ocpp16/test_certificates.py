"""Commands about certificates in 1.6, by its security whitepaper."""

import pytest

from gateway.errors import CommandUnsupported
from gateway.ocpp16 import ADAPTER
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
from stations.commands.everyday import Trigger, TriggerMessage
from stations.models import CommandState
from tests.gateway.hearing import answered, asked

NAMED = {
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "AB01",
    "issuer_key_hash": "cd02",
    "serial_number": "00Ff",
}
HASH_DATA = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "AB01",
    "issuerKeyHash": "cd02",
    "serialNumber": "00Ff",
}
CSMS = (InstalledUse.CSMS_ROOT,)


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (RootUse.CSMS_ROOT, "CentralSystemRootCertificate"),
        (RootUse.MANUFACTURER_ROOT, "ManufacturerRootCertificate"),
    ],
)
def test_a_root_is_installed_by_the_name_that_this_version_has_for_its_use(use, said):
    command = InstallCertificate(certificate_type=use, certificate=EXAMPLE)
    assert asked("1.6", "install_certificate", command) == (
        "InstallCertificate",
        {"certificateType": said, "certificate": EXAMPLE},
    )


def test_a_certificate_is_deleted_in_the_words_in_which_it_was_listed():
    assert asked("1.6", "delete_certificate", DeleteCertificate(**NAMED)) == (
        "DeleteCertificate",
        {"certificateHashData": HASH_DATA},
    )


def test_certificates_are_asked_for_by_kind():
    assert asked("1.6", "list_certificates", ListCertificates(certificate_types=CSMS)) == (
        "GetInstalledCertificateIds",
        {"certificateType": "CentralSystemRootCertificate"},
    )


def test_all_kinds_are_asked_for_one_by_one(alpha):
    sender = ADAPTER.senders["list_certificates"]
    for types in ((), (InstalledUse.CSMS_ROOT, InstalledUse.MANUFACTURER_ROOT)):
        pieces = sender.pieces(ListCertificates(certificate_types=types), alpha)
        assert [sender.encode(piece)["certificateType"] for piece in pieces] == [
            "CentralSystemRootCertificate",
            "ManufacturerRootCertificate",
        ]


FOUND = {"status": "Accepted", "certificateHashData": [HASH_DATA]}
NONE = {"status": "NotFound"}


@pytest.mark.parametrize(
    ("answers", "status", "kinds"),
    [
        ([FOUND, FOUND], "Accepted", ["CSMSRootCertificate", "ManufacturerRootCertificate"]),
        ([NONE, FOUND], "Accepted", ["ManufacturerRootCertificate"]),
        ([NONE, NONE], "NotFound", []),
        ([FOUND], "Accepted", ["CSMSRootCertificate"]),  # the second isn't answered yet
    ],
)
def test_what_is_installed_is_listed_with_the_keys_of_the_other_version(answers, status, kinds):
    command = ListCertificates()
    outcomes = [answered("1.6", "list_certificates", command, answer) for answer in answers]
    outcome = ADAPTER.senders["list_certificates"].joined(command, outcomes)
    assert (outcome.state, outcome.status) == (CommandState.ACCEPTED, status)
    assert outcome.detail == {
        "certificates": [{"certificate_type": kind, **NAMED, "child_certificates": []} for kind in kinds]
    }


def test_a_signed_chain_is_brought_to_the_station():
    command = CertificateSigned(certificate_chain=EXAMPLE, certificate_type=SigningUse.CHARGING_STATION)
    assert asked("1.6", "certificate_signed", command) == (
        "CertificateSigned",
        {"certificateChain": EXAMPLE},
    )


def test_a_station_is_asked_for_a_request_to_sign_by_the_extended_trigger():
    command = TriggerMessage(requested_message=Trigger.SIGN_CHARGING_STATION_CERTIFICATE)
    assert asked("1.6", "trigger_message", command) == (
        "ExtendedTriggerMessage",
        {"requestedMessage": "SignChargePointCertificate"},
    )


@pytest.mark.parametrize(
    ("name", "command", "reason"),
    [
        (
            "install_certificate",
            InstallCertificate(certificate_type=RootUse.MO_ROOT, certificate=EXAMPLE),
            "MORootCertificate",
        ),
        (
            "list_certificates",
            ListCertificates(certificate_types=(InstalledUse.V2G_CHAIN,)),
            "V2GCertificateChain",
        ),
        (
            "certificate_signed",
            CertificateSigned(certificate_chain=EXAMPLE, certificate_type=SigningUse.V2G),
            "V2G",
        ),
    ],
)
def test_what_this_version_can_not_say_is_refused_with_the_reason(name, command, reason):
    with pytest.raises(CommandUnsupported, match=reason):
        ADAPTER.senders[name].encode(command)


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
    ],
)
def test_an_answer_ends_its_command(command, status, state):
    params = catalogue.parse(command, catalogue.entry(command).example)
    outcome = answered("1.6", command, params, {"status": status})
    assert (outcome.state, outcome.status) == (state, status)
