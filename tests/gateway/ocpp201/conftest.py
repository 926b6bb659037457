"""The cast: `bravo` speaks 2.0.1; what drivers show is GOOD, BLOCKED, EXPIRED or nobody's."""

from datetime import UTC, datetime

import pytest

from emobi.core.models import Network
from sessions.models import IdToken, TokenStatus
from stations.models import Station


@pytest.fixture
def network(db) -> Network:
    network = Network.objects.create(slug="grid", name="Grid")
    IdToken.objects.create(network=network, id_token="GOOD", group="FAMILY")
    IdToken.objects.create(network=network, id_token="BLOCKED", status=TokenStatus.BLOCKED)
    IdToken.objects.create(network=network, id_token="EXPIRED", expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    return network


@pytest.fixture
def bravo(network) -> Station:
    return Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")
