"""Who gets in: paths, subprotocols, credentials."""

import pytest

from stations.models import Connection, RefusedHandshake
from tests.gateway.listener_process import until
from tests.gateway.whole.charger import Charger, refusal


@pytest.mark.parametrize("path", ["/1.6/{}/alpha", "/2.0.1/{}/alpha", "/ocpp/{}/alpha", "//ocpp//{}//alpha/"])
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_a_station_gets_in_by_every_path_and_speaks_the_version_of_its_subprotocol(
    gateway, alpha, version, path
):
    with alpha.connect(gateway, version, path=path.format(alpha.station.network.slug)) as charger:
        assert charger.subprotocol == f"ocpp{version}"
        assert charger.boot()["status"] == "Accepted"
    connection = Connection.objects.get(pk=alpha.station.pk)
    assert (connection.ocpp_version, connection.security_profile) == (version, 1)
    alpha.station.refresh_from_db()
    assert alpha.station.ocpp_version == version
