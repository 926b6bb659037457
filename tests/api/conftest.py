"""The cast: `alpha` speaks 1.6, `bravo` 2.0.1; both belong to one network, `stranger` to another."""

import pytest

from emobi.core.models import Network
from emobi.core.services import api_keys
from stations.models import Station
from tests.api.calling import Caller


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture
def elsewhere(db) -> Network:
    return Network.objects.create(slug="elsewhere", name="Elsewhere")


@pytest.fixture
def alpha(network) -> Station:
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


@pytest.fixture
def bravo(network) -> Station:
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")


@pytest.fixture
def stranger(elsewhere) -> Station:
    return Station.objects.create(network=elsewhere, identity="stranger", ocpp_version="2.0.1")


def key(network: Network, role: str) -> str:
    return api_keys.create(network, role, "tests")[1]


@pytest.fixture
def viewer(network) -> Caller:
    return Caller(key(network, "viewer"))


@pytest.fixture
def operator(network) -> Caller:
    return Caller(key(network, "operator"))


@pytest.fixture
def engineer(network) -> Caller:
    return Caller(key(network, "engineer"))


@pytest.fixture
def admin(network) -> Caller:
    return Caller(key(network, "admin"))


@pytest.fixture
def nobody(db) -> Caller:
    return Caller(None)
