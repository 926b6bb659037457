"""The servers of a test run, started before Django reads its settings.

TEST_DATABASE_URL and TEST_REDIS_URL name others than the embedded ones; the role needs CREATEDB. They start
where pytest imports this file, and not in a hook, so that what is imported after it may import models.
"""

import atexit
import os
import shutil
import signal
import tempfile
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest
import structlog
from django.conf import settings

from emobi import embedded

if settings.configured:
    raise pytest.UsageError(
        "unset DJANGO_SETTINGS_MODULE: the tests start their servers before they read settings"
    )


def _start(data_dir: Path) -> None:
    # What a developer's shell says of an installation isn't said of the tests.
    for name in [each for each in os.environ if each.startswith("EMOBI_")]:
        del os.environ[name]
    named = {name: os.environ.get(f"TEST_{name}") for name in ("DATABASE_URL", "REDIS_URL")}
    servers = embedded.start(
        data_dir, postgresql=not named["DATABASE_URL"], redis=not named["REDIS_URL"], fast=True
    )
    os.environ |= {
        "DATABASE_URL": named["DATABASE_URL"] or servers.database_url or "",
        "REDIS_URL": named["REDIS_URL"] or servers.redis_url or "",
        "DJANGO_SETTINGS_MODULE": "emobi.settings",
        "EMOBI_DATA_DIR": str(data_dir),
        "EMOBI_SECRET_KEY": "known to everybody, and of use to nobody",
        # Stations of tests take a command at any time.
        "EMOBI_BOOT_REST_S": "0",
    }
    django.setup()


# A shell that runs the tests in the background has Ctrl-C ignored, by every process that they start, too.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How fast a machine makes up its inputs says nothing of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

_parent = Path(tempfile.mkdtemp(prefix="emobi-tests-"))
atexit.register(shutil.rmtree, _parent)  # after the servers' end, which is registered later
_parent.chmod(0o711)  # the way to PostgreSQL's data, which isn't root's when we are
_start(_parent / "data")


def _find_static_files_once() -> None:
    """Have all clients of a process share what WhiteNoise finds; each looks through all folders otherwise."""
    from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: PLC0415 - needs settings

    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def add_files(self: Any) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    middleware: Any = WhiteNoiseMiddleware
    middleware.add_files_from_finders = add_files


_find_static_files_once()


def _empty_tables_quickly() -> None:
    """Have Django empty just the tables with rows, and drop the test database, with patience."""
    from django.db.backends.postgresql.creation import DatabaseCreation  # noqa: PLC0415 - needs settings
    from django.test import TransactionTestCase  # noqa: PLC0415

    from tests.emptying import drop, empty  # noqa: PLC0415

    cases: Any = TransactionTestCase
    cases._fixture_teardown = empty
    creation: Any = DatabaseCreation
    creation._destroy_test_db = drop


_empty_tables_quickly()


def pytest_xdist_setupnodes() -> None:
    """In a divided run this process only divides; those that it starts have servers of their own."""
    del os.environ["DJANGO_SETTINGS_MODULE"]


@pytest.fixture(autouse=True)
def _nobodys_request() -> None:
    """What a request of an earlier test, made in this thread, left to be logged isn't said of this one."""
    structlog.contextvars.clear_contextvars()
