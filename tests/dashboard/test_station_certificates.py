"""The certificates of a station: their chains, and what is known of their revocation."""

import re
from base64 import b64encode
from dataclasses import asdict
from datetime import timedelta
from html import unescape

import pytest
from cryptography.x509 import ocsp

from emobi.core import clock
from stations import known_revocations, x509_text
from stations.known_revocations import Told
from stations.models import RevokedCertificate
from stations.services.trust import installed_certificates
from tests.certificate_tree import Responder, authority, issue
from tests.dashboard.state import exchange
from tests.statements import counted

ROOT = authority("Root")
UPPER = authority("Upper", ROOT)
LOWER = authority("Lower", UPPER)
LEAF = issue("Leaf", LOWER)
ISSUERS = {"root": (ROOT, ROOT), "upper": (UPPER, ROOT), "lower": (LOWER, UPPER), "leaf": (LEAF, LOWER)}


def named(name):
    return x509_text.hash_of(*(each.certificate for each in ISSUERS[name]))


@pytest.fixture
def chain(bravo):
    """By name; kept in an order that isn't theirs, as where the leaf was renewed."""

    def keep(name, use="V2GCertificateChain", **columns):
        said = {**asdict(named(name)), "digest": installed_certificates.digest(named(name)), **columns}
        return bravo.installed_certificates.create(use=use, listed_at=clock.wall(), **said)

    leaf = installed_certificates.digest(named("leaf"))
    return {
        "upper": keep("upper", parent_digest=leaf),
        "lower": keep("lower", parent_digest=leaf),
        "leaf": keep("leaf"),
        "lost": keep("leaf", digest="x", parent_digest="y", serial_number="77"),
        "root": keep("root", "V2GRootCertificate", pem=x509_text.pem([ROOT.certificate])),
    }


def asks(station, name, responder=None, **failure):
    """The station asks about one of them, and is told what its responder says."""
    hashes = named(name)
    spelt = {
        **hashes.payload,
        "serialNumber": f"00{hashes.serial_number.upper()}",
        "responderURL": "http://x",
    }
    if responder is None:
        told = failure
    else:
        question = ocsp.OCSPRequestBuilder().add_certificate(
            *(each.certificate for each in ISSUERS[name]), x509_text.ALGORITHMS["SHA256"]
        )
        told = {"status": "Accepted", "ocspResult": b64encode(responder.answer(question.build())).decode()}
    return exchange(station, "GetCertificateStatus", {"ocspRequestData": spelt}, told)


def shown(client):
    """Of each row its type and its revocation."""
    html = " ".join(unescape(client.get("/stations/bravo/certificates/").content.decode()).split())
    row = r'<tr><th scope="row">(.*?)</th>.*?data-label="Revocation" class="wrap">(.*?)</td>'
    return [tuple(re.sub("<[^>]*>", " ", each) for each in found) for found in re.findall(row, html)]


def test_a_chain_stands_from_its_leaf_to_its_root(chain, viewer):
    where = [re.sub(" +", " ", row[0]).strip() for row in shown(viewer)]
    assert where == [
        "V2GCertificateChain 1 of 3 in its chain",
        "V2GCertificateChain 2 of 3 in its chain",
        f"V2GCertificateChain 3 of 3 in its chain issued by the root {chain['root'].serial_number}",
        "V2GCertificateChain below another",
        "V2GRootCertificate",
    ]


def test_what_is_known_of_a_revocation_is_told(network, bravo, chain, viewer):
    assert [row[1].strip() for row in shown(viewer)] == ["not asked lately"] * 4 + ["–"]
    responder = Responder(LOWER)
    asks(bravo, "leaf", responder)
    responder.revoked = {LEAF.certificate.serial_number}
    newest = asks(bravo, "leaf", responder)
    asks(bravo, "lower", Responder(UPPER, lasts=-timedelta(hours=1), this_update=-timedelta(hours=2)))
    asks(
        bravo, "upper", status="Failed", statusInfo={"reasonCode": "X", "additionalInfo": "it is <b>away</b>"}
    )
    exchange(bravo, "GetCertificateStatus", {"ocspRequestData": {"serialNumber": 7}}, {"status": "Failed"})
    RevokedCertificate.objects.create(
        network=network, fingerprint="f", serial_number=named("root").serial_number, reason="unspecified",
        revoked_at=clock.now(), revoked_by="user:ada",
    )  # fmt: skip
    with counted() as statements:
        leaf, lower, upper, _, root = (row[1] for row in shown(viewer))
    assert len(statements) <= 12
    assert re.search("Revoked +by its authority since 20", leaf)
    assert f'href="/messages/{newest}/"' in viewer.get("/stations/bravo/certificates/").content.decode()
    assert "Good" in lower
    assert "that ended 20" in lower
    assert "No answer" in upper
    assert "away" in upper
    # The number is another's: its fingerprint says so.
    assert root.strip() == "–"
    RevokedCertificate.objects.update(fingerprint=x509_text.fingerprint(ROOT.certificate))
    assert "here," in shown(viewer)[-1][1]


def test_what_cannot_be_read_is_no_status(bravo, chain):
    asks(bravo, "leaf", status="Accepted", ocspResult="AAAA")
    asks(bravo, "lower", status="Accepted", ocspResult="?")
    about = known_revocations.of(bravo, list(chain.values()))
    for name in ("leaf", "lower"):
        assert about[chain[name].pk].answer.told is Told.NOTHING
    assert about[chain["upper"].pk].answer is None
