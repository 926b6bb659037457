"""Gateway processes, and the stations that they let in.

The tests of a file share one process where they can, for it takes seconds to start: each has a network of its
own instead, and the database is emptied after the file.
"""

import itertools
from typing import Any

import pytest
from django.db import connection

from emobi.core.models import Network
from emobi.simulator.plan import Version
from stations.services.registry import registration
from tests.emptying import empty
from tests.gateway.whole.gateway_process import GatewayProcess
from tests.gateway.whole.known import Known
from tests.gateway.whole.simulated import Background, Simulated

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def transactional_db(django_db_setup, django_db_blocker):
    """In place of pytest-django's, which empties the database after each test, leases and all."""
    with django_db_blocker.unblock():
        yield
        empty()
        connection.close()


@pytest.fixture(scope="module")
def make_gateway(transactional_db, tmp_path_factory):
    """Start gateway processes with settings of their own; what one fails at fails the tests of the file."""
    processes = []

    def make(*, port=None, **settings: str) -> GatewayProcess:
        process = GatewayProcess(tmp_path_factory.mktemp("gateway"), port=port, environment=settings)
        processes.append(process)
        process.start()
        return process

    yield make
    for process in processes:
        process.kill()


@pytest.fixture(scope="module")
def gateway(make_gateway):
    process = make_gateway()
    yield process
    assert "Traceback" not in process.log


@pytest.fixture
def make_network(transactional_db):
    def make(**columns: Any) -> Network:
        number = next(_numbers)
        # Stations are asked what a test asks them, and nothing else.
        told = {"reads_device_model": False} | columns
        return Network.objects.create(slug=f"grid{number}", name=f"Grid {number}", **told)

    return make


@pytest.fixture
def network(make_network):
    return make_network()


@pytest.fixture
def register(network):
    """Register stations, accepted, in the test's network or another one."""

    def make(identity: str = "CP1", in_network: Network | None = None, **changes: Any) -> Known:
        return Known(*registration.register(in_network or network, identity, **changes))

    return make


@pytest.fixture
def alpha(register):
    """A station that may connect."""
    return register("alpha")


@pytest.fixture(scope="module")
def background():
    with Background() as background:
        yield background


@pytest.fixture
def simulate(background, register):
    """Let simulated stations live, each registered before."""
    simulated = []

    def make(
        gateway: GatewayProcess, version: Version = "1.6", identity: str = "sim", **plan: Any
    ) -> Simulated:
        known = register(identity)
        made = Simulated(background, known, f"ws://127.0.0.1:{gateway.port}", version, **plan)
        simulated.append(made)
        made.live()
        return made

    yield make
    for each in simulated:
        each.end()
