"""Certificates that are revoked here."""

import pytest

from emobi.core import clock, ulid
from emobi.core.errors import Invalid
from emobi.core.models import AuditEntry, Network
from stations.models import RevokedCertificate, SigningRequest, SigningState, Station
from stations.services.trust import revocations
from stations.x509_text import fingerprint
from tests.certificate_tree import authority, issue

pytestmark = pytest.mark.django_db
CA = authority("CA")


@pytest.fixture
def network():
    return Network.objects.create(slug="grid", name="Grid")


def revoke(network, holder, reason="key_compromise"):
    return revocations.revoke(network, holder.pem + CA.pem, reason, by="user:a")


def test_a_certificate_is_revoked_once_and_in_its_network_alone(network):
    leaf, other = issue("SN1", CA), Network.objects.create(slug="other", name="Other")
    row, created = revoke(network, leaf)
    again, anew = revoke(network, leaf, "superseded")
    assert (created, anew, again.pk, again.reason) == (True, False, row.pk, "key_compromise")
    shown = [fingerprint(leaf.certificate), fingerprint(CA.certificate)]
    assert revocations.among(network.pk, shown)
    assert not revocations.among(network.pk, shown[1:])
    assert not revocations.among(other.pk, shown)
    entry = AuditEntry.objects.get(action="certificate.revoked")
    assert entry.detail["reason"] == "key_compromise"


def test_one_that_is_on_its_way_is_not_brought(network):
    station, leaf = Station.objects.create(network=network, identity="alpha"), issue("SN1", CA)
    request = SigningRequest.objects.create(
        id=ulid.new(),
        station=station,
        use="ChargingStationCertificate",
        state=SigningState.SIGNED,
        serial_number=f"{leaf.certificate.serial_number:x}",
        created_at=clock.now(),
    )
    revoke(network, leaf)
    request.refresh_from_db()
    assert (request.state, request.reason) == (SigningState.FAILED, "Revoked by user:a.")


def test_what_is_no_certificate_is_not_revoked(network):
    with pytest.raises(Invalid):
        revocations.revoke(network, "hello", "unspecified", by="user:a")
    assert not RevokedCertificate.objects.exists()
