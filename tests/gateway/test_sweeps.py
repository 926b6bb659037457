"""Incidents are the workers' to open; a gateway process stands in for them while none is heard."""

from datetime import timedelta

import pytest
import redis
from django.conf import settings

from emobi.core import clock, events, heard, unit_of_work
from emobi.core.services import networks
from gateway import sweeps
from gateway.sweeps import Sweeps
from sessions.services import incident_findings
from stations.models import IncidentCondition
from stations.services.presence import liveness
from stations.services.registry import registration

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_is_heard():
    heard._noted.clear()
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(f"emobi:heard:{heard.OPERATE}")


@pytest.fixture
def faulty():
    """A station with a fault that no process has read of yet."""
    network = networks.create("grid")
    incident_findings.sweep()
    alpha, _ = registration.register(network, "alpha")
    with unit_of_work.begin():
        events.record(
            alpha.subject,
            events.StationFault(
                received_at=clock.now(), evse_id=1, connector_id=1, error_code="InternalError",
                vendor_error_code=None, info=None, fault_id="F",
            ),
        )  # fmt: skip
    return alpha


def noticed(station):
    return IncidentCondition.objects.filter(station=station).exists()


def test_it_stands_in_while_no_worker_is_heard(faulty):
    Sweeps().sweep()
    assert noticed(faulty)


def test_it_leaves_it_to_workers_that_are_heard(faulty):
    heard.note(heard.OPERATE)
    Sweeps().sweep()
    assert not noticed(faulty)


def test_it_stands_in_for_workers_that_are_heard_no_more(faulty, monkeypatch):
    heard.note(heard.OPERATE)
    monkeypatch.setattr(sweeps, "AWAY_AFTER", timedelta(0))
    Sweeps().sweep()
    assert noticed(faulty)


def test_it_stands_in_where_nobody_can_be_heard(faulty, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    Sweeps().sweep()
    assert noticed(faulty)


def test_graces_end_with_every_sweep(monkeypatch):
    looked = []
    monkeypatch.setattr(liveness, "end_graces", lambda: looked.append("graces"))
    monkeypatch.setattr(liveness, "probe_silent_stations", lambda: looked.append("probes"))
    odd_and_even = Sweeps()
    for _ in range(4):
        odd_and_even.sweep()
    assert (looked.count("graces"), looked.count("probes")) == (4, 2)
