"""PostgreSQL and Redis for one machine: started in the data folder, kept by one process at a time.

The keeper is `up`, or a command that found no keeper. Other commands join: they use what is kept, and a
command that keeps servers waits at its end for those who joined. `up` waits for nobody.
"""

import atexit
import contextlib
import fcntl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from emobi import accounts
from emobi.embedded_postgresql import PostgreSQL
from emobi.embedded_redis import Redis
from emobi.engine import Engine, ServerFailed
from emobi.keeping import PAUSE_S, READY_WITHIN_S, Keeping, keeper, try_lock, url_of
from emobi.process import Child

KEEPER_LEAVES_WITHIN_S = 3.0

_kept: list[Keeping] = []


@dataclass(frozen=True, kw_only=True, slots=True)
class Servers:
    """Where they are; None for those that weren't asked for."""

    database_url: str | None
    redis_url: str | None


def start(data_dir: Path, *, postgresql: bool = True, redis: bool = True, fast: bool = False) -> Servers:
    """Start servers and keep them until ``stop``, or until this process ends. The data are kept for ever.

    To be called in the main thread.

    Args:
        fast: Without durability, for tests.

    Raises:
        ServerFailed: If one can't run, or another process keeps it.
    """
    atexit.register(stop)
    try:
        return Servers(
            database_url=_kept_alone(_postgresql(data_dir, fast=fast)) if postgresql else None,
            redis_url=_kept_alone(_redis(data_dir)) if redis else None,
        )
    except BaseException:
        stop()
        raise


def stop() -> None:
    """Stop what this process keeps."""
    while _kept:
        _kept.pop().stop()


def kept() -> Sequence[Child]:
    """The processes of the servers that this process keeps, for whoever watches over them."""
    return [keeping.child for keeping in _kept if keeping.child]


@contextlib.contextmanager
def servers(data_dir: Path, *, postgresql: bool = True, redis: bool = True) -> Iterator[Servers]:
    """Servers for as long as the block lasts: those that another process keeps, or else our own.

    To be called in the main thread.

    Raises:
        ServerFailed: If one can't run.
    """
    with contextlib.ExitStack() as stack:
        # All commands in this order: else two of them might each wait for the other's users, for ever.
        yield Servers(
            database_url=stack.enter_context(_joined_or_kept(_postgresql(data_dir))) if postgresql else None,
            redis_url=stack.enter_context(_joined_or_kept(_redis(data_dir))) if redis else None,
        )


def _postgresql(data_dir: Path, *, fast: bool = False) -> Engine:
    return PostgreSQL(_folder(data_dir, "postgresql"), fast=fast)


def _redis(data_dir: Path) -> Engine:
    return Redis(_folder(data_dir, "redis"))


def _folder(data_dir: Path, name: str) -> Path:
    folder = data_dir.resolve() / name
    try:
        accounts.make_private(data_dir)
        accounts.make_private(folder)
    except OSError as error:
        raise ServerFailed(f"{folder} can't be used: {error.strerror}") from error
    return folder


def _kept_alone(engine: Engine) -> str:
    deadline = time.monotonic() + KEEPER_LEAVES_WITHIN_S
    while (lock := try_lock(engine.folder / "keeper.lock")) is None:
        if time.monotonic() > deadline:
            raise ServerFailed(
                f"{engine.folder}: process {keeper(engine.folder)} of Emobi's runs this server already"
            )
        time.sleep(PAUSE_S)
    return _keep(engine, lock).url


@contextlib.contextmanager
def _joined_or_kept(engine: Engine) -> Iterator[str]:
    deadline = time.monotonic() + READY_WITHIN_S
    with (engine.folder / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)  # waits for a keeper that is about to stop its server
        while (lock := try_lock(engine.folder / "keeper.lock")) is None:
            url = url_of(engine.folder)
            if url and engine.answers(url):
                yield url
                return
            if time.monotonic() > deadline:
                raise ServerFailed(
                    f"{engine.folder}: process {keeper(engine.folder)} runs a server that doesn't answer"
                )
            time.sleep(PAUSE_S)
    keeping = _keep(engine, lock)
    try:
        yield keeping.url
    finally:
        keeping.wait_for_users()
        _kept.remove(keeping)
        keeping.stop()


def _keep(engine: Engine, lock: IO[str]) -> Keeping:
    keeping = Keeping(engine, lock)
    keeping.start()
    _kept.append(keeping)
    return keeping
