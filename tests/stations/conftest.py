"""The cast: `alpha` speaks 1.6, `bravo` 2.0.1; both belong to one network, `stranger` to another."""

import pytest

from emobi.core.models import Network
from stations.models import Station


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture
def alpha(network) -> Station:
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


@pytest.fixture
def bravo(network) -> Station:
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")


@pytest.fixture
def stranger(db) -> Station:
    elsewhere = Network.objects.create(slug="elsewhere", name="Elsewhere")
    return Station.objects.create(network=elsewhere, identity="stranger", ocpp_version="2.0.1")
