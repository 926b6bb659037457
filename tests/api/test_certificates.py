"""Certificates in the API."""

import pytest

from emobi.core import unit_of_work
from emobi.core.models import AuditEntry
from stations.commands.certificates import EXAMPLE, InstallCertificate
from stations.commands.outcome import Outcome
from stations.models import CommandState, SigningRequest
from stations.reports import SigningReport
from stations.services.trust import installed_certificates, signing_requests
from tests.certificate_tree import authority, csr, issue

ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")


def install(station, root, use="MORootCertificate"):
    with unit_of_work.begin():
        asked = InstallCertificate(certificate_type=use, certificate=root.pem)
        installed_certificates.installed(station, asked, ACCEPTED)


def test_what_a_station_has_is_listed(bravo, alpha, viewer):
    roots = [authority(f"Root {number}") for number in range(3)]
    for root in roots:
        install(bravo, root)
    install(alpha, roots[0])
    listed = viewer.all("/stations/bravo/certificates", 2)
    assert [each["certificate"] for each in listed] == [root.pem for root in roots]
    first = listed[0]
    assert (first["subject"], first["listed_at"], first["is_child"]) == ("CN=Root 0,O=Example", None, False)
    assert first["serial_number"] == f"{roots[0].certificate.serial_number:x}"


def test_keys_that_were_to_be_signed_are_listed_with_what_came_of_them(bravo, viewer):
    bravo.serial_number = "SN1"
    with unit_of_work.begin():
        for name in ("SN1", "SN2"):
            signing_requests.receive(bravo, SigningReport(csr=csr(name, "Grid")[0]))
    refused, waiting = viewer.all("/stations/bravo/signing-requests", 1)
    assert (waiting["state"], waiting["common_name"], waiting["reason"]) == ("waiting", "SN1", None)
    assert refused["state"] == "refused"
    assert "SN2" in refused["reason"]
    assert SigningRequest.objects.count() == 2


def test_a_certificate_is_revoked_and_its_signing_request_says_so(bravo, admin, operator, viewer):
    leaf = issue("SN1", authority("CA"))
    bravo.serial_number = "SN1"
    with unit_of_work.begin():
        signing_requests.receive(bravo, SigningReport(csr=csr("SN1", "Grid")[0]))
    serial = f"{leaf.certificate.serial_number:x}"
    SigningRequest.objects.update(serial_number=serial, state="installed")
    assert viewer.all("/stations/bravo/signing-requests", 1)[0]["revoked_at"] is None
    given = {"certificate": leaf.pem, "reason": "key_compromise"}
    operator.post("/revoked-certificates", given, expect=403)
    revoked = admin.post("/revoked-certificates", given)
    assert (revoked["serial_number"], revoked["reason"]) == (serial, "key_compromise")
    assert admin.post("/revoked-certificates", given, expect=200) == revoked
    assert viewer.all("/revoked-certificates", 1) == [revoked]
    assert viewer.all("/stations/bravo/signing-requests", 1)[0]["revoked_at"] == revoked["revoked_at"]
    admin.post("/revoked-certificates", {"certificate": "hello"}, expect=422)


def test_roots_are_added_listed_and_removed(bravo, admin, viewer, network):
    install(bravo, authority("By a station"))
    given = {"certificate_type": "MORootCertificate", "certificate": EXAMPLE}
    added = admin.post("/root-certificates", given)
    assert added["subject"] == "CN=Example root,O=Example"
    admin.post("/root-certificates", given, expect=409)
    assert len(installed_certificates.contract_roots(network.pk)) == 2
    assert [each["id"] for each in viewer.all("/root-certificates", 1)][-1] == added["id"]
    admin.delete(f"/root-certificates/{added['id']}")
    admin.delete(f"/root-certificates/{added['id']}", expect=404)
    assert len(viewer.all("/root-certificates", 5)) == 1
    told = AuditEntry.objects.filter(action__startswith="root_certificate")
    actions = list(told.order_by("pk").values_list("action", flat=True))
    assert actions == ["root_certificate.added", "root_certificate.removed"]


@pytest.mark.parametrize("text", ["hello", EXAMPLE * 2])
def test_what_is_no_root_is_refused(admin, text):
    problem = admin.post(
        "/root-certificates", {"certificate_type": "V2GRootCertificate", "certificate": text}, expect=422
    )
    assert "certificate" in str(problem)
