"""Which keys may be signed."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from stations import signing_rules
from stations.signing_rules import Unsuitable
from tests.certificate_tree import csr, name


def test_a_request_is_read():
    text, _ = csr("SN1", "Grid")
    wanted = signing_rules.read(text)
    assert (wanted.common_name, wanted.organization, wanted.key_type) == ("SN1", "Grid", "EC secp256r1")


def test_the_same_key_is_the_same_request():
    text, key = csr("SN1")
    assert signing_rules.read(csr("SN1", key=key)[0]).digest == signing_rules.read(text).digest
    assert signing_rules.read(csr("SN1")[0]).digest != signing_rules.read(text).digest


@pytest.mark.parametrize(
    "key", [rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP224R1())]
)
def test_the_shortest_keys_that_ocpp_allows_will_do(key):
    assert signing_rules.read(csr("SN1", key=key)[0]).key_type in ("RSA 2048", "EC secp224r1")


def test_other_keys_will_not():
    short = rsa.generate_private_key(65537, 1024)
    with pytest.raises(Unsuitable, match="2048"):
        signing_rules.read(csr("SN1", key=short)[0])
    edwards = ed25519.Ed25519PrivateKey.generate()
    request = x509.CertificateSigningRequestBuilder().subject_name(name("SN1")).sign(edwards, None)
    with pytest.raises(Unsuitable, match="neither"):
        signing_rules.read(request.public_bytes(Encoding.PEM).decode())


def test_who_has_no_key_gets_no_certificate_for_it():
    request = x509.load_pem_x509_csr(csr("SN1")[0].encode())
    der = bytearray(request.public_bytes(Encoding.DER))
    at = bytes(der).index(b"SN1")
    der[at : at + 3] = b"SN2"
    forged = x509.load_der_x509_csr(bytes(der)).public_bytes(Encoding.PEM).decode()
    with pytest.raises(Unsuitable, match="signature"):
        signing_rules.read(forged)


@pytest.mark.parametrize(
    "text", ["", "hello", "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"]
)
def test_what_cannot_be_read_is_not_signed(text):
    with pytest.raises(Unsuitable, match="read"):
        signing_rules.read(text)


@pytest.mark.parametrize(
    ("common_name", "organization", "serial_number", "why"),
    [
        ("SN1", "grid", "SN1", None),
        ("SN2", "Grid", "SN1", "CN"),
        ("SN1", "Other", "SN1", "O must be Grid"),
        ("SN1", "Grid", "", "serial number"),
    ],
)
def test_a_station_gets_a_certificate_in_its_own_name_only(common_name, organization, serial_number, why):
    wanted = signing_rules.read(csr(common_name, organization)[0])
    if why is None:
        signing_rules.check_station(wanted, serial_number=serial_number, operator="Grid")
    else:
        with pytest.raises(Unsuitable, match=why):
            signing_rules.check_station(wanted, serial_number=serial_number, operator="Grid")


def test_one_of_several_names_proves_nothing():
    key = ec.generate_private_key(ec.SECP256R1())
    twice = x509.Name([*name("SN1", "Grid"), *name("SN2", "Grid")])
    request = x509.CertificateSigningRequestBuilder().subject_name(twice).sign(key, SHA256())
    wanted = signing_rules.read(request.public_bytes(Encoding.PEM).decode())
    assert (wanted.common_name, wanted.organization) == ("", "")
