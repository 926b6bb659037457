"""From a station's key to its certificate."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from emobi.core import clock, unit_of_work
from emobi.core.models import Event, Network
from stations import selectors
from stations.commands import catalogue
from stations.commands.certificates import CertificateSigned
from stations.commands.outcome import Outcome
from stations.models import Command, CommandState, InstalledCertificate, SigningRequest, Station, Variable
from stations.reports import SigningReport
from stations.services.commanding import command_ends
from stations.services.trust import signing, signing_requests
from tests.certificate_tree import authority, csr, issue
from tests.web_server import Told, serving

V2G = "V2GCertificate"


@pytest.fixture
def network(db):
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture(params=["1.6", "2.0.1"])
def station(request, network):
    return Station.objects.create(
        network=network, identity="CP1", ocpp_version=request.param, serial_number="SN1"
    )


@pytest.fixture
def ca(tmp_path, settings):
    """An authority below a root, in files."""
    root = authority("Root")
    made = authority("CA", root)
    key = made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "ca.key").write_bytes(key)
    (tmp_path / "ca.pem").write_text(made.pem + root.pem)
    settings.EMOBI_CA_KEY = str(tmp_path / "ca.key")
    settings.EMOBI_CA_CERTIFICATE = str(tmp_path / "ca.pem")
    return made


def ask(station, text, **options):
    with unit_of_work.begin():
        return signing_requests.receive(station, SigningReport(csr=text, **options))


def answer(command, status="Accepted"):
    """The station answers the command that brings the chain."""
    state = CommandState.ACCEPTED if status == "Accepted" else CommandState.REJECTED
    Command.objects.filter(pk=command.pk).update(state=CommandState.SENT)
    outcome = Outcome(state=state, status=status)
    with unit_of_work.begin():
        command.refresh_from_db()
        params = catalogue.parse(command.name, command.params)
        command_ends.settle(command, outcome, raw={"status": status})
        signing_requests.taken(command.station, params, outcome)


def only_request():
    return SigningRequest.objects.get()


def test_a_key_becomes_a_certificate_on_the_station(station, ca):
    text, key = csr("SN1")
    assert ask(station, text)
    assert only_request().state == "waiting"
    assert signing.sign_due() == 1
    assert signing.bring_due() == 1
    command = Command.objects.get()
    assert (command.name, command.requested_by) == ("certificate_signed", "system:certificates")
    leaf, issuer = x509.load_pem_x509_certificates(command.params["certificate_chain"].encode())
    leaf.verify_directly_issued_by(ca.certificate)
    assert issuer == ca.certificate
    assert leaf.public_key() == key.public_key()
    assert leaf.subject.rfc4514_string() == "CN=SN1,O=Grid"
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    answer(command)
    request = only_request()
    assert (request.state, request.serial_number) == ("installed", f"{leaf.serial_number:x}")
    asked, _, installed = Event.objects.order_by("sequence")
    assert (asked.type, asked.data["status"]) == ("certificate.sign_requested", "Accepted")
    assert (installed.type, installed.data["subject"]) == ("certificate.installed", "CN=SN1,O=Grid")


def test_without_settings_the_development_authority_signs(station, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    ask(station, csr("SN1")[0])
    assert signing.sign_due() == 1
    root = x509.load_pem_x509_certificate((tmp_path / "tls" / "ca.pem").read_bytes())
    leaf = x509.load_pem_x509_certificate(only_request().chain.encode())
    leaf.verify_directly_issued_by(root)
    assert (tmp_path / "tls" / "ca.key").stat().st_mode & 0o777 == 0o600


def test_a_request_that_is_repeated_is_the_same_request(station, ca):
    text, _ = csr("SN1")
    assert [ask(station, text) for _ in range(3)] == [True] * 3
    assert only_request().repeats == 2
    assert Event.objects.count() == 1


def test_another_key_takes_the_place_of_the_one_before(station, ca):
    ask(station, csr("SN1")[0])
    ask(station, csr("SN1")[0])
    first, second = SigningRequest.objects.order_by("pk")
    assert (first.state, second.state) == ("failed", "waiting")
    assert signing.sign_due() == 1


def test_a_bad_request_is_refused_and_kept_with_the_reason_once(station):
    text, _ = csr("SN9")
    assert [ask(station, text) for _ in range(2)] == [False, False]
    request = only_request()
    assert (request.state, request.repeats) == ("refused", 1)
    assert "SN1" in request.reason
    (event,) = Event.objects.all()
    assert (event.data["status"], event.data["reason"]) == ("Rejected", request.reason)
    assert signing.sign_due() == 0


def test_a_station_that_comes_with_key_after_key_is_turned_down(station, ca, monkeypatch):
    monkeypatch.setattr(signing_requests, "MOST_AN_HOUR", 2)
    first, second = csr("SN1")[0], csr("SN1")[0]
    assert [ask(station, text) for text in (first, second, csr("SN1")[0], csr("SN9")[0])] == [
        True, True, False, False,
    ]  # fmt: skip
    assert ask(station, second)  # the same request
    assert SigningRequest.objects.count() == 2
    with clock.at(clock.wall() + timedelta(hours=1, minutes=1)):
        assert ask(station, csr("SN1")[0])


def test_what_a_station_rejects_ends_there(station, ca):
    ask(station, csr("SN1")[0])
    signing.sign_due()
    signing.bring_due()
    answer(Command.objects.get(), "Rejected")
    assert only_request().state == "rejected"
    assert not Event.objects.filter(type="certificate.installed").exists()
    assert signing.bring_due() == 0


def due_again():
    SigningRequest.objects.update(next_attempt_at=clock.now())


def test_a_chain_that_nobody_answered_for_is_brought_again(station, ca):
    ask(station, csr("SN1")[0])
    signing.sign_due()
    signing.bring_due()
    due_again()
    assert signing.bring_due() == 0  # on its way
    Command.objects.update(state=CommandState.UNKNOWN)
    due_again()
    assert signing.bring_due() == 1
    assert Command.objects.count() == 2


def test_a_chain_that_the_station_cannot_take_is_given_up_with_the_reason(station, ca):
    ask(station, csr("SN1")[0])
    signing.sign_due()
    signing.bring_due()
    Command.objects.update(state=CommandState.FAILED, outcome={"reason": "NotSupported"})
    due_again()
    assert signing.bring_due() == 0
    assert (only_request().state, "NotSupported" in only_request().reason) == ("failed", True)


def test_a_chain_that_is_too_long_for_the_station_isnt_sent(station, ca):
    Variable.objects.create(
        station=station, component="SecurityCtrlr", variable="MaxCertificateChainSize", value="600",
        reported_at=clock.now(),
    )  # fmt: skip
    ask(station, csr("SN1")[0])
    assert signing.sign_due() == 0
    assert "takes 600" in only_request().reason


@pytest.mark.parametrize(
    ("component", "value", "limit"),
    [
        ("SecurityCtrlr", "600", 600),
        ("securityctrlr", "600", 600),
        ("SecurityCtrlr", "20000", 10_000),
        ("SecurityCtrlr", "0", 10_000),
        ("SecurityCtrlr", "many", 10_000),
        ("OtherCtrlr", "600", 10_000),
    ],
)
def test_how_long_a_chain_may_be(station, component, value, limit):
    Variable.objects.create(
        station=station, component=component, variable="MaxCertificateChainSize", value=value,
        reported_at=clock.now(),
    )  # fmt: skip
    assert selectors.longest_chain(station) == limit


def brought_by_hand(station, chain, status, use=None):
    """Whoever operates the station had it signed elsewhere."""
    state = CommandState.ACCEPTED if status == "Accepted" else CommandState.REJECTED
    with unit_of_work.begin():
        asked = CertificateSigned(certificate_chain=chain, certificate_type=use)
        signing_requests.taken(station, asked, Outcome(state=state, status=status))


@pytest.mark.parametrize(("status", "state"), [("Accepted", "installed"), ("Rejected", "rejected")])
def test_a_chain_by_hand_ends_the_request_for_its_key(station, ca, status, state):
    text, key = csr("SN1")
    ask(station, text)
    leaf = issue("SN1", ca, public_key=key.public_key())
    brought_by_hand(station, leaf.pem + ca.pem, status)
    request = only_request()
    assert (request.state, request.chain) == (state, leaf.pem + ca.pem)
    assert request.serial_number == f"{leaf.certificate.serial_number:x}"
    assert signing.sign_due() == 0


@pytest.mark.parametrize(("status", "state"), [("Accepted", "installed"), ("Rejected", "rejected")])
def test_a_chain_by_hand_for_a_key_that_nobody_asked_for_is_kept_with_what_came_of_it(
    station, ca, status, state
):
    leaf = issue("SN1", ca)
    brought_by_hand(station, leaf.pem, status)
    request = only_request()
    assert (request.state, request.use, request.common_name) == (state, "ChargingStationCertificate", "SN1")
    assert request.not_after == leaf.certificate.not_valid_after_utc
    assert request.reason == ("" if status == "Accepted" else "The station says Rejected.")


def test_with_one_key_for_two_uses_each_request_ends_with_its_own_chain(network, ca):
    station = Station.objects.create(
        network=network, identity="CP2", ocpp_version="2.0.1", serial_number="SN1"
    )
    text, key = csr("SN1")
    ask(station, text)
    ask(station, text, use=V2G)
    leaf = issue("SN1", ca, public_key=key.public_key())
    brought_by_hand(station, leaf.pem + ca.pem, "Accepted", use=V2G)
    ended = SigningRequest.objects.filter(state="installed")
    assert [request.use for request in ended] == [V2G]
    assert SigningRequest.objects.count() == 2


def test_what_was_on_its_way_when_the_station_came_with_another_key_is_no_failure(station, ca):
    ask(station, csr("SN1")[0])
    signing.sign_due()
    signing.bring_due()
    ask(station, csr("SN1")[0])
    answer(Command.objects.get(), "Rejected")
    assert [request.state for request in SigningRequest.objects.order_by("pk")] == ["failed", "waiting"]


def external(settings, answer_, token="word"):
    server = serving(answer_)
    settings.EMOBI_CA_TOKEN = token
    return server


def test_an_external_authority_is_asked(station, settings):
    made = authority("External")

    def sign(asked):
        request = x509.load_pem_x509_csr(asked.body)
        leaf = issue("SN1", made, public_key=request.public_key())
        return Told(201, (leaf.pem + made.pem).encode())

    with external(settings, sign) as server:
        settings.EMOBI_CA_URL = f"{server.url}/sign"
        ask(station, csr("SN1")[0], use=V2G) if station.ocpp_version == "2.0.1" else ask(
            station, csr("SN1")[0]
        )
        assert signing.sign_due() == 1
    (asked,) = server.asked
    assert asked.headers["Authorization"] == "Bearer word"
    assert asked.headers["Emobi-Station"] == "CP1"
    assert asked.headers["Emobi-Network"] == "grid"
    assert asked.headers["Emobi-Certificate-Type"] == only_request().use
    # a root stays at home
    assert len(x509.load_pem_x509_certificates(only_request().chain.encode())) == 1


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [
        (422, b"no such station", "refused"),
        (401, b"", "waiting"),
        (503, b"", "waiting"),
        (200, b"no chain", "waiting"),
        (200, issue("SN1", authority("CA")).pem.encode(), "refused"),
    ],
)
def test_what_an_authority_may_say_instead(station, settings, status, body, state):
    with external(settings, lambda asked: Told(status, body)) as server:
        settings.EMOBI_CA_URL = server.url
        ask(station, csr("SN1")[0])
        assert signing.sign_due() == 0
    request = only_request()
    assert request.state == state
    assert request.next_attempt_at > clock.now()


def test_an_authority_that_is_away_is_asked_again_later_and_later():
    assert [signing.delay(attempt).total_seconds() for attempt in (1, 2, 3, 9, 99)] == [
        10, 20, 40, 2560, 3600,
    ]  # fmt: skip


def test_a_certificate_is_renewed_before_it_ends(station, ca, settings):
    ask(station, csr("SN1")[0])
    signing.sign_due()
    signing.bring_due()
    answer(Command.objects.get())
    assert signing.renew_due() == 0
    SigningRequest.objects.update(not_after=datetime.now(UTC) + timedelta(days=29))
    assert signing.renew_due() == 1
    asked = Command.objects.get(name="trigger_message")
    assert asked.params["requested_message"] == "SignChargingStationCertificate"
    assert signing.renew_due() == 0
    with clock.at(clock.wall() + timedelta(days=1, minutes=1)):
        assert signing.renew_due() == 1
    ask(station, csr("SN1")[0])
    with clock.at(clock.wall() + timedelta(days=3)):
        assert signing.renew_due() == 0


def test_the_certificate_of_a_station_with_one_for_all_is_for_both_sides(station, ca):
    ask(station, csr("SN1")[0], combined=True)
    signing.sign_due()
    signing.bring_due()
    assert "certificate_type" not in Command.objects.get().params
    leaf, *_ = x509.load_pem_x509_certificates(only_request().chain.encode())
    usage = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert set(usage) == {ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH}
    assert InstalledCertificate.objects.count() == 0
