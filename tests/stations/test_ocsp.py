"""Responders, asked over a real socket."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from cryptography.x509.ocsp import OCSPCertStatus

from emobi.core import clock
from stations import ocsp, x509_text
from stations.ocsp import NoStatus
from stations.x509_text import CertificateHash
from tests.certificate_tree import Responder, authority, issue, ocsp_signer
from tests.web_server import Told, serving

CA = authority("CA")
LEAF = issue("Leaf", CA)


@pytest.fixture(autouse=True)
def responders_of_this_machine(settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = True


def named(leaf=LEAF, algorithm="SHA256"):
    return x509_text.hash_of(leaf.certificate, CA.certificate, algorithm)


@contextmanager
def responding(responder):
    with serving(responder) as server:
        yield server


def ask(server, hashes=None):
    return ocsp.ask(hashes or named(), server.url, timeout_s=5)


@pytest.mark.parametrize("algorithm", ["SHA256", "SHA384", "SHA512"])
def test_a_good_certificate_is_good_by_every_hash(algorithm):
    with responding(Responder(CA)) as server:
        found = ask(server, named(algorithm=algorithm))
    assert found.status is OCSPCertStatus.GOOD
    assert ocsp.is_signed_for(found, named(algorithm=algorithm), [CA.certificate])


@pytest.mark.parametrize(
    ("where", "status"), [("revoked", OCSPCertStatus.REVOKED), ("unknown", OCSPCertStatus.UNKNOWN)]
)
def test_a_bad_one_is_told_apart(where, status):
    responder = Responder(CA, **{where: {LEAF.certificate.serial_number}})
    with responding(responder) as server:
        assert ask(server).status is status


def test_an_answer_is_remembered_until_its_end_and_no_longer():
    with responding(Responder(CA, lasts=timedelta(hours=1))) as server:
        first = ask(server)
        assert ask(server) is first
        assert len(server.asked) == 1
        assert first.until - clock.wall() <= timedelta(hours=1)


def test_however_the_hashes_are_spelt_it_is_the_same_certificate():
    spelt = named()
    shouted = CertificateHash(
        hash_algorithm=spelt.hash_algorithm,
        issuer_name_hash=spelt.issuer_name_hash.upper(),
        issuer_key_hash=spelt.issuer_key_hash.upper(),
        serial_number=f"00{spelt.serial_number.upper()}",
    )
    with responding(Responder(CA)) as server:
        assert ask(server) is ask(server, shouted)


def test_an_answer_without_an_end_is_asked_for_again():
    with responding(Responder(CA, lasts=None)) as server:
        ask(server)
        ask(server)
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    "responder",
    [
        Responder(CA, lasts=-timedelta(minutes=10), this_update=-timedelta(hours=1)),
        Responder(CA, this_update=timedelta(minutes=10)),
        Responder(CA, status=500),
        lambda asked: Told(200, b"hello"),
        lambda asked: Told(200, b"0\x03\x0a\x01\x03"),  # tryLater
    ],
)
def test_what_is_no_answer_does_not_count(responder):
    with responding(responder) as server, pytest.raises(NoStatus):
        ask(server)


def test_an_answer_about_another_certificate_does_not_count():
    other = issue("Other", CA)

    class Confused(Responder):
        def answer(self, request):
            swapped = ocsp.ocsp.load_der_ocsp_request(ocsp._request(named(other)))
            return super().answer(swapped)

    with responding(Confused(CA)) as server, pytest.raises(NoStatus, match="another"):
        ask(server)


@pytest.mark.parametrize(
    "hashes",
    [
        {"issuer_name_hash": "xyz"}, {"issuer_key_hash": "00"}, {"serial_number": "no"},
        {"hash_algorithm": "MD5"}, {"serial_number": "-1"},
    ],
)  # fmt: skip
def test_hashes_that_name_nothing_are_asked_of_nobody(hashes):
    spelt = named()
    given = {field: getattr(spelt, field) for field in CertificateHash.__dataclass_fields__} | hashes
    with responding(Responder(CA)) as server:
        with pytest.raises(NoStatus, match="hashes"):
            ask(server, CertificateHash(**given))
        assert server.asked == []


def test_by_default_no_responder_in_our_network_is_asked(settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = False
    with responding(Responder(CA)) as server:
        with pytest.raises(NoStatus):
            ask(server)
        assert server.asked == []


# ── signatures ──────────────────────────────────────────────────────────────────────────────────────────


def signed(responder, known):
    with responding(responder) as server:
        return ocsp.is_signed_for(ask(server), named(), [each.certificate for each in known])


def test_the_issuer_may_sign_if_it_is_known():
    assert signed(Responder(CA), [CA])
    assert not signed(Responder(CA), [])
    assert not signed(Responder(CA), [authority("CA")])


def test_the_issuer_may_let_another_sign_for_it():
    assert signed(Responder(CA, delegate=ocsp_signer(CA)), [CA])


@pytest.mark.parametrize(
    "delegate",
    [
        issue("OCSP", CA),  # not allowed to
        ocsp_signer(authority("CA")),  # somebody else's, of the same name
        ocsp_signer(CA, starts=-timedelta(days=9), ends=-timedelta(days=1)),
    ],
)
def test_nobody_else_may(delegate):
    assert not signed(Responder(CA, delegate=delegate), [CA])


def test_a_signature_of_another_key_is_none():
    assert not signed(Responder(authority("CA")), [CA])


def test_an_issuer_that_comes_with_the_answer_is_known_by_its_hash():
    assert signed(Responder(CA, delegate=CA), [])


def test_a_certificate_names_its_responders():
    assert ocsp.responders(issue("L", CA, responder="http://ocsp.example/").certificate) == [
        "http://ocsp.example/"
    ]
    assert list(ocsp.responders(LEAF.certificate)) == []
