from dataclasses import replace

import pytest

from emobi.core import clock, ulid, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry
from stations.models import Command, CommandState, Monitor, Registration, Station, Variable
from stations.reports import BootReport, VariableReport
from stations.services.device_model import boots, inventories, variables
from stations.services.presence import connections
from stations.services.presence.connections import Opening
from stations.services.registry import registration
from stations.services.trust import credentials
from tests.stations.telling import NOON, after, tell, tell_at, told, types

BOOT = BootReport(
    vendor="Wallworks", model="W1", serial_number="S-1", firmware_version="1.0", iccid="8931", imsi="2040"
)


def test_a_registered_station_gets_a_password_for_both_versions(network):
    station, password = registration.register(network, "CP1")
    assert station.registration == Registration.ACCEPTED
    assert password is not None
    assert 16 <= len(password.encode()) <= 20
    assert len(password) <= 40
    assert credentials.matching(station.pk, station.password_hash, password.encode())
    assert password not in str(Station.objects.values().get()) + str(AuditEntry.objects.values().get())


def test_a_given_password_is_taken_as_it_is(network):
    station, password = registration.register(network, "CP1", password="correct horse battery")
    assert password == "correct horse battery"
    assert credentials.matching(station.pk, station.password_hash, b"correct horse battery")


@pytest.mark.parametrize("password", ["", "x" * 15, "x" * 41, "sixteen letters\n.", "nul\0nul\0nul\0nul\0"])
def test_a_password_that_no_version_takes_is_refused(network, password):
    with pytest.raises(Invalid) as refused:
        registration.register(network, "CP1", password=password)
    assert refused.value.field == "password"
    assert not Station.objects.exists()


@pytest.mark.parametrize("profile", [0, 3])
def test_profiles_that_use_no_password_get_none(network, profile):
    station, password = registration.register(network, "CP1", security_profile=profile)
    assert password is None
    assert station.password_hash == ""


def test_the_networks_profile_counts_where_the_station_has_none(network):
    network.security_profile = 3
    network.save()
    assert registration.register(network, "CP1")[1] is None
    assert registration.register(network, "CP2", security_profile=1)[1] is not None


def test_a_network_that_asks_for_no_password_has_stations_with_one(network):
    network.security_profile = 0
    network.save()
    station, password = registration.register(network, "CP1")
    assert (station.profile, station.has_password) == (0, True)
    assert password is not None


@pytest.mark.parametrize(
    "identity",
    [
        "",
        "x" * 49,
        "a:b",
        "a/b",
        "tab\t",
        "nul\0",
        "line\n",
        " CP1",
        "CP1 ",
        ".",
        "..",
        "\u202ereversed",
        "half\ud800",
    ],
)
def test_an_identity_that_no_url_can_hold_is_refused(network, identity):
    with pytest.raises(Invalid) as refused:
        registration.register(network, identity)
    assert refused.value.field == "identity"


@pytest.mark.parametrize("identity", ["CP_1-a", "RDAM|123", "Säule 7", "*", "x" * 48, "%41"])
def test_identities_hold_whatever_a_url_can_hold(network, identity):
    assert registration.register(network, identity)[0].identity == identity


def test_identities_differ_in_more_than_case(network, stranger):
    registration.register(network, "CP1")
    with pytest.raises(Conflict, match="cp1"):
        registration.register(network, "cp1")
    assert registration.register(stranger.network, "cp1")


def test_registering_is_in_the_audit_log(network):
    registration.register(network, "CP1", by="user:alice", address="10.0.0.1", tags=["depot"])
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.target) == ("user:alice", "station.created", "CP1")
    assert entry.address == "10.0.0.1"


# ── strangers ───────────────────────────────────────────────────────────────────────────────────────────


def test_a_stranger_is_listed_as_pending_with_the_password_it_came_with(network):
    station = registration.adopt_unknown(network, "CP1", b"\xff not text")
    assert station.registration == Registration.PENDING
    assert credentials.matching(station.pk, station.password_hash, b"\xff not text")
    assert not credentials.matching(station.pk, station.password_hash, b"other")


def test_a_stranger_without_a_password_has_none(network):
    assert registration.adopt_unknown(network, "CP1", None).password_hash == ""


def test_a_station_that_is_known_isnt_adopted_again(network, alpha):
    with pytest.raises(Conflict):
        registration.adopt_unknown(network, "ALPHA", b"password of somebody else")
    alpha.refresh_from_db()
    assert alpha.password_hash == ""


