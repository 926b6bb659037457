"""Changes of passwords and security profiles: whatever goes wrong, the station still gets in."""

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid, NotFound
from emobi.core.models import Network
from gateway import handshake
from gateway.client_certificate import ClientCertificate
from gateway.effects import EFFECTS
from gateway.handshake import Admission
from gateway.presented import Request
from stations.commands import catalogue
from stations.commands.certificates import EXAMPLE
from stations.commands.outcome import Outcome
from stations.models import (
    AccessChange,
    Command,
    CommandState,
    Connection,
    GatewayProcess,
    SigningRequest,
    Station,
    Variable,
)
from stations.services.commanding import command_claims, command_ends, commands
from stations.services.presence import connections
from stations.services.presence.connections import Opening
from stations.services.trust import access_changes, credentials

OLD = "the old password"
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])
CERTIFICATE = ClientCertificate(
    organisation="Grid",
    common_name="SN1",
    serial_number="1",
    not_after=datetime(2030, 1, 1, tzinfo=UTC),
    chain=(),
    fingerprints=(),
)


ROOT = {
    "certificate_type": "CSMSRootCertificate",
    "hash_algorithm": "SHA256",
    "issuer_name_hash": "a",
    "issuer_key_hash": "b",
    "serial_number": "1",
    "child_certificates": [],
}


class Time:
    """The clock, for a test to move."""

    def __init__(self):
        self.now = NOON

    def passes(self, seconds):
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time(monkeypatch):
    time = Time()
    monkeypatch.setattr(clock, "wall", lambda: time.now)
    return time


class Charger:
    """A station as its gateway sees it."""

    def __init__(self, station, time):
        self.station, self.time = station, time
        self.password = OLD

    def presents(self, password=None, *, secure=False, certificate=None):
        self.station.refresh_from_db()
        basic = None if password is None else (b"CP1", password.encode())
        return handshake.judge(
            Request(
                network_slug="grid",
                identity="CP1",
                offered=[f"ocpp{self.station.ocpp_version}"],
                basic=basic,
                certificate=certificate,
                secure=secure,
            )
        )

    def comes_in(self, password=None, **how):
        """Whether it gets in; if so it is connected now."""
        verdict = self.presents(password, **how)
        if not isinstance(verdict, Admission):
            return False
        self.time.passes(1)
        connections.open_sockets(
            [
                Opening(
                    station_id=self.station.pk,
                    at=clock.now(),
                    gateway="gateway",
                    version=self.station.ocpp_version,
                    security_profile=verdict.security_profile,
                    password_hash=verdict.password_hash,
                    remote_address="",
                    tls_version="",
                )
            ]
        )
        return True

    def asked(self):
        """The command that waits for it, sent."""
        self.time.passes(1)
        command = Command.objects.select_related("station").get(station=self.station, state="queued")
        params = catalogue.parse(command.name, command.asked_params)
        with unit_of_work.begin():
            command_claims.mark_sent(command, command.pk, 1)
        return command, params

    def answers(self, status="Accepted", state=CommandState.ACCEPTED, **detail):
        command, params = self.asked()
        outcome = Outcome(state=state, status=status, detail=detail)
        with unit_of_work.begin():
            assert command_ends.settle(command, outcome, raw={"status": status})
            effect = EFFECTS.get(command.name)
            if effect:
                effect(self.station, params, outcome)
        self.time.passes(1)
        return command.name, params

    def refuses(self, status="Rejected"):
        return self.answers(status, CommandState.REJECTED)

    def falls_silent(self):
        """It may have done what it was asked; its answer is lost."""
        command, params = self.asked()
        with unit_of_work.begin():
            command_ends.fail(command, CommandState.UNKNOWN, "the connection was lost")
        return command.name, params


@pytest.fixture
def make_charger(db, time):
    network = Network.objects.create(slug="grid", name="Grid")
    GatewayProcess.objects.create(
        name="gateway", host="here", pid=1, lease_until=clock.now() + timedelta(days=9)
    )

    def make(version, profile=1, password=OLD, **columns):
        station = Station.objects.create(
            network=network,
            identity="CP1",
            ocpp_version=version,
            security_profile=profile,
            serial_number="SN1",
            password_hash=credentials.hashed(password) if password else "",
            **columns,
        )
        return Charger(station, time)

    return make


