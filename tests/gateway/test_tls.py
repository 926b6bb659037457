"""The charger port over TLS: versions, suites, both sides' certificates, and their reload."""

import json
import shutil
import signal
import ssl
from datetime import timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from OpenSSL import SSL

from gateway.client_certificate import client_certificate
from gateway.development_certificates import (
    ensure_development_certificates,
    issue_client_certificate,
)
from gateway.tls import Tls
from tests.gateway.listener_process import (
    TEXT,
    ListenerProcess,
    RawStation,
    frame,
    until,
    until_end,
    upgrade,
)
from tests.gateway.tls_stations import secure, tls, trusting

SUITES = {
    "ECDHE-ECDSA-AES128-GCM-SHA256": (0xC02B, ec.EllipticCurvePublicKey),
    "ECDHE-ECDSA-AES256-GCM-SHA384": (0xC02C, ec.EllipticCurvePublicKey),
    "AES128-GCM-SHA256": (0x009C, rsa.RSAPublicKey),
    "AES256-GCM-SHA384": (0x009D, rsa.RSAPublicKey),
}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return ensure_development_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def listener(tmp_path_factory, certificates):
    with ListenerProcess(tmp_path_factory.mktemp("tls"), ports=[tls(certificates)]) as process:
        yield process


@pytest.fixture(scope="module")
def lenient_listener(tmp_path_factory, certificates):
    """Speaks TLS 1.2 too."""
    ports = [tls(certificates, allow_tls_1_2=True)]
    with ListenerProcess(tmp_path_factory.mktemp("lenient"), ports=ports) as process:
        yield process


@pytest.fixture(scope="module")
def station_certificate(tmp_path_factory, certificates):
    folder = tmp_path_factory.mktemp("station")
    return issue_client_certificate(certificates, folder, organisation="Volt & Söhne", common_name="SN/0815")


def scope_of(sock: ssl.SSLSocket) -> dict[str, Any]:
    with sock:
        sock.sendall(upgrade())
        station = RawStation(sock)
        station.send(frame(TEXT, b"scope"))
        scope: dict[str, Any] = json.loads(station.receive()[1])
        return scope


def server_certificate(sock: ssl.SSLSocket) -> x509.Certificate:
    return x509.load_der_x509_certificate(sock.getpeercert(binary_form=True) or b"")


# Versions and suites


