"""Walls between networks: what goes wrong with one of them is no reason to leave out the others."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

log = logging.getLogger(__name__)


@contextmanager
def apart(network_id: int, what: str) -> Iterator[None]:
    """Do something for one network of many: a fault of ours is logged, and the next one follows.

    To be put around its transaction. That the database is away is nobody's own trouble, and goes on.
    """
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("%s: nothing could be done for network %d", what, network_id)
