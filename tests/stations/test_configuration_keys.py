import pytest

from stations import configuration_keys
from stations.configuration_keys import OWN, VARIABLES, Place


@pytest.mark.parametrize("key", VARIABLES)
def test_every_standard_key_comes_back_from_its_place(key):
    assert configuration_keys.key(*configuration_keys.place(key)) == key


def test_no_two_keys_share_a_place():
    assert len(set(VARIABLES.values())) == len(VARIABLES)


def test_keys_have_no_case():
    assert configuration_keys.place("heartbeatINTERVAL") == Place("OCPPCommCtrlr", "HeartbeatInterval")
    assert configuration_keys.key("ocppcommctrlr", "heartbeatinterval") == "HeartbeatInterval"


def test_an_instance_belongs_to_the_name():
    assert configuration_keys.key("OCPPCommCtrlr", "MessageAttempts") is None
    assert (
        configuration_keys.key("OCPPCommCtrlr", "MessageAttempts", "TransactionEvent")
        == "TransactionMessageAttempts"
    )


def test_a_vendors_key_keeps_its_name_under_a_component_of_its_own():
    assert configuration_keys.place("X-Vendor.Key") == Place(OWN, "X-Vendor.Key")
    assert configuration_keys.key(OWN, "X-Vendor.Key") == "X-Vendor.Key"


def test_long_keys_that_begin_alike_are_told_apart():
    one, other = (configuration_keys.place("k" * 60 + tail) for tail in "ab")
    assert one != other
    assert len(one.variable) == len(other.variable) == 50


def test_a_variable_that_1_6_has_no_key_for_has_none():
    assert configuration_keys.key("EVSE", "Power") is None
    assert configuration_keys.key(OWN, "BlinkRepeat", "instance") is None
