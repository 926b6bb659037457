"""Emptying the tables after a test whose servers may still read: a deadlock is tried again."""

from collections.abc import Callable

from django.core.management import CommandError

MOST_TRIES = 5


def patiently[**P](empty: Callable[P, None]) -> Callable[P, None]:
    """``empty``, which ends in `flush`, tried a few times."""

    def tried(*args: P.args, **kwargs: P.kwargs) -> None:
        for _ in range(MOST_TRIES - 1):
            try:
                return empty(*args, **kwargs)
            except CommandError as failure:
                if "deadlock" not in str(failure.__cause__):
                    raise
        return empty(*args, **kwargs)

    return tried
