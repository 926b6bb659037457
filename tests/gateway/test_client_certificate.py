"""Reading the certificate that a station showed."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from gateway.client_certificate import ClientCertificate, client_certificate
from stations import x509_text
from tests.certificate_tree import authority

ORGANISATION, COMMON_NAME = NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME
AUTHORITY = authority("CA")
NOT_AFTER = datetime(2040, 1, 1, tzinfo=UTC)


def shown(*subject: tuple[x509.ObjectIdentifier, str]) -> ClientCertificate | None:
    """What is read of a certificate with this subject."""
    name = x509.Name([x509.NameAttribute(kind, value) for kind, value in subject])
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(0xC0FFEE)
        .not_valid_before(NOT_AFTER - timedelta(days=1))
        .not_valid_after(NOT_AFTER)
        .sign(key, SHA256())
    )
    chain = [certificate.public_bytes(Encoding.PEM).decode(), AUTHORITY.pem]
    return client_certificate({"extensions": {"tls": {"client_cert_chain": chain}}})


def test_holder_number_and_end_are_read():
    found = shown((ORGANISATION, "Volt & Söhne"), (COMMON_NAME, "SN/0815"))
    assert found is not None
    assert found == ClientCertificate(
        organisation="Volt & Söhne",
        common_name="SN/0815",
        serial_number="c0ffee",
        not_after=NOT_AFTER,
        chain=found.chain,
        fingerprints=found.fingerprints,
    )


def test_all_of_its_chain_can_be_told_apart():
    found = shown((COMMON_NAME, "SN/0815"))
    assert found is not None
    assert found.chain[1] == AUTHORITY.pem
    assert found.fingerprints[1] == x509_text.fingerprint(AUTHORITY.certificate)
    assert len(set(found.fingerprints)) == 2


@pytest.mark.parametrize(
    "subject", [[], [(ORGANISATION, "Volt"), (ORGANISATION, "Watt"), (COMMON_NAME, "1"), (COMMON_NAME, "2")]]
)
def test_a_subject_with_none_or_several_proves_nothing(subject):
    certificate = shown(*subject)
    assert certificate is not None
    assert (certificate.organisation, certificate.common_name) == (None, None)


@pytest.mark.parametrize("extensions", [{}, {"tls": {"client_cert_chain": []}}], ids=["ws", "wss"])
def test_a_station_that_showed_none_has_none(extensions):
    assert client_certificate({"extensions": extensions}) is None


def test_what_is_no_certificate_is_an_error():
    with pytest.raises(ValueError, match="PEM"):
        client_certificate({"extensions": {"tls": {"client_cert_chain": ["damaged"]}}})
