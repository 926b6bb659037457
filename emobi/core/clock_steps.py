"""What to believe when the machine's clock is set while a process runs: what the database's says.

A process whose clock jumped by an hour would end commands that others wait for, raise alarms for stations
that are well, and sign deliveries with times that no receiver accepts. Until the database has answered, time
goes on as it did.
"""

import logging
import threading
import time

from django.db import DatabaseError, InterfaceError, connection

from emobi.core import clock

log = logging.getLogger(__name__)

# As long as they differ, or the database can't be asked, they are compared again so often.
COMPARED_EVERY_S = 15.0

_comparing = threading.Lock()
_is_believed = True


def watch() -> None:
    """Compare the clocks now, and whenever the machine's is set. For processes that live long."""
    clock.ask_on_step(_find_out)
    _find_out()


def compare() -> bool:
    """Believe the machine's clock if it agrees with the database's, and else the database's; whether it does.

    Raises:
        DatabaseError, InterfaceError: If that can't be asked; all stays as it was.
    """
    global _is_believed
    asked_at = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        [theirs] = cursor.fetchone()
    said, passed = time.time(), time.monotonic()
    agrees: bool = asked_at - clock.STEP_S < theirs < said + clock.STEP_S
    if agrees and not _is_believed:
        log.info("this machine's clock agrees with the database's again")
    elif not agrees and _is_believed:
        log.error(
            "this machine's clock is %+.1f s off the database's, whose time is used until they agree",
            said - theirs,
        )
    _is_believed = agrees
    clock.put_right(said if agrees else theirs, passed)
    return agrees


def _find_out() -> None:
    if _comparing.acquire(blocking=False):
        threading.Thread(target=_compare_until_they_agree, name="clock", daemon=True).start()


def _compare_until_they_agree() -> None:
    try:
        while not _agree():
            time.sleep(COMPARED_EVERY_S)
    finally:
        _comparing.release()


def _agree() -> bool:
    try:
        return compare()
    except (DatabaseError, InterfaceError) as exc:
        log.warning("whether this machine's clock is right can't be asked: %s", exc)
        return False
    finally:
        connection.close()
