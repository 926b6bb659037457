"""Keys that a station of 1.6 has no more are not in its device model any more."""

import pytest

from gateway.ocpp16 import get_configuration
from stations.commands.configuration import GetConfig, VariableName
from stations.models import Variable
from stations.services.device_model import gone_keys, variables
from tests.stations.telling import NOON, tell

KEYS = {"GetConfigurationMaxKeys": "20", "HeartbeatInterval": "300", "AcmeLight": "1"}


def read(station, told, *names, unknown=()):
    """What it tells, asked for these keys or for all."""
    known = [{"key": key, "readonly": False, "value": value} for key, value in told.items()]
    outcome = get_configuration.decode({"configurationKey": known, "unknownKey": list(unknown)})
    asked = GetConfig(variables=tuple(VariableName(key=name) for name in names))
    tell(variables.store, station, outcome.variables)
    tell(gone_keys.forget, station, asked, outcome)


def kept(station):
    return sorted(Variable.objects.filter(station=station).values_list("variable", flat=True))


ALL = ["AcmeLight", "HeartbeatInterval", "ItemsPerMessage"]


def test_a_key_that_it_says_that_it_does_not_know_is_gone(alpha):
    read(alpha, KEYS)
    assert kept(alpha) == ALL
    read(alpha, {}, "ACMELIGHT", "Never", unknown=["ACMELIGHT", "Never"])
    assert kept(alpha) == ["HeartbeatInterval", "ItemsPerMessage"]


def test_a_key_that_was_not_asked_for_stays(alpha):
    read(alpha, KEYS)
    read(alpha, {"HeartbeatInterval": "60"}, "HeartbeatInterval")
    assert kept(alpha) == ALL


@pytest.mark.parametrize(
    ("told", "is_all"),
    [
        ({"getConfigurationMaxKeys": "20", "HeartbeatInterval": "300"}, True),
        ({"GetConfigurationMaxKeys": "1", "HeartbeatInterval": "300"}, True),
        # Cut short, perhaps: of the length that it takes, or without the key that says so.
        ({"GetConfigurationMaxKeys": "2", "HeartbeatInterval": "300"}, False),
        ({"HeartbeatInterval": "300"}, False),
        ({}, False),
    ],
)
def test_a_key_that_is_not_among_all_is_gone(alpha, told, is_all):
    read(alpha, KEYS)
    read(alpha, told)
    assert kept(alpha) == ([] if is_all else ["AcmeLight"]) + ["HeartbeatInterval", "ItemsPerMessage"]


def test_what_nobody_may_read_and_what_no_key_holds_stays(alpha, bravo):
    for component, variable, key in (
        ("SecurityCtrlr", "BasicAuthPassword", "AuthorizationKey"),
        ("FiscalMetering", "Model", ""),
    ):
        Variable.objects.create(
            station=alpha, component=component, variable=variable, key=key, reported_at=NOON
        )
    read(bravo, KEYS)
    read(alpha, {"GetConfigurationMaxKeys": "20"})
    assert kept(alpha) == ["BasicAuthPassword", "ItemsPerMessage", "Model"]
    assert len(kept(bravo)) == 3
