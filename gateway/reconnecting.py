"""Database work on threads of our own."""

from collections.abc import Callable

from django.db import Error as DatabaseFailed
from django.db import connection


def reconnecting[R](do: Callable[[], R]) -> R:
    """Do it on a thread with a database connection of its own, which is renewed when it breaks."""
    try:
        return do()
    except DatabaseFailed:
        connection.close()
        raise
