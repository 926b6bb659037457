"""What only one does at a time: advisory locks of a database session, which end with their holder."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


def take(name: str) -> bool:
    """Claim ``name`` for this connection; False while another has it. Not to be taken twice."""
    return _ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)


def give_back(name: str) -> None:
    """End a claim."""
    _ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """Claim ``name`` for the block; False while another has it."""
    taken = take(name)
    try:
        yield taken
    finally:
        if taken:
            give_back(name)


def _ask(statement: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        (told,) = cursor.fetchone()
    return bool(told)