def test_strangers_are_listed_up_to_a_bound(network, monkeypatch):
    monkeypatch.setattr(registration, "MOST_STRANGERS", 2)
    registration.adopt_unknown(network, "CP1", None)
    registration.adopt_unknown(network, "CP2", None)
    with pytest.raises(Conflict):
        registration.adopt_unknown(network, "CP3", None)


# ── boot ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_boot_is_kept_and_told(alpha):
    assert tell(registration.boot, alpha, BOOT) == Registration.ACCEPTED
    stored = Station.objects.get(pk=alpha.pk)
    assert (stored.vendor, stored.model, stored.serial_number) == ("Wallworks", "W1", "S-1")
    assert (stored.firmware_version, stored.iccid, stored.imsi) == ("1.0", "8931", "2040")
    assert stored.booted_at == alpha.booted_at == NOON
    assert told(alpha) == [
        (
            "station.booted",
            {
                "vendor": "Wallworks", "model": "W1", "serial_number": "S-1", "firmware_version": "1.0",
                "reason": None, "iccid": "8931", "imsi": "2040", "station_time": None,
                "received_at": clock.iso(NOON),
            },
        )
    ]  # fmt: skip


def test_a_boot_that_says_nothing_new_is_told_again_after_five_minutes_only(alpha):
    for seconds in (0, 30, 299, 301, 330):
        tell_at(after(seconds), registration.boot, alpha, BOOT)
    assert [data["received_at"] for _, data in told(alpha)] == [clock.iso(NOON), clock.iso(after(301))]


@pytest.mark.parametrize(
    "change", [{"firmware_version": "1.1"}, {"reason": "PowerUp"}, {"serial_number": "S-2"}]
)
def test_a_boot_that_says_something_new_is_told_at_once(alpha, change):
    tell(registration.boot, alpha, BOOT)
    tell_at(after(1), registration.boot, alpha, BootReport(**vars(BOOT) | change))
    assert types(alpha) == ["station.booted", "station.booted"]


def test_a_boot_that_was_only_asked_for_is_none(alpha):
    tell(registration.boot, alpha, BootReport(**vars(BOOT) | {"reason": "PowerUp"}))
    tell_at(after(1), registration.boot, alpha, BootReport(**vars(BOOT) | {"reason": "Triggered"}))
    assert types(alpha) == ["station.booted"]
    assert Station.objects.get(pk=alpha.pk).boot_reason == "PowerUp"


@pytest.mark.parametrize(
    ("state", "boots"), [("accepted", 2), ("scheduled", 2), ("unknown", 2), ("rejected", 1), ("failed", 1)]
)
def test_a_boot_that_follows_a_reset_of_ours_is_told(alpha, state, boots):
    tell(registration.boot, alpha, BOOT)
    Command.objects.create(
        id=ulid.new(),
        network=alpha.network,
        station=alpha,
        name="reset",
        state=state,
        sent_at=after(10),
        expires_at=after(70),
    )
    for seconds in (20, 30):
        tell_at(after(seconds), registration.boot, alpha, BOOT)
    assert types(alpha) == ["station.booted"] * boots


@pytest.mark.parametrize(
    ("reason", "triggered", "waits"),
    [(None, False, False), (None, True, True), ("PowerUp", True, False), ("Triggered", False, True)],
)
def test_what_waited_for_a_reboot_is_in_force_after_a_boot(alpha, reason, triggered, waits):
    Variable.objects.create(
        station=alpha, component="C", variable="V", reboot_required=True, reported_at=NOON
    )
    if triggered:
        Command.objects.create(
            id="T", network=alpha.network, station=alpha, name="trigger_message", state=CommandState.ACCEPTED,
            params={"requested_message": "BootNotification"}, requested_by="user:alice",
            expires_at=after(60), sent_at=NOON, ended_at=NOON,
        )  # fmt: skip
    tell_at(after(1), registration.boot, alpha, BootReport(**vars(BOOT) | {"reason": reason}))
    assert Variable.objects.get().reboot_required is waits


def test_what_was_set_in_the_batch_of_a_boot_is_in_force_after_it(alpha):
    tell(registration.boot, alpha, BOOT)
    with unit_of_work.begin(), clock.at(after(1)):
        boots.expect(alpha)
        assert not boots.of(alpha).waits
        variables.store(alpha, [VariableReport(component="C", variable="V")], reboot_required=True)
        registration.boot(alpha, BOOT)
    assert not Variable.objects.get().reboot_required