def advance():
    """As the gateway does each second."""
    while access_changes.advance_due():
        pass
    return AccessChange.objects.get()


def value(params):
    (setting,) = params.variables
    return setting.value


def steps(change):
    return [entry["step"] for entry in change.steps]


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────────


def change_password(charger):
    charger.station.refresh_from_db()
    access_changes.change_password(charger.station, by="user:test")


@VERSIONS
def test_a_password_is_changed_and_proved(make_charger, version):
    charger = make_charger(version)
    assert charger.comes_in(OLD)
    change_password(charger)
    name, params = charger.answers()
    assert (name, advance().state) == ("set_config", "running")
    new = value(params)
    assert len(bytes.fromhex(new)) == 20
    assert not charger.comes_in(OLD)  # A01.FR.03
    assert charger.comes_in(new)
    assert advance().state == "succeeded"
    assert new not in str(AccessChange.objects.values_list("steps", "params").get())
    assert new not in str(Command.objects.values_list("params", flat=True).get())


@VERSIONS
def test_a_station_that_refuses_keeps_its_password(make_charger, version):
    charger = make_charger(version)
    change_password(charger)
    _, params = charger.refuses()
    change = advance()
    assert (change.state, "Rejected" in change.reason) == ("failed", True)
    assert not charger.comes_in(value(params))
    assert charger.comes_in(OLD)


@VERSIONS
def test_when_the_answer_is_lost_what_the_station_comes_in_with_settles_it(make_charger, version):
    charger = make_charger(version)
    change_password(charger)
    _, params = charger.falls_silent()
    assert advance().state == "running"
    assert isinstance(charger.presents(OLD), Admission)
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"
    assert not charger.comes_in(OLD)


@VERSIONS
def test_a_station_that_comes_back_with_its_old_password_is_sent_another(make_charger, version):
    charger = make_charger(version)
    change_password(charger)
    for _ in range(2):
        charger.falls_silent()
        advance()
        assert charger.comes_in(OLD)
        assert advance().state == "running"
    _, params = charger.answers()
    advance()
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"


@VERSIONS
def test_what_it_was_sent_before_the_last_try_lets_it_in_too(make_charger, version, time):
    charger = make_charger(version)
    change_password(charger)
    _, first = charger.falls_silent()
    advance()
    assert charger.comes_in(OLD)
    advance()
    _, second = charger.falls_silent()
    advance()
    assert charger.comes_in(value(first))
    # It may still take what was sent after that, but has given up what it had before.
    assert isinstance(charger.presents(value(second)), Admission)
    assert not charger.comes_in(OLD)
    time.passes(601)
    assert charger.comes_in(value(first))
    assert not charger.comes_in(value(second))


def test_so_is_one_that_is_back_before_anybody_has_looked(make_charger):
    charger = make_charger("1.6")
    change_password(charger)
    charger.falls_silent()
    assert charger.comes_in(OLD)
    advance()
    _, params = charger.answers()
    advance()
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"


@VERSIONS
def test_a_station_that_never_answers_keeps_its_old_password(make_charger, version):
    charger = make_charger(version)
    change_password(charger)
    for _ in range(access_changes.MOST_ATTEMPTS):
        charger.falls_silent()
        advance()
        assert charger.comes_in(OLD)
        change = advance()
    assert change.state == "failed"
    assert charger.comes_in(OLD)


def test_a_password_that_counts_from_the_next_restart_is_waited_for(make_charger, time):
    charger = make_charger("1.6")
    change_password(charger)
    _, params = charger.answers("RebootRequired")
    for _ in range(3):
        time.passes(3600)
        assert charger.comes_in(OLD)
        assert advance().state == "running"
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"
    assert not charger.comes_in(OLD)


def test_a_station_that_stays_connected_is_made_to_connect_anew(make_charger, time, monkeypatch):
    let_go = []
    monkeypatch.setattr(connections, "let_go", lambda connection: let_go.append(connection.epoch))
    charger = make_charger("1.6")
    assert charger.comes_in(OLD)
    change_password(charger)
    charger.answers()
    for _ in range(5):
        advance()
        time.passes(4)
    assert let_go == [Connection.objects.get().epoch]


