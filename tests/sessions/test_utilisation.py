"""How long EVSEs were there, were occupied and charged, by weekday and hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sessions import utilisation
from stations.models import Connector, ServiceRecord
from tests.dashboard.state import charge

# A Monday.
DAY = datetime(2026, 5, 4, tzinfo=UTC)


def at(hour, minute=0):
    return DAY + timedelta(hours=hour, minutes=minute)


@pytest.fixture
def evse(alpha):
    """There since 10:20; a session goes on since 10:30, in which energy flowed until 11:10."""
    for connector_id in (1, 2):
        Connector.objects.create(
            station=alpha, evse_id=1, connector_id=connector_id, changed_at=DAY, reported_at=DAY
        )
    ServiceRecord.objects.create(station=alpha, evse_id=1, since=at(10, 20))
    spans = [[round(at(10, 30).timestamp()), round(at(11, 10).timestamp())]]
    flow = {"at": spans[0][1], "wh": 1, "on": None, "spans": spans}
    charge(alpha, received_at=at(10, 30), heard_at=at(11, 10), started_at=DAY, flow=flow)
    return alpha


def test_any_moments_may_be_the_bounds(network, evse):
    found = utilisation.spent(network, at(10, 7), at(11, 52), UTC)
    assert found.whole == {(1, 10): 40 * 60, (1, 11): 52 * 60}
    assert found.occupied == {(1, 10): 30 * 60, (1, 11): 52 * 60}
    assert found.charging == {(1, 10): 30 * 60, (1, 11): 10 * 60}
    assert found.untold == {}
    later = utilisation.spent(network, at(11, 5), at(11, 20), UTC, evse)
    assert (later.whole, later.occupied, later.charging) == ({(1, 11): 900}, {(1, 11): 900}, {(1, 11): 300})


def test_of_what_no_reading_tells_is_counted_beside(network, alpha):
    ServiceRecord.objects.create(station=alpha, evse_id=1, since=DAY)
    begun, gap, last = (round(at(hour).timestamp()) for hour in (10, 12, 14))
    flow = {"at": last, "wh": 1, "on": None, "spans": [[begun, gap]], "gaps": [[gap, last]]}
    running = charge(alpha, received_at=at(10), heard_at=at(14), started_at=DAY, flow=flow)
    untold = {(1, 12): 3600, (1, 13): 3600}
    assert utilisation.spent(network, at(10), at(15), UTC).untold == untold
    # It may come yet; but not after so long.
    found = utilisation.spent(network, at(10), at(15, 6), UTC)
    assert found.untold == untold | {(1, 14): 3600, (1, 15): 360}
    assert found.charging == {(1, 10): 3600, (1, 11): 3600}
    assert utilisation.spent(network, at(12, 30), at(13, 30), UTC).untold == {(1, 12): 1800, (1, 13): 1800}
    # One that has ended isn't occupied longer than we heard of it.
    type(running).objects.update(state="ended", heard_at=at(15, 30))
    found = utilisation.spent(network, at(10), at(20), UTC)
    assert found.untold == untold | {(1, 14): 3600, (1, 15): 1800}
    # What was told of it later comes after its end.
    late = {**flow, "at": last + 86400, "gaps": [[gap, last + 86400]]}
    type(running).objects.update(flow=late)
    assert utilisation.spent(network, at(10), at(40), UTC).untold == found.untold
    type(running).objects.update(flow={"at": last, "wh": 1, "on": None, "gaps": [[gap, last]]})
    found = utilisation.spent(network, at(10), at(20), UTC)
    assert found.untold == found.occupied


def test_hours_are_those_of_the_zone(network, evse):
    found = utilisation.spent(network, at(10), at(12), ZoneInfo("Asia/Kathmandu"))
    # It is 16:05 there when the EVSE comes.
    assert found.charging == {(1, 16): 40 * 60}
    assert found.whole == {(1, 16): 55 * 60, (1, 17): 45 * 60}


def test_there_is_nothing_of_others_and_of_no_time(network, stranger, evse):
    for spent in (
        utilisation.spent(stranger.network, at(10), at(12), UTC),
        utilisation.spent(network, at(10), at(10), UTC),
        utilisation.spent(network, at(8), at(10), UTC),
    ):
        assert (spent.whole, spent.occupied, spent.charging, spent.untold) == ({}, {}, {}, {})
    assert utilisation.peak(stranger.network, at(10), at(12)) is None