def test_boots_of_one_batch_follow_one_another(alpha):
    with unit_of_work.begin(), clock.at(NOON):
        for firmware_version in ("1.0", "1.0", "1.1"):
            registration.boot(alpha, replace(BOOT, firmware_version=firmware_version))
    assert types(alpha) == ["station.booted", "station.booted"]
    assert Station.objects.get().firmware_version == alpha.firmware_version == "1.1"


def test_what_a_boot_leaves_out_keeps_its_last_value(alpha):
    tell(registration.boot, alpha, BOOT)
    tell_at(after(1), registration.boot, alpha, BootReport(vendor="Wallworks", model="W1"))
    assert Station.objects.get(pk=alpha.pk).serial_number == "S-1"
    assert types(alpha) == ["station.booted"]


def test_texts_that_are_too_long_are_cut(alpha):
    tell(registration.boot, alpha, BootReport(vendor="v" * 300, model="m", reason="r" * 60))
    alpha.refresh_from_db()
    assert (len(alpha.vendor), len(alpha.boot_reason)) == (255, 50)


def test_a_pending_station_waits_and_is_told_so_until_it_is_accepted(alpha):
    registration.set_registration(alpha, "pending", by="user:alice")
    assert tell(registration.boot, alpha, BOOT) == Registration.PENDING
    assert tell_at(after(60), registration.boot, alpha, BOOT) == Registration.PENDING
    assert types(alpha) == ["station.pending"]
    registration.set_registration(alpha, "accepted", by="user:alice")
    assert tell_at(after(120), registration.boot, alpha, BOOT) == Registration.ACCEPTED
    assert types(alpha) == ["station.pending", "station.booted"]


def test_a_station_with_monitors_is_asked_for_them_once_it_is_told_that_it_is_accepted(bravo):
    told_of = {"component": "EVSE", "variable": "Power", "type": "Delta", "value": 1, "severity": 5}
    Monitor.objects.create(station=bravo, monitor_id=1, reported_at=NOON, **told_of)
    registration.set_registration(bravo, "pending", by="user:alice")
    assert tell(registration.boot, bravo, BOOT) == Registration.PENDING
    registration.set_registration(bravo, "accepted", by="user:alice")
    assert tell_at(after(60), registration.boot, bravo, BOOT) == Registration.ACCEPTED
    assert Command.objects.filter(name="get_monitoring_report").count() == 1
    bravo.refresh_from_db()
    assert bravo.told_registration == Registration.ACCEPTED


def test_the_interval_that_an_accepted_station_is_told_is_kept(alpha, settings):
    settings.EMOBI_HEARTBEAT_INTERVAL_S = 240
    tell(registration.boot, alpha, BOOT)
    assert Station.objects.get(pk=alpha.pk).negotiated_heartbeat_s == 240
    registration.change(alpha, {"heartbeat_interval_s": 60}, by="user:alice")
    assert Station.objects.get(pk=alpha.pk).negotiated_heartbeat_s == 240
    tell_at(after(1), registration.boot, alpha, BOOT)
    assert Station.objects.get(pk=alpha.pk).negotiated_heartbeat_s == alpha.heartbeat_s == 60
    assert types(alpha) == ["station.booted"]


def test_a_station_that_waits_is_told_no_interval_of_heartbeats(alpha):
    registration.set_registration(alpha, "pending", by="user:alice")
    tell(registration.boot, alpha, BOOT)
    assert Station.objects.get(pk=alpha.pk).negotiated_heartbeat_s is None


def test_a_rejected_stations_boot_is_kept_and_not_told(alpha):
    registration.set_registration(alpha, "rejected", by="user:alice")
    assert tell(registration.boot, alpha, BOOT) == Registration.REJECTED
    assert Station.objects.get(pk=alpha.pk).vendor == "Wallworks"
    assert types(alpha) == []


def test_a_decision_made_meanwhile_counts(alpha):
    as_it_was = Station.objects.get(pk=alpha.pk)
    registration.set_registration(alpha, "rejected", by="user:alice")
    assert tell(registration.boot, as_it_was, BOOT) == Registration.REJECTED
    assert as_it_was.registration == Registration.REJECTED


def test_the_serial_number_that_a_certificate_has_to_name_isnt_the_stations_to_change(network):
    station, _ = registration.register(network, "CP1", security_profile=3, serial_number="S-0")
    station.ocpp_version = "2.0.1"
    station.save()
    tell(registration.boot, station, BOOT)
    assert Station.objects.get(pk=station.pk).serial_number == "S-0"