def test_one_change_at_a_time(make_charger):
    charger = make_charger("2.0.1")
    change_password(charger)
    with pytest.raises(Conflict, match="already"):
        change_password(charger)


def test_what_has_no_password_has_none_to_change(make_charger):
    with pytest.raises(Conflict, match="no password"):
        change_password(make_charger("2.0.1", profile=3, password=None))


# ── a change of the password by hand ────────────────────────────────────────────────────────────────────


def set_password(charger, new="a new password!!"):
    setting = {"component": "SecurityCtrlr", "variable": "BasicAuthPassword", "value": new}
    commands.request(
        charger.station.network, charger.station, "set_config", {"variables": [setting]},
        requested_by="user:test", role=access_changes.Role.ADMIN,
    )  # fmt: skip
    return new


def test_after_a_lost_answer_the_new_password_ends_the_old(make_charger):
    charger = make_charger("2.0.1")
    new = set_password(charger)
    charger.falls_silent()
    assert charger.comes_in(new)
    assert not charger.comes_in(OLD)


def test_after_a_lost_answer_the_old_password_ends_the_new_but_not_at_once(make_charger, time):
    charger = make_charger("2.0.1")
    new = set_password(charger)
    charger.falls_silent()
    assert charger.comes_in(OLD)
    assert isinstance(charger.presents(new), Admission)
    time.passes(3600)
    assert charger.comes_in(OLD)
    assert not charger.comes_in(new)


# ── security profiles ───────────────────────────────────────────────────────────────────────────────────


def raise_profile(charger, to, **wanted):
    charger.station.refresh_from_db()
    if charger.station.ocpp_version != "1.6":
        wanted = {"url": "wss://csms.example/ocpp/grid"} | wanted
    access_changes.raise_profile(charger.station, to, by="user:test", **wanted)


def moves(charger):
    """Answer what leads up to the new profile, and say what was asked."""
    seen = []
    while AccessChange.objects.get().state == "running":
        change = advance()
        if not Command.objects.filter(state="queued").exists():
            break
        pending = Command.objects.get(state="queued")
        match pending.name:
            case "list_certificates":
                charger.answers(certificates=[ROOT])
            case "get_config":
                Variable.objects.create(
                    station=charger.station, component="OCPPCommCtrlr",
                    variable="NetworkConfigurationPriority", value="1", reported_at=clock.now(),
                )  # fmt: skip
                charger.answers()
            case _:
                seen.append(charger.answers())
        advance()
    assert change.state == "running"
    return seen


def test_a_16_station_is_raised_by_its_key(make_charger):
    charger = make_charger("1.6")
    raise_profile(charger, 2)
    ((name, params),) = moves(charger)
    assert (name, value(params)) == ("set_config", "2")
    assert isinstance(charger.presents(OLD), Admission)  # it may fall back
    assert charger.comes_in(OLD, secure=True)
    assert advance().state == "succeeded"
    assert not charger.comes_in(OLD)  # A05.FR.07
    charger.station.refresh_from_db()
    assert (charger.station.security_profile, charger.station.upgrading_to) == (2, None)


def test_a_201_station_is_raised_by_a_network_profile_with_the_old_one_behind_it(make_charger):
    charger = make_charger("2.0.1")
    raise_profile(charger, 2, root=EXAMPLE)
    (root, profile, priority, reset) = moves(charger)
    assert (root[0], root[1].certificate) == ("install_certificate", EXAMPLE)
    assert (profile[1].configuration_slot, profile[1].security_profile) == (2, 2)
    assert profile[1].ocpp_csms_url == "wss://csms.example/ocpp/grid"
    assert value(priority[1]) == "2,1"
    assert (reset[0], reset[1].type.value) == ("reset", "OnIdle")
    assert charger.comes_in(OLD)
    assert advance().state == "running"
    assert charger.comes_in(OLD, secure=True)
    assert advance().state == "succeeded"
    assert not charger.comes_in(OLD)


