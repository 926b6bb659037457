from datetime import timedelta

import pytest

from emobi.core import clock
from stations.models import Command, Connection, Connectivity, Station
from stations.services.presence import liveness


@pytest.fixture
def quiet(alpha):
    """Alpha, connected, and not heard for a day."""
    long_ago = clock.now() - timedelta(days=1)
    Connection.objects.create(
        station=alpha, epoch=1, gateway="g", ocpp_version="1.6", security_profile=0, opened_at=long_ago,
        last_heard_at=long_ago,
    )  # fmt: skip
    Station.objects.filter(pk=alpha.pk).update(connectivity=Connectivity.ONLINE)
    return alpha


@pytest.mark.parametrize(
    ("of_model", "own", "probed"),
    [
        ({}, {}, 1),
        ({}, {"boot_wait_s": 5}, 1),
        ({}, {"no_trigger": True}, 0),
        ({"no_trigger": True}, {}, 0),
        ({"no_trigger": True}, {"no_trigger": False}, 1),
        ({"no_trigger": True}, {"no_trigger": None}, 1),
    ],
)
def test_a_quiet_station_is_probed_unless_it_takes_no_trigger(quiet, of_model, own, probed):
    Station.objects.filter(pk=quiet.pk).update(model_quirks=of_model, quirks=own)
    assert liveness.probe_silent_stations() == probed
    assert Command.objects.filter(name="trigger_message").count() == probed
