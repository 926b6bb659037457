"""Emptying the tables after a test whose servers may still read, and dropping the database after the last."""

from collections.abc import Callable
from typing import Any

from django.core.management import CommandError

MOST_TRIES = 5


def drop(creation: Any, name: str, _verbosity: int) -> None:
    """Drop a test database, even if PostgreSQL hasn't noticed yet that the last test's server is gone."""
    with creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")


def patiently[**P](empty: Callable[P, None]) -> Callable[P, None]:
    """``empty``, which ends in `flush`, tried again where what still reads is in its way (a deadlock)."""

    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(MOST_TRIES - 1):
            try:
                return empty(*args, **kwargs)
            except CommandError as failure:
                if "deadlock" not in str(failure.__cause__):
                    raise
        return empty(*args, **kwargs)

    return tried
