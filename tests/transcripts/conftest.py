"""A gateway process for all transcripts."""

import pytest
from django.db import connection

from tests.emptying import empty
from tests.gateway.whole.gateway_process import GatewayProcess
from tests.transcripts.outside import outside


@pytest.fixture(scope="module")
def transactional_db(django_db_setup, django_db_blocker):
    """The database for a whole module: emptied when the gateway that uses it has ended, not after each test.

    It has the name of pytest-django's own, by which that knows that tests need a database at all.
    """
    with django_db_blocker.unblock():
        yield
        empty()
        connection.close()


@pytest.fixture(scope="module")
def world():
    with outside() as world:
        yield world


@pytest.fixture(scope="module")
def gateway(transactional_db, world, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gateway")
    with GatewayProcess(folder, environment=world.settings) as process:
        yield process
        assert process.stop() == 0, process.log
        assert "Traceback" not in process.log
