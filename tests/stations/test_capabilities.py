from datetime import timedelta

import pytest

from emobi.core import clock, ulid
from stations import capabilities
from stations.models import Command, CommandState, Station

pytestmark = pytest.mark.django_db


@pytest.fixture
def station(network):
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


def ended(station, name, state, ago):
    now = clock.now()
    Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name=name, state=state,
        requested_by="user:x", expires_at=now, ended_at=now - ago,
    )  # fmt: skip
    return now - ago


def test_what_a_version_has_no_words_for_is_told(station):
    found = capabilities.of(station)
    assert found["get_base_report"].in_version is False
    assert found["reset"].in_version is True


def test_of_a_station_that_never_spoke_nothing_is_known(network):
    stranger = Station.objects.create(network=network, identity="bravo")
    assert capabilities.of(stranger)["reset"].in_version is None


def test_the_last_success_and_the_last_refusal_are_told(station):
    ended(station, "reset", CommandState.ACCEPTED, timedelta(days=2))
    worked_at = ended(station, "reset", CommandState.SCHEDULED, timedelta(days=1))
    refused_at = ended(station, "reset", CommandState.REJECTED, timedelta(hours=1))
    ended(station, "reset", CommandState.EXPIRED, timedelta(minutes=1))
    found = capabilities.of(station)["reset"]
    assert (found.worked_at, found.refused_at) == (worked_at, refused_at)


def test_it_takes_one_query(station, django_assert_num_queries):
    ended(station, "reset", CommandState.ACCEPTED, timedelta(days=2))
    ended(station, "unlock", CommandState.ACCEPTED, timedelta(days=2))
    with django_assert_num_queries(1):
        capabilities.of(station)