@VERSIONS
def test_for_profile_3_the_station_gets_its_certificate_first(make_charger, version):
    charger = make_charger(version, profile=2)
    raise_profile(charger, 3)
    assert moves(charger)[-1][0] == "trigger_message"
    assert charger.presents(certificate=CERTIFICATE, secure=True).status == 401  # not yet
    SigningRequest.objects.create(
        id="1", station=charger.station, use="ChargingStationCertificate", csr="", digest="",
        state="installed", created_at=clock.now(), ended_at=clock.now(),
    )  # fmt: skip
    advance()
    moves(charger)
    assert isinstance(charger.presents(OLD, secure=True), Admission)
    stranger = dataclasses.replace(CERTIFICATE, common_name="SN2")
    assert not charger.comes_in(certificate=stranger, secure=True)
    assert charger.comes_in(certificate=CERTIFICATE, secure=True)
    assert advance().state == "succeeded"
    assert not charger.comes_in(OLD, secure=True)


@VERSIONS
def test_the_hour_for_its_certificate_begins_when_the_station_is_asked_for_it(make_charger, time, version):
    charger = make_charger(version, profile=2)
    # Said before it was asked, and worked on still: what it is asked for is this.
    request = SigningRequest.objects.create(
        id="1", station=charger.station, use="ChargingStationCertificate", csr="", digest="",
        state="waiting", created_at=clock.now(),
    )  # fmt: skip
    time.passes(1)
    raise_profile(charger, 3)
    time.passes(2 * 3600)  # it is away
    assert moves(charger)[-1][0] == "trigger_message"
    time.passes(3000)
    assert advance().state == "running"
    SigningRequest.objects.filter(pk=request.pk).update(state="installed", ended_at=clock.now())
    advance()
    steps = {each["step"]: each["state"] for each in advance().steps}
    assert steps["request_certificate"] == "done"


def test_a_certificate_that_does_not_come_within_an_hour_ends_the_change(make_charger, time):
    charger = make_charger("1.6", profile=2)
    raise_profile(charger, 3)
    moves(charger)
    time.passes(3601)
    change = advance()
    assert (change.state, "within an hour" in change.reason) == ("failed", True)


def test_a_station_without_a_password_gets_one_and_is_never_shut_out(make_charger):
    charger = make_charger("1.6", profile=0, password=None)
    assert charger.comes_in()
    raise_profile(charger, 1)
    name, params = charger.answers()
    assert name == "set_config"
    assert charger.comes_in()  # before it has taken the profile
    advance()
    charger.answers()
    advance()
    assert charger.comes_in()
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"
    assert not charger.comes_in()


def test_a_first_password_whose_answer_is_lost_is_sent_anew_and_the_one_before_shuts_nobody_out(make_charger):
    charger = make_charger("1.6", profile=0, password=None)
    raise_profile(charger, 1)
    _, lost = charger.falls_silent()
    assert charger.comes_in()  # it may have the password, and needs none
    assert charger.comes_in(value(lost))  # or show it already
    assert not charger.comes_in()
    assert charger.station.profile == 1


@VERSIONS
def test_a_first_password_is_sent_until_it_is_known_that_the_station_has_it(make_charger, version):
    charger = make_charger(version, profile=0, password=None)
    raise_profile(charger, 1)
    _, first = charger.falls_silent()
    assert advance().state == "running"
    assert charger.comes_in()
    _, second = charger.answers()
    assert value(first) != value(second)
    moves(charger)
    assert charger.comes_in()
    assert charger.comes_in(value(second))
    assert advance().state == "succeeded"
    assert not charger.comes_in()
    assert not charger.comes_in(value(first))


def test_a_station_that_never_says_that_it_has_a_password_is_left_without(make_charger):
    charger = make_charger("1.6", profile=0, password=None)
    raise_profile(charger, 1)
    for _ in range(access_changes.MOST_ATTEMPTS):
        _, params = charger.falls_silent()
        change = advance()
    assert change.state == "failed"
    assert "set_config" in change.reason
    assert charger.comes_in()
    assert charger.comes_in("another password")  # profile 0 asks for none
    assert charger.comes_in(value(params))  # it had it after all: from now on it needs it
    assert not charger.comes_in()


