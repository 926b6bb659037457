"""Two processes that speak for one station at once: its old socket's last batch, and its new one's first."""

import pytest
from django.db import IntegrityError

from emobi.core.models import Network
from sessions.models import ChargingSession, IdToken
from sessions.services import charging_sessions
from stations.models import Station
from tests.racing import DEADLINE_S, race
from tests.sessions.said import kinds, start_16, started, tell, updated


@pytest.fixture
def station(transactional_db):
    network = Network.objects.create(slug="grid", name="Grid")
    IdToken.objects.create(network=network, id_token="GOOD")
    return Station.objects.create(network=network, identity="alpha")


def test_a_start_that_comes_to_both_opens_one_session(station):
    answer = race(
        lambda: charging_sessions.start(station, start_16()),
        lambda: tell(charging_sessions.start, station, start_16()),
    )
    with pytest.raises(IntegrityError):
        answer.result(DEADLINE_S)
    again = tell(charging_sessions.start, station, start_16())
    assert again.session.pk == ChargingSession.objects.get().pk
    assert kinds(station) == ["session.started", "session.meter_values"]


def test_neither_loses_what_the_other_said(station):
    tell(charging_sessions.start, station, started())
    race(
        lambda: charging_sessions.update(station, updated(1, 1)),
        lambda: tell(charging_sessions.update, station, updated(2, 2)),
    ).result(DEADLINE_S)
    assert ChargingSession.objects.get().seq_seen == [[0, 2]]
