"""Who works for which endpoint: advisory locks of a database session, which end with whoever holds them."""

from django.db import connection

# One courier at a time takes up endpoints; one that comes to its end may still wait for its last answers.
SEAT = "webhooks"


def take(name: str) -> bool:
    """Claim ``name`` for this connection; False while another has it. Not to be taken twice."""
    return _ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", name)


def give_back(name: str) -> None:
    """End a claim."""
    _ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", name)


def _ask(statement: str, name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [name])
        (told,) = cursor.fetchone()
    return bool(told)