def test_a_first_password_that_counts_from_the_next_restart_is_kept(make_charger, time):
    charger = make_charger("1.6", profile=0, password=None)
    raise_profile(charger, 1)
    _, params = charger.answers("RebootRequired")
    advance()
    time.passes(3600)
    assert charger.comes_in()
    charger.answers()  # the profile
    assert advance().state == "running"
    assert charger.comes_in(value(params))
    assert advance().state == "succeeded"
    assert not charger.comes_in()


def test_a_first_password_that_is_refused_is_forgotten(make_charger):
    charger = make_charger("1.6", profile=0, password=None)
    set_password(charger)
    charger.refuses()
    charger.station.refresh_from_db()
    assert charger.station.password_hash == ""


@VERSIONS
@pytest.mark.parametrize("lost", [False, True])
def test_a_station_that_does_not_move_still_gets_in(make_charger, version, lost):
    charger = make_charger(version)
    raise_profile(charger, 2, root=EXAMPLE)
    charger.answers()
    advance()
    if version == "2.0.1":
        Variable.objects.create(
            station=charger.station, component="OCPPCommCtrlr", variable="NetworkConfigurationPriority",
            value="1", reported_at=clock.now(),
        )  # fmt: skip
        charger.answers()
        advance()
        charger.answers()
        advance()
    if lost:
        charger.falls_silent()
        advance()
        assert isinstance(charger.presents(OLD, secure=True), Admission)
    else:
        charger.refuses()
        assert advance().state == "failed"
        charger.station.refresh_from_db()
        assert charger.station.upgrading_to is None
    assert charger.comes_in(OLD)


def test_a_station_that_may_not_be_told_its_profile_is_not_expected_with_it(make_charger):
    charger = make_charger("1.6")
    raise_profile(charger, 2, root=EXAMPLE)
    charger.answers()
    Station.objects.update(registration="rejected")
    assert advance().state == "failed"
    charger.station.refresh_from_db()
    assert charger.station.upgrading_to is None


def test_without_a_root_nothing_is_begun_that_could_fail(make_charger):
    charger = make_charger("2.0.1")
    raise_profile(charger, 2)
    charger.answers("NotFound", certificates=[])
    change = advance()
    assert (change.state, "root" in change.reason) == ("failed", True)
    assert Command.objects.count() == 1


def test_a_station_that_could_not_fall_back_is_not_moved(make_charger):
    charger = make_charger("2.0.1")
    raise_profile(charger, 2, root=EXAMPLE)
    charger.answers()
    advance()
    charger.answers()
    change = advance()
    assert (change.state, "fall back" in change.reason) == ("failed", True)


@pytest.mark.parametrize("to", [0, 1, 2, 4])
def test_a_profile_is_never_lowered(make_charger, to):
    with pytest.raises(Invalid, match="only raised"):
        raise_profile(make_charger("2.0.1", profile=2), to)


@pytest.mark.parametrize(
    ("version", "wanted"),
    [("2.0.1", {"root": "no certificate"}), ("1.6", {"url": "wss://csms.example"})],
)
def test_what_cannot_be_done_is_not_begun(make_charger, version, wanted):
    with pytest.raises(Invalid):
        raise_profile(make_charger(version), 2, **wanted)
    assert not AccessChange.objects.exists()


def test_a_station_of_1_6_isnt_told_a_profile_that_nobody_serves(make_charger, settings):
    settings.EMOBI_OCPP_TLS_BIND, settings.EMOBI_OCPP_URL = "", "ws://csms.example"
    with pytest.raises(Invalid, match="nobody"):
        raise_profile(make_charger("1.6"), 2)
    assert not AccessChange.objects.exists()


def test_a_change_that_is_cancelled_takes_nothing_away(make_charger):
    charger = make_charger("1.6")
    raise_profile(charger, 2)
    moves(charger)
    change = access_changes.cancel(charger.station, AccessChange.objects.get().pk, by="user:test")
    assert change.state == "cancelled"
    assert charger.comes_in(OLD)
    assert charger.comes_in(OLD, secure=True)
    assert access_changes.cancel(charger.station, change.pk, by="user:test").state == "cancelled"
    with pytest.raises(NotFound):
        access_changes.cancel(charger.station, "01KAN3F6VB00C8J4V7Q2M5X9TH", by="user:test")
