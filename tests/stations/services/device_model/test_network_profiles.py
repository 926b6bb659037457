import pytest

from stations import network_profiles as known
from stations.commands import catalogue
from stations.commands.outcome import Outcome
from stations.models import CommandState, NetworkProfile, Variable
from stations.services.device_model import network_profiles
from tests.stations.telling import NOON, after, tell, tell_at

HOME = {"configuration_slot": 1, "ocpp_csms_url": "wss://one.example/ocpp", "security_profile": 2}
APN = {
    "apn": "internet",
    "apn_authentication": "PAP",
    "apn_user_name": "sim",
    "apn_password": "hush",
    "sim_pin": 4711,
}
VPN = {"server": "vpn.example", "user": "u", "password": "hush", "key": "hush", "type": "IPSec"}
ACCEPTED = Outcome(state=CommandState.ACCEPTED, status="Accepted")


def asked(**more):
    return catalogue.parse("set_network_profile", HOME | more)


def order(station, value, **more):
    Variable.objects.update_or_create(
        station=station, component="OCPPCommCtrlr", variable="NetworkConfigurationPriority",
        defaults={"value": value, "reported_at": NOON} | more,
    )  # fmt: skip


def test_what_is_accepted_is_kept_without_its_secrets(bravo):
    tell(network_profiles.was_set, bravo, asked(apn=APN, vpn=VPN, ocpp_interface="Wireless0"), ACCEPTED)
    row = NetworkProfile.objects.get()
    assert (row.configuration_slot, row.ocpp_csms_url, row.security_profile) == (
        1,
        "wss://one.example/ocpp",
        2,
    )
    assert (row.ocpp_interface, row.ocpp_version, row.ocpp_transport) == ("Wireless0", "OCPP20", "JSON")
    assert (row.message_timeout_s, row.accepted_at) == (30, NOON)
    assert (row.apn["apn"], row.apn["apn_password"], row.apn["sim_pin"]) == ("internet", "***", "***")
    assert (row.vpn["server"], row.vpn["password"], row.vpn["key"]) == ("vpn.example", "***", "***")
    assert "hush" not in str(NetworkProfile.objects.values().get())


def test_a_password_in_the_address_is_not_kept(bravo):
    tell(network_profiles.was_set, bravo, asked(ocpp_csms_url="wss://me:hush@one.example/ocpp"), ACCEPTED)
    assert NetworkProfile.objects.get().ocpp_csms_url == "wss://me:***@one.example/ocpp"


def test_a_slot_has_what_was_accepted_last(bravo):
    for _ in range(2):
        tell(network_profiles.was_set, bravo, asked(vpn=VPN), ACCEPTED)
    tell_at(after(5), network_profiles.was_set, bravo, asked(security_profile=3), ACCEPTED)
    row = NetworkProfile.objects.get()
    assert (row.security_profile, row.vpn, row.accepted_at) == (3, None, after(5))


@pytest.mark.parametrize("status", ["Rejected", "Failed"])
def test_what_is_refused_changes_nothing(bravo, status):
    tell(network_profiles.was_set, bravo, asked(), ACCEPTED)
    refused = Outcome(state=CommandState.REJECTED, status=status)
    tell(network_profiles.was_set, bravo, asked(security_profile=3), refused)
    assert NetworkProfile.objects.get().security_profile == 2


def test_order_and_slot_in_use_are_as_the_station_told_them(bravo):
    tell(network_profiles.was_set, bravo, asked(configuration_slot=5), ACCEPTED)
    (alone,) = known.slots(bravo)
    assert (alone.number, alone.priority, alone.active, alone.after_reboot) == (5, None, None, False)
    order(bravo, "5, 1", reboot_required=True)
    Variable.objects.create(
        station=bravo, component="OCPPCommCtrlr", variable="ActiveNetworkProfile", value="1", reported_at=NOON
    )
    home, new = known.slots(bravo)
    assert (home.number, home.priority, home.active, home.profile) == (1, 2, True, None)
    assert (new.number, new.priority, new.active, new.after_reboot) == (5, 1, False, True)
    assert new.profile is not None
    assert known.order(bravo) == ["5", "1"]


@pytest.mark.parametrize("said", [None, "", ",,", "x", "-1", "9" * 40, "１"])
def test_an_order_that_is_none_names_no_slot(bravo, said):
    order(bravo, said)
    assert known.slots(bravo) == []
