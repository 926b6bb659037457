"""The certificates that are made where the operator has none yet."""

import stat
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store

from emobi.core import clock
from gateway.development_certificates import (
    DevelopmentCertificates,
    KeyPair,
    ensure_development_certificates,
    issue_client_certificate,
)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return ensure_development_certificates(tmp_path_factory.mktemp("certificates"), ["charge.example"])


def loaded(pair: KeyPair) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pair.certificate.read_bytes())


def contents(certificates: DevelopmentCertificates) -> list[bytes]:
    return [path.read_bytes() for pair in certificates.certificates for path in pair]


def authority(certificates: DevelopmentCertificates) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificates.ca.read_bytes())


@pytest.mark.parametrize("name", ["charge.example", "localhost", "127.0.0.1", "::1"])
@pytest.mark.parametrize("number", [0, 1], ids=["ECDSA", "RSA"])
def test_a_station_that_trusts_the_authority_verifies_the_server(certificates, name, number):
    try:
        subject = x509.IPAddress(ip_address(name))
    except ValueError:
        subject = x509.DNSName(name)
    policy = PolicyBuilder().store(Store([authority(certificates)]))
    policy.build_server_verifier(subject).verify(loaded(certificates.certificates[number]), [])


def test_the_server_has_a_key_of_each_kind(certificates):
    ecdsa, rsa_ = (loaded(pair).public_key() for pair in certificates.certificates)
    assert isinstance(ecdsa, ec.EllipticCurvePublicKey)
    assert isinstance(rsa_, rsa.RSAPublicKey)
    assert rsa_.key_size == 2048


def test_the_server_s_certificate_names_the_endpoint(certificates):
    for pair in certificates.certificates:
        (common_name,) = loaded(pair).subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        assert common_name.value == "charge.example"


def test_only_the_rsa_key_may_encipher_keys(certificates):
    usages = [
        loaded(pair).extensions.get_extension_for_class(x509.KeyUsage).value
        for pair in certificates.certificates
    ]
    assert [usage.digital_signature for usage in usages] == [True, True]
    assert [usage.key_encipherment for usage in usages] == [False, True]


def test_no_server_certificate_lasts_longer_than_825_days(certificates):
    for certificate in map(loaded, certificates.certificates):
        life = certificate.not_valid_after_utc - certificate.not_valid_before_utc
        assert life <= timedelta(days=825)
        assert certificate.not_valid_before_utc < datetime.now(UTC)


def test_keys_are_readable_by_their_owner_alone(certificates):
    for key in (certificates.ca_key, *(pair.key for pair in certificates.certificates)):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_second_run_finds_the_same(certificates):
    before = contents(certificates)
    assert ensure_development_certificates(certificates.ca.parent, ["charge.example"]) == certificates
    assert contents(certificates) == before


def test_processes_that_start_together_get_the_same(tmp_path):
    starts = [Thread(target=ensure_development_certificates, args=[tmp_path]) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    certificates = ensure_development_certificates(tmp_path)
    for pair in certificates.certificates:
        loaded(pair).verify_directly_issued_by(authority(certificates))


def test_another_name_takes_another_certificate_of_the_same_authority(tmp_path):
    before = ensure_development_certificates(tmp_path)
    ca = before.ca.read_bytes()
    files = contents(before)
    after = ensure_development_certificates(tmp_path, ["charge.example"])
    assert after.ca.read_bytes() == ca
    assert not set(contents(after)) & set(files)


@pytest.mark.parametrize(("days_left", "renewed"), [(31, False), (29, True)])
def test_a_certificate_is_renewed_in_its_last_30_days(tmp_path, days_left, renewed):
    certificates = ensure_development_certificates(tmp_path)
    ca = certificates.ca.read_bytes()
    before = contents(certificates)
    ends = min(loaded(pair).not_valid_after_utc for pair in certificates.certificates)
    with clock.at(ends - timedelta(days=days_left)):
        ensure_development_certificates(tmp_path)
    assert (contents(certificates) != before) is renewed
    assert certificates.ca.read_bytes() == ca


def test_with_a_new_authority_the_server_s_certificates_are_new_too(tmp_path):
    certificates = ensure_development_certificates(tmp_path)
    certificates.ca.unlink()
    ensure_development_certificates(tmp_path)
    for pair in certificates.certificates:
        loaded(pair).verify_directly_issued_by(authority(certificates))


def test_a_certificate_without_its_key_is_made_anew(tmp_path):
    ecdsa, rsa_ = ensure_development_certificates(tmp_path).certificates
    rsa_.key.write_bytes(ecdsa.key.read_bytes())
    before = rsa_.certificate.read_bytes()
    ensure_development_certificates(tmp_path)
    assert rsa_.certificate.read_bytes() != before


def test_a_damaged_file_is_an_error(tmp_path):
    ensure_development_certificates(tmp_path).ca.write_text("damaged")
    with pytest.raises(ValueError, match="PEM"):
        ensure_development_certificates(tmp_path)


def test_a_station_s_certificate_carries_operator_and_serial_number(certificates, tmp_path):
    pair = issue_client_certificate(certificates, tmp_path, organisation="Volt", common_name="../SN 1")
    certificate = loaded(pair)
    assert certificate.subject.rfc4514_string() == "CN=../SN 1,O=Volt"
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    certificate.verify_directly_issued_by(authority(certificates))
    assert pair.certificate.parent == tmp_path
    assert stat.S_IMODE(pair.key.stat().st_mode) == 0o600
