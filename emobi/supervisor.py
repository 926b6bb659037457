"""Keeps programs running: each its own process, restarted when it dies, its lines marked with its name.

One thread, one loop: read what they print, look who died, start again what is due. Ctrl-C, SIGTERM or the end
of the terminal stops all of them stage by stage, a second Ctrl-C kills them.
"""

import contextlib
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import TextIO

from emobi.printer import Printer
from emobi.process import Child, Program

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
HEALTHY_AFTER_S = 60.0
TURN_S = 0.2
READY_EVERY_S = 0.5
# From Ctrl-C or SIGTERM until all is stopped, whoever doesn't listen: the programs' time, then the servers',
# and two seconds for the killing, and for a machine that is busy with other things.
STOPPED_WITHIN_S = 10.0
STAGE_S = 1.3  # how long a stage may take before the next is asked to stop too
KILL_AFTER_S = 6.5
SERVERS_STOP_WITHIN_S = 1.5


def failures_in_a_row(before: int, *, lived_s: float) -> int:
    """Count an end: a process that was healthy for a while starts a new row."""
    return 1 if lived_s >= HEALTHY_AFTER_S else before + 1


def delay(failures: int) -> float:
    """Seconds to wait before the start after the ``failures``-th failure in a row, 1 or more."""
    return min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** min(failures - 1, 16))


class Supervisor:
    """Runs programs until it is told to stop.

    Args:
        programs: Started in their order; stopped by stage, the highest first.
        servers: What runs already and everything else needs; watched like the programs, stopped last.
        is_ready: Asked twice a second until it says yes; mustn't take long, the loop waits for it.
        on_ready: Called once then.
        out: Where the programs' lines go.
        kill_after_s: From the request to stop; the servers have SERVERS_STOP_WITHIN_S more.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        *,
        servers: Sequence[Child] = (),
        is_ready: Callable[[], bool] | None = None,
        on_ready: Callable[[], None] | None = None,
        out: TextIO | None = None,
        kill_after_s: float = KILL_AFTER_S,
    ) -> None:
        self._programs = [Child(program) for program in programs]
        self._servers = list(servers)
        self._is_ready = is_ready
        self._on_ready = on_ready
        self._kill_after_s = kill_after_s
        self._ready_check_at = 0.0
        names = [child.program.name for child in [*self._servers, *self._programs]]
        self._printer = Printer(out or sys.stdout, names)
        self._failures: dict[Child, int] = {}
        self._due: dict[Child, float] = {}
        self._stopping = False
        self._asked_at: float | None = None
        self._killing = False

    def run(self) -> int:
        """Start, watch, stop; answers the exit code of a wanted stop. To be called in the main thread."""
        with self._signals():
            try:
                for child in self._servers:
                    self._listen_to(child)
                for child in self._programs:
                    self._start(child)
                while not self._stopping and not self._printer.is_closed:
                    self._turn()
                self._stop()
            finally:
                for child in self._programs:
                    child.kill()
                self._printer.close()
        return 0

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        def ask_to_stop(number: int, _frame: FrameType | None) -> None:
            # Only a second Ctrl-C is a person's impatience: SIGTERM comes to a group and from make as well.
            self._killing |= self._stopping and number == signal.SIGINT
            self._stopping = True
            self._asked_at = self._asked_at or time.monotonic()

        wanted = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as nohup wants it
            wanted.append(signal.SIGHUP)
        before = {number: signal.signal(number, ask_to_stop) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _turn(self) -> None:
        self._printer.forward(TURN_S)
        for child in [*self._servers, *self._programs]:
            self._tend(child)
        self._look_if_ready()

    def _tend(self, child: Child) -> None:
        if child.is_running():
            return
        now = time.monotonic()
        if child not in self._due:
            before = self._failures.get(child, 0)
            self._failures[child] = failures_in_a_row(before, lived_s=now - child.started_at)
            wait_s = delay(self._failures[child])
            self._due[child] = now + wait_s
            self._printer.say(f"{child.program.name} {_how_ended(child.exit_code)}, again in {wait_s:g} s")
        if now >= self._due[child]:
            del self._due[child]
            self._start(child)

    def _start(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            self._printer.say(f"{child.program.name} can't be started: {error.strerror}")
        else:
            self._listen_to(child)

    def _listen_to(self, child: Child) -> None:
        if child.output:
            self._printer.add(child.program.name, child.output)

    def _look_if_ready(self) -> None:
        if self._is_ready is None or time.monotonic() < self._ready_check_at:
            return
        if self._is_ready():
            self._is_ready = None
            if self._on_ready:
                self._on_ready()
        self._ready_check_at = time.monotonic() + READY_EVERY_S

    def _stop(self) -> None:
        self._printer.say("stopping; Ctrl-C kills")
        # Since they were asked the last look may have waited for an answer.
        kill_at = (self._asked_at or time.monotonic()) + self._kill_after_s
        for stage in sorted({child.program.stage for child in self._programs}, reverse=True):
            children = [child for child in self._programs if child.program.stage == stage]
            for child in children:
                child.ask_to_stop()
            self._wait(children, until=min(time.monotonic() + STAGE_S, kill_at))
        self._wait(self._programs, until=kill_at)
        self._kill(self._programs)
        for child in self._servers:
            child.ask_to_stop()
        self._wait(self._servers, until=kill_at + SERVERS_STOP_WITHIN_S)
        self._kill(self._servers)

    def _wait(self, children: Sequence[Child], *, until: float) -> None:
        while (
            any(child.is_running() for child in children) and time.monotonic() < until and not self._killing
        ):
            self._printer.forward(0.05)

    def _kill(self, children: Sequence[Child]) -> None:
        for child in children:
            if child.is_running():
                self._printer.say(f"{child.program.name} killed")
                child.kill()


def _how_ended(exit_code: int | None) -> str:
    match exit_code:
        case None:
            return "never ran"
        case code if code < 0:
            return f"ended by {signal.Signals(-code).name}"
        case code:
            return f"ended with exit code {code}"
