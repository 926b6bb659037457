"""Certificates of stations that were revoked: by us, or by their authority, over real TLS and real OCSP."""

import pytest
from django.conf import settings

from gateway.development_certificates import ensure_development_certificates
from stations.models import Deviation, RefusedHandshake
from stations.services.trust import revocations
from tests.certificate_tree import Responder, authority, issue
from tests.gateway.listener_process import until
from tests.gateway.tls_stations import trusting
from tests.gateway.whole.charger import refusal
from tests.gateway.whole.gateway_process import free_port
from tests.web_server import serving

SERIAL, OPERATOR = "VS-4711", "Example"
CA = authority("CA of the operator")


@pytest.fixture(scope="module")
def make_trusting(make_gateway, tmp_path_factory):
    """A gateway that trusts the operator's authority, and asks responders of this machine."""
    trusted = tmp_path_factory.mktemp("authority") / "ca.pem"
    trusted.write_text(CA.pem)

    def make(**more):
        return make_gateway(EMOBI_TLS_CLIENT_CA=str(trusted), EMOBI_OCSP_ALLOW_PRIVATE="1", **more)

    return make


@pytest.fixture(scope="module")
def lenient(make_trusting):
    return make_trusting()


@pytest.fixture(scope="module")
def strict(make_trusting):
    return make_trusting(EMOBI_OCSP_STRICT="1")


@pytest.fixture(scope="module")
def responder():
    answers = Responder(CA)
    with serving(answers) as server:
        answers.url, answers.asked = server.url, server.asked
        yield answers


@pytest.fixture
def golf(register, make_network):
    network = make_network(operator_name=OPERATOR)
    return register("golf", network, security_profile=3, serial_number=SERIAL)


@pytest.fixture
def show(lenient, tmp_path):
    """A certificate of the station, and its side of TLS with it."""
    server = ensure_development_certificates(settings.EMOBI_DATA_DIR / "tls", ["127.0.0.1"])

    def make(responder_url=None):
        holder = issue(SERIAL, CA, responder=responder_url)
        file = tmp_path / f"{holder.certificate.serial_number:x}.pem"
        file.write_bytes(holder.pem.encode() + holder.key_pem)
        context = trusting(server)
        context.load_cert_chain(file)
        return holder, context

    return make


def kept(station, reason):
    return until(
        lambda: (
            RefusedHandshake.objects.filter(identity=station.identity, network=station.network)
            .filter(reason=reason)
            .first()
        )
    )


def test_a_good_certificate_gets_in_and_comes_back_without_a_question(lenient, golf, show, responder):
    _, tls = show(responder.url)
    before = len(responder.asked)
    for _ in range(3):
        with golf.connect(lenient, tls=tls) as charger:
            charger.heartbeat()
    assert len(responder.asked) == before + 1
    assert not Deviation.objects.filter(station=golf.station).exists()


def test_one_that_its_authority_revoked_does_not(lenient, golf, show, responder):
    holder, tls = show(responder.url)
    responder.revoked.add(holder.certificate.serial_number)
    assert refusal(lenient, golf.path, tls=tls).status_code == 401
    assert "Its authority revoked it: since 20" in kept(golf.station, "certificate revoked").detail


def test_a_dead_responder_keeps_nobody_out_but_is_noted(lenient, golf, show):
    _, tls = show(f"http://127.0.0.1:{free_port()}")
    with golf.connect(lenient, tls=tls) as charger:
        charger.heartbeat()
    noted = Deviation.objects.get(station=golf.station)
    assert (noted.path, noted.rule) == ("client certificate", "RevocationUnknown")
    assert "ConnectionRefusedError" in noted.detail


def test_unless_it_is_to(strict, golf, show, responder):
    _, tls = show(f"http://127.0.0.1:{free_port()}")
    refused = refusal(strict, golf.path, tls=tls)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert "ConnectionRefusedError" in kept(golf.station, "revocation not known").detail
    for url in (responder.url, None):
        with golf.connect(strict, tls=show(url)[1]) as charger:
            charger.heartbeat()


def test_one_that_we_revoke_lets_its_station_go_which_comes_back_with_another(lenient, golf, show):
    holder, tls = show()
    with golf.connect(lenient, tls=tls) as charger:
        charger.heartbeat()
        revocations.revoke(golf.station.network, holder.pem, "key_compromise", by="user:test")
        assert charger.closed_with()[0] == 1001
    assert refusal(lenient, golf.path, tls=tls).status_code == 401
    assert kept(golf.station, "certificate revoked").detail == "It was revoked here."
    with golf.connect(lenient, tls=show()[1]) as charger:
        charger.heartbeat()
