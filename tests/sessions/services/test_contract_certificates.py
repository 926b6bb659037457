"""Contracts that EVs show, with real certificates and a real OCSP responder."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from emobi.core.models import Network
from sessions.reports import CertificateStatus, ContractReport
from sessions.services import contract_certificates
from stations import x509_text
from stations.models import RootCertificate
from tests.certificate_tree import Responder, authority, issue, ocsp_signer
from tests.web_server import Told, serving

EMAID = "DE8AAA1A2B3C4D5"
ROOT = authority("MO root")


@pytest.fixture
def network(db, settings):
    settings.EMOBI_OCSP_ALLOW_PRIVATE = True
    network = Network.objects.create(slug="grid", name="Grid")
    trust(network, ROOT)
    return network


def trust(network, holder, use="MORootCertificate"):
    RootCertificate.objects.create(
        network=network, use=use, pem=holder.pem, fingerprint=x509_text.fingerprint(holder.certificate)
    )


@contextmanager
def contract(**options):
    """A contract below an authority; each has its responder."""
    signer = options.pop("signer", None)
    with serving(lambda asked: responders[asked.path](asked)) as server:
        sub = authority("MO sub", ROOT, responder=f"{server.url}/root")
        leaf = issue(EMAID, sub, responder=f"{server.url}/sub", **options)
        responders = {"/root": Responder(ROOT), "/sub": Responder(sub)}
        if signer:
            responders["/sub"].delegate = signer(sub)
        yield leaf, sub, responders


def whole(leaf, sub, emaid=EMAID):
    return ContractReport(emaid=emaid, chain=leaf.pem + sub.pem)


def by_hashes(leaf, sub, url):
    hashes = (
        (x509_text.hash_of(leaf.certificate, sub.certificate), f"{url}/sub"),
        (x509_text.hash_of(sub.certificate, ROOT.certificate), f"{url}/root"),
    )
    return ContractReport(emaid=EMAID, hashes=hashes)


def verdict(network, report):
    return contract_certificates.verify(network.pk, report).status


def url_of(leaf):
    return contract_certificates.ocsp.responders(leaf.certificate)[0].rpartition("/")[0]


def test_a_good_contract_is_accepted_with_its_whole_chain(network):
    with contract() as (leaf, sub, _):
        assert verdict(network, whole(leaf, sub)) == CertificateStatus.ACCEPTED


def test_a_good_contract_is_accepted_by_the_hashes_of_a_chain_that_the_station_verified(network):
    with contract(signer=ocsp_signer) as (leaf, sub, _):
        trust(network, sub)
        assert verdict(network, by_hashes(leaf, sub, url_of(leaf))) == CertificateStatus.ACCEPTED


@pytest.mark.parametrize("which", ["leaf", "sub"])
def test_a_revoked_one_is_not_whether_itself_or_above(network, which):
    with contract() as (leaf, sub, responders):
        revoked, path = (leaf, "/sub") if which == "leaf" else (sub, "/root")
        responders[path].revoked.add(revoked.certificate.serial_number)
        assert verdict(network, whole(leaf, sub)) == CertificateStatus.REVOKED


def test_one_that_ended_is_not(network):
    with contract(starts=-timedelta(days=9), ends=-timedelta(days=1)) as (leaf, sub, _):
        assert verdict(network, whole(leaf, sub)) == CertificateStatus.EXPIRED


def test_one_of_another_network_is_not(network):
    other = Network.objects.create(slug="other", name="Other")
    with contract() as (leaf, sub, _):
        assert verdict(other, whole(leaf, sub)) == CertificateStatus.CHAIN_ERROR


def test_nobody_charges_on_anothers_contract(network):
    with contract() as (leaf, sub, _):
        assert verdict(network, whole(leaf, sub, "DE8AAA1A2B3C4D6")) == CertificateStatus.CHAIN_ERROR


def test_a_root_for_something_else_is_no_root_for_contracts(network):
    RootCertificate.objects.update(use="CSMSRootCertificate")
    with contract() as (leaf, sub, _):
        assert verdict(network, whole(leaf, sub)) == CertificateStatus.CHAIN_ERROR


@pytest.mark.parametrize("what", ["unknown", "down", "forged"])
def test_what_cannot_be_found_out_is_not_let_in(network, what):
    with contract() as (leaf, sub, responders):
        match what:
            case "unknown":
                responders["/sub"].unknown.add(leaf.certificate.serial_number)
            case "down":
                responders["/sub"] = lambda asked: Told(503)
            case "forged":
                responders["/sub"].issuer = authority("MO sub")
        assert verdict(network, whole(leaf, sub)) == CertificateStatus.CHAIN_ERROR


def test_a_chain_without_responders_cannot_be_found_out(network):
    sub = authority("MO sub", ROOT)
    assert verdict(network, whole(issue(EMAID, sub), sub)) == CertificateStatus.CHAIN_ERROR


def test_the_station_may_name_the_responders_of_a_chain_that_does_not(network):
    sub = authority("MO sub", ROOT)
    leaf = issue(EMAID, sub)
    responders = {"/root": Responder(ROOT), "/sub": Responder(sub)}
    with serving(lambda asked: responders[asked.path](asked)) as server:
        hashes = by_hashes(leaf, sub, server.url).hashes
        report = ContractReport(emaid=EMAID, chain=leaf.pem + sub.pem, hashes=hashes)
        assert verdict(network, report) == CertificateStatus.ACCEPTED


@pytest.mark.parametrize("text", ["hello", ROOT.pem])
def test_what_is_no_contract_is_none(network, text):
    report = ContractReport(emaid=EMAID, chain=text)
    assert verdict(network, report) == CertificateStatus.CHAIN_ERROR
