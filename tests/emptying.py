"""Emptying the tables after a test whose servers may still read, and dropping the database after the last."""

import functools
from typing import Any

from django.db import connection, transaction
from django.db.utils import OperationalError

MOST_TRIES = 5
# Filled by migrations, and the same after every test.
KEPT = {"auth_permission", "django_content_type"}
# Not Django's: made by hand, in partitions.
UNMANAGED = {"stations_frame"}


def drop(creation: Any, name: str, _verbosity: int) -> None:
    """Drop a test database, even if PostgreSQL hasn't noticed yet that the last test's server is gone."""
    with creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")


def empty(*_case: object) -> None:
    """Empty the tables that have rows, again where what still reads is in the way (a deadlock).

    In the place of Django's `flush`, which makes new files for every table and index there is, and fills in
    all permissions again.
    """
    for _ in range(MOST_TRIES - 1):
        try:
            return _empty()
        except OperationalError as failure:
            if "deadlock" not in str(failure):
                raise
    return _empty()


def _empty() -> None:
    tables, append_only = _tables()
    each_s_first = " UNION ALL ".join(f"(SELECT '{each}' FROM \"{each}\" LIMIT 1)" for each in tables)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(each_s_first)
        filled = {name for (name,) in cursor.fetchall()}
        if filled & append_only:
            cursor.execute(f"TRUNCATE {', '.join(sorted(append_only))}")
        for table in sorted(filled - append_only):
            cursor.execute(f'DELETE FROM "{table}"')


@functools.cache
def _tables() -> tuple[list[str], set[str]]:
    """All that a test may fill, and those of them whose rows can't be deleted one by one."""
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        append_only = {name for (name,) in cursor.fetchall()}
    return sorted({*tables, *UNMANAGED} - KEPT), append_only
