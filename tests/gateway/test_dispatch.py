"""A batch that is rolled back is done again with the same pieces."""

from datetime import UTC, datetime

import pytest

from emobi.core.models import Network
from gateway import dispatch
from gateway.dispatch import Line, Piece, Received
from gateway.frames import Call
from gateway.versions import BY_VERSION
from sessions.models import ChargingSession
from stations.models import Connection, Frame, GatewayProcess, Station
from stations.services.log import frames

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
START = {"connectorId": 1, "idTag": "GOOD", "meterStart": 12, "timestamp": "2026-11-22T12:00:00Z"}


class Poison(Piece):
    def run(self, station):
        raise ValueError("poison")


@pytest.fixture
def line(db):
    frames.keep_partitions(NOON.date())
    network = Network.objects.create(slug="grid", name="Grid")
    station = Station.objects.create(
        network=network, identity="alpha", registration="accepted", quirks={"energy_factor": 1000}
    )
    process = GatewayProcess.objects.create(
        name="gateway-1", host="here", pid=1, lease_until=datetime(2100, 1, 1, tzinfo=UTC)
    )
    socket = Connection.objects.create(
        station=station,
        epoch=7,
        gateway=process.name,
        ocpp_version="1.6",
        security_profile=0,
        opened_at=NOON,
        last_heard_at=NOON,
    )
    return Line(station_id=station.pk, network_id=network.pk, adapter=BY_VERSION["1.6"], epoch=socket.epoch)


@pytest.mark.django_db
def test_a_correction_is_made_once_though_the_batch_is_done_twice(line):
    said = Received(
        at=NOON, line=line, action="StartTransaction", call=Call("1", "StartTransaction", START), text="[]"
    )
    with pytest.raises(ValueError, match="poison"):
        dispatch.run([said, Poison(at=NOON)])
    assert not Frame.objects.exists()
    dispatch.run([said])
    assert ChargingSession.objects.get().meter_start_wh == 12_000
