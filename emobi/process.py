"""One program as a child process: its own process group, and no life without us."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from emobi import launch
from emobi.accounts import Account

LAUNCH = Path(launch.__file__)
LOG_LIMIT_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Program:
    """What to run.

    Attributes:
        env: Variables on top of our own.
        stage: Programs of one stage are stopped together, those of a higher stage first.
        stop_signal: Asks for a clean end.
        orphan_signal: What the kernel sends if we die without asking (Linux).
        owner: The account to run as; None for ours.
        log: File for its output, begun anew past 1 MiB; None: a pipe, ``Child.output``.
        pid_file: Where its pid is written at every start.
        keep_open: File descriptors that it inherits.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    stage: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    owner: Account | None = None
    log: Path | None = None
    pid_file: Path | None = None
    keep_open: Sequence[int] = ()


def launched(
    argv: Sequence[str], *, owner: Account | None = None, orphan_signal: signal.Signals = signal.SIGKILL
) -> list[str]:
    """The command line that runs ``argv`` so that it ends when this process does."""
    as_owner = f"{owner.uid}:{owner.gid}" if owner else ""
    orders = [str(os.getpid()), str(int(orphan_signal)), as_owner]
    return [sys.executable, "-I", "-S", str(LAUNCH), *orders, *argv]


class Child:
    """The process of one program: at most one at a time, and as many one after the other as it takes.

    Start it in the main thread: the kernel's signal to orphans follows the thread that forked.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.started_at = 0.0  # time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None
        self._group: int | None = None

    def start(self) -> None:
        """Start the process.

        Raises:
            OSError: If the system can't.
        """
        program = self.program
        self.started_at = time.monotonic()
        with _opened(program.log) if program.log else contextlib.nullcontext(subprocess.PIPE) as output:
            self._process = subprocess.Popen(
                launched(program.argv, owner=program.owner, orphan_signal=program.orphan_signal),
                env={**os.environ, **program.env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                process_group=0,
                pass_fds=program.keep_open,
            )
        self._group = self._process.pid
        if program.pid_file:
            program.pid_file.write_text(f"{self._process.pid}\n")

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def output(self) -> IO[bytes] | None:
        """The reading end of its output; whoever reads it closes it."""
        return self._process.stdout if self._process else None

    @property
    def exit_code(self) -> int | None:
        """As of subprocess: negative for a signal; None while it runs and before its first start."""
        return self._process.returncode if self._process else None

    def is_running(self) -> bool:
        """Look; once it has ended, what it left of its group is killed."""
        if self._process is None:
            return False
        if self._process.poll() is None:
            return True
        self.kill()
        return False

    def ask_to_stop(self) -> None:
        if self._process and self.is_running():
            self._process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """Kill the whole group at once."""
        if self._process and self._group:
            # macOS says EPERM of a group that holds nothing but a zombie.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
            self._process.wait()
            self._group = None  # the number may be another's from now on

    def stop(self, *, within_s: float) -> None:
        """Ask, wait, kill."""
        if self._process and self.is_running():
            self.ask_to_stop()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(within_s)
        self.kill()


def _opened(log: Path) -> IO[bytes]:
    full = log.exists() and log.stat().st_size > LOG_LIMIT_BYTES
    return log.open("wb" if full else "ab")