# ── what it is made of ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("cast", "name"), [("alpha", "get_config"), ("bravo", "get_base_report")])
def test_a_station_is_read_at_its_first_boot_and_as_something_else(cast, name, request):
    station = request.getfixturevalue(cast)
    tell(registration.boot, station, BOOT)
    tell(registration.boot, station, BOOT)
    assert [asked.name for asked in Command.objects.all()] == [name]
    tell(registration.boot, station, replace(BOOT, iccid="8932"))
    assert Command.objects.count() == 1
    tell(registration.boot, station, replace(BOOT, firmware_version="2.0"))
    asked = Command.objects.order_by("pk").last()
    assert Command.objects.count() == 2
    assert (asked.name, asked.requested_by, asked.state) == (name, inventories.ASKER, CommandState.QUEUED)


@pytest.mark.parametrize(
    ("before", "after", "name"), [("1.6", "2.0.1", "get_base_report"), ("2.0.1", "1.6", "get_config")]
)
def test_a_station_is_read_anew_when_it_speaks_another_version(bravo, before, after, name):
    open_as(bravo, before)
    tell(registration.boot, bravo, BOOT)
    Command.objects.all().delete()
    open_as(bravo, before)
    tell(registration.boot, bravo, BOOT)
    assert not Command.objects.exists()
    open_as(bravo, after)
    tell(registration.boot, bravo, BOOT)
    assert [asked.name for asked in Command.objects.all()] == [name]


def open_as(station, version):
    opening = Opening(
        station_id=station.pk, at=clock.now(), gateway="g", version=version, security_profile=0,
        remote_address="", tls_version="",
    )  # fmt: skip
    connections.open_sockets([opening])
    station.refresh_from_db()


def test_a_station_that_isnt_let_in_is_read_when_it_is(bravo):
    registration.set_registration(bravo, Registration.PENDING, by="user:op")
    tell(registration.boot, bravo, BOOT)
    assert not Command.objects.exists()
    registration.set_registration(bravo, Registration.ACCEPTED, by="user:op")
    tell(registration.boot, bravo, BOOT)
    assert Command.objects.get().params["report_base"] == "FullInventory"


def test_a_network_may_read_nothing_by_itself(bravo):
    bravo.network.reads_device_model = False
    bravo.network.save()
    tell(registration.boot, bravo, BOOT)
    assert not Command.objects.exists()


# ── changes ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_change_is_kept_with_what_was_before(alpha):
    changes = {
        "heartbeat_interval_s": 60, "tags": ["depot"], "site": "Harbour", "maintenance": True,
        "allowed_versions": ["1.6"], "quirks": {"no_trigger": True}, "security_profile": 2,
        "serial_number": "S",
    }  # fmt: skip
    registration.change(alpha, changes, by="key:ek_1", address="10.0.0.1")
    stored = Station.objects.get(pk=alpha.pk)
    assert {name: getattr(stored, name) for name in changes} == changes
    detail = AuditEntry.objects.get().detail
    assert detail["heartbeat_interval_s"] == {"from": None, "to": 60}
    assert detail["tags"] == {"from": [], "to": ["depot"]}


def test_a_changed_password_replaces_the_old_one_and_is_in_no_log(alpha):
    registration.change(alpha, {"password": "the old one of it"}, by="key:ek_1")
    registration.change(alpha, {"password": "the new one of it"}, by="key:ek_1")
    assert credentials.matching(alpha.pk, alpha.password_hash, b"the new one of it")
    assert not credentials.matching(alpha.pk, alpha.password_hash, b"the old one of it")
    assert [entry.detail for entry in AuditEntry.objects.all()] == [{"password": "changed"}] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"registration": "maybe"},
        {"security_profile": 4},
        {"security_profile": "x"},
        {"password": "short"},
        {"password": None},
        {"serial_number": "x" * 256},
        {"allowed_versions": ["1.5"]},
        {"allowed_versions": "1.6"},
        {"heartbeat_interval_s": 0},
        {"heartbeat_interval_s": 86401},
        {"quirks": []},
        {"quirks": {"a": {"b": 1}}},
        {"tags": ["x" * 121]},
        {"tags": ["x"] * 51},
        {"site": "line\n"},
        {"maintenance": "perhaps"},
        {"identity": "CP2"},
        {"vendor": "other"},
    ],
)
def test_what_cant_be_taken_is_refused_whole(alpha, changes):
    with pytest.raises(Invalid) as refused:
        registration.change(alpha, {"site": "Harbour"} | changes, by="key:ek_1")
    assert refused.value.field == next(iter(changes))
    assert Station.objects.get(pk=alpha.pk).site == ""
    assert not AuditEntry.objects.exists()
