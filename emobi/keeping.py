"""One server, kept running by this process.

Its folder holds its log and

    keeper.lock    locked by the process that keeps the server; holds its pid
    process.lock   locked by the server's processes, which inherit the lock; free: none of them is left
    users.lock     shared by those who use what another process keeps
    url, pid       of the server

The locks are the kernel's (flock): no process, however it ends, leaves one behind.
"""

import contextlib
import fcntl
import logging
import os
import signal
import time
from pathlib import Path
from typing import IO

from emobi.engine import Engine, ServerFailed
from emobi.process import Child

logger = logging.getLogger(__name__)

READY_WITHIN_S = 60.0  # it may have to recover from a crash
STOP_WITHIN_S = 10.0
LEFTOVER_ENDS_WITHIN_S = 10.0
PAUSE_S = 0.02


def try_lock(path: Path) -> IO[str] | None:
    """Lock a file until it is closed; None while somebody else has it locked, alone or shared."""
    file = path.open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def keeper(folder: Path) -> str:
    """The pid of the process that keeps the server of ``folder``, for messages."""
    return (folder / "keeper.lock").read_text().strip() or "unknown"


def url_of(folder: Path) -> str | None:
    """Where the server of ``folder`` was ready; whether it still is, its engine knows."""
    try:
        return (folder / "url").read_text()
    except FileNotFoundError:
        return None


class Keeping:
    """Keeps the server of ``engine`` from ``start`` to ``stop``.

    Args:
        lock: keeper.lock, locked.
    """

    def __init__(self, engine: Engine, lock: IO[str]) -> None:
        self._engine = engine
        self._folder = engine.folder
        self._url_file = engine.folder / "url"
        self._files = contextlib.ExitStack()
        self._files.enter_context(lock)
        self._child: Child | None = None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()

    @property
    def child(self) -> Child | None:
        return self._child

    @property
    def url(self) -> str:
        return self._engine.url

    def start(self) -> None:
        """Start the server, and wait until it is ready for the application.

        Raises:
            ServerFailed: If it can't run.
        """
        self._url_file.unlink(missing_ok=True)
        try:
            process_lock = self._files.enter_context(self._process_lock())
            self._engine.prepare()
            self._child = Child(self._engine.program(keep_open=process_lock.fileno()))
            self._child.start()
            self._wait_until_ready(self._child)
            self._engine.complete()
        except BaseException:
            self.stop()
            raise
        self._url_file.touch(mode=0o600)
        self._url_file.write_text(self._engine.url)

    def stop(self) -> None:
        """Stop the server, at once for those who use it."""
        self._url_file.unlink(missing_ok=True)
        if self._child:
            self._child.stop(within_s=STOP_WITHIN_S)
            self._engine.discard()
        self._files.close()

    def wait_for_users(self) -> None:
        """Wait until nobody uses the server but us."""
        with (self._folder / "users.lock").open("a") as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                logger.warning("waiting for another command that uses the server in %s", self._folder)
                fcntl.flock(users, fcntl.LOCK_EX)

    def _process_lock(self) -> IO[str]:
        path = self._folder / "process.lock"
        if lock := try_lock(path):
            return lock
        # Its keeper was killed. On Linux the kernel has asked it to end already.
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(int((self._folder / "pid").read_text()), number)
            deadline = time.monotonic() + LEFTOVER_ENDS_WITHIN_S
            while time.monotonic() < deadline:
                if lock := try_lock(path):
                    return lock
                time.sleep(PAUSE_S)
        raise ServerFailed(f"{self._folder}: an earlier server of it doesn't end")

    def _wait_until_ready(self, child: Child) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while not self._engine.is_ready():
            if not child.is_running():
                raise ServerFailed(f"{self._folder}: the server ended at its start: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ServerFailed(f"{self._folder}: the server isn't ready after {READY_WITHIN_S:g} s")
            time.sleep(PAUSE_S)

    def _last_words(self) -> str:
        lines = (self._folder / "log").read_text(errors="replace").splitlines()
        fatal = [line for line in lines[-10:] if "fatal" in line.lower()]
        return (fatal or lines or ["without a word"])[-1]