def test_tls_1_3_is_spoken_and_told_to_the_application(listener, certificates):
    with secure(listener, trusting(certificates)) as sock:
        suite, _, _ = sock.cipher() or ("", "", 0)
        assert sock.version() == "TLSv1.3"
        assert sock.compression() is None
        scope = scope_of(sock)
    assert scope["scheme"] == "wss"
    assert scope["extensions"]["tls"] == {
        "server_cert": None,
        "client_cert_chain": [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": 0x0304,
        "cipher_suite": {
            "TLS_AES_128_GCM_SHA256": 0x1301,
            "TLS_AES_256_GCM_SHA384": 0x1302,
            "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
        }[suite],
    }


def test_tls_1_2_is_refused_unless_allowed(listener, certificates):
    context = trusting(certificates)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(ssl.SSLError, match=r"(?i)protocol.version"):
        secure(listener, context)


@pytest.mark.parametrize("suite", SUITES)
def test_tls_1_2_speaks_the_four_suites_of_ocpp_with_the_certificate_of_their_kind(
    lenient_listener, certificates, suite
):
    number, kind = SUITES[suite]
    context = trusting(certificates)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    with secure(lenient_listener, context) as sock:
        assert isinstance(server_certificate(sock).public_key(), kind)
        extension = scope_of(sock)["extensions"]["tls"]
    assert (extension["tls_version"], extension["cipher_suite"]) == (0x0303, number)


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-SHA256", "AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"])
def test_tls_1_2_speaks_no_other_suite(lenient_listener, certificates, suite):
    context = trusting(certificates)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    with pytest.raises(ssl.SSLError, match=r"(?i)handshake.failure"):
        secure(lenient_listener, context)


def test_tls_1_1_is_refused_even_where_1_2_is_allowed(lenient_listener):
    body = b"\x03\x02" + bytes(32) + b"\x00" + b"\x00\x02\xc0\x13" + b"\x01\x00"
    hello = b"\x01" + len(body).to_bytes(3) + body
    with lenient_listener.dial() as sock:
        sock.sendall(b"\x16\x03\x01" + len(hello).to_bytes(2) + hello)
        record = until_end(sock)
    assert record[0] == 21, "an alert"
    assert record[-1] == 70, "protocol_version"


def test_a_session_is_not_resumed_for_it_would_lose_the_station_s_certificate(
    lenient_listener, certificates, station_certificate
):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = trusting(certificates, station_certificate)
        context.maximum_version = version
        with secure(lenient_listener, context) as sock:
            sock.sendall(upgrade())
            RawStation(sock)
            session = sock.session
        with secure(lenient_listener, context, session) as sock:
            assert not sock.session_reused
            assert scope_of(sock)["extensions"]["tls"]["client_cert_chain"]


# The station's certificate


def test_a_station_s_certificate_reaches_the_application(listener, certificates, station_certificate):
    scope = scope_of(secure(listener, trusting(certificates, station_certificate)))
    assert scope["extensions"]["tls"]["client_cert_name"] == "CN=SN/0815,O=Volt & Söhne"
    shown = client_certificate(scope)
    assert shown is not None
    issued = x509.load_pem_x509_certificate(station_certificate.certificate.read_bytes())
    assert (shown.organisation, shown.common_name) == ("Volt & Söhne", "SN/0815")
    assert shown.serial_number == f"{issued.serial_number:x}"
    assert shown.not_after == issued.not_valid_after_utc


def test_a_certificate_of_an_unknown_authority_ends_the_handshake(listener, certificates, tmp_path):
    stranger = ensure_development_certificates(tmp_path)
    own = issue_client_certificate(stranger, tmp_path, organisation="Volt", common_name="SN1")
    assert_refused(listener, trusting(certificates, own), "(?i)unknown.ca")


def test_an_expired_certificate_ends_the_handshake(listener, certificates, tmp_path):
    own = issue_client_certificate(
        certificates, tmp_path, organisation="Volt", common_name="SN1", life=timedelta(hours=-1)
    )
    assert_refused(listener, trusting(certificates, own), "(?i)certificate.expired")


def test_the_server_s_certificate_does_not_serve_a_station(listener, certificates):
    assert_refused(listener, trusting(certificates, certificates.certificates[0]), "(?i)certificate")


def assert_refused(listener: ListenerProcess, context: ssl.SSLContext, alert: str) -> None:
    """A client of TLS 1.3 learns only when it reads that its certificate was refused."""
    with secure(listener, context) as sock, pytest.raises(ssl.SSLError, match=alert):
        sock.recv(1)
    assert until(lambda: "TLS handshake failed" in listener.log)


# Reload


@pytest.fixture
def reloadable(tmp_path, certificates):
    """A listener with a copy of the certificates, and the copy."""
    folder = tmp_path / "copy"
    shutil.copytree(certificates.ca.parent, folder)
    copy = ensure_development_certificates(folder)
    with ListenerProcess(tmp_path, ports=[tls(copy)]) as process:
        yield process, copy


def test_a_reload_serves_new_certificates_and_drops_no_socket(reloadable, tmp_path):
    listener, copy = reloadable
    context = trusting(copy)
    with secure(listener, context) as old:
        old.sendall(upgrade())
        station = RawStation(old)
        for pair in copy.certificates:
            pair.certificate.unlink()
        ensure_development_certificates(copy.ca.parent)
        listener.signal(signal.SIGHUP)
        until(lambda: "Certificates reloaded" in listener.log)
        with secure(listener, context) as new:
            assert server_certificate(new) != server_certificate(old)
        station.send(frame(TEXT, b"still here"))
        assert station.receive() == (TEXT, b"still here")


def test_a_reload_of_damaged_files_changes_nothing(reloadable):
    listener, copy = reloadable
    with secure(listener, trusting(copy)) as sock:
        before = server_certificate(sock)
    copy.certificates[1].key.write_text("damaged")
    listener.signal(signal.SIGHUP)
    until(lambda: "The certificates stay as they were" in listener.log)
    with secure(listener, trusting(copy)) as sock:
        assert server_certificate(sock) == before


def test_a_key_that_is_not_the_certificate_s_is_an_error_at_the_start(certificates):
    ecdsa, rsa_ = certificates.certificates
    with pytest.raises(SSL.Error):
        Tls([(ecdsa.certificate, rsa_.key)])


def test_a_missing_file_is_an_error_at_the_start(tmp_path):
    with pytest.raises(SSL.Error):
        Tls([(tmp_path / "none.pem", tmp_path / "none.key")])
