import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emobi import programs as programs_module
from emobi import supervisor
from emobi.env import Address
from emobi.process import Child, Program
from emobi.supervisor import Supervisor

ROOT = Path(__file__).parents[2]

# Says when it can be stopped, and that it was.
POLITE = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (print("asked", flush=True), sys.exit(0)))
print("up", flush=True)
while True:
    time.sleep(60)
"""
STUBBORN = """
import signal, time
for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.SIG_IGN)
print("up", flush=True)
while True:
    time.sleep(60)
"""


def program(name, code, **details):
    return Program(name=name, argv=[sys.executable, "-c", code], **details)


class Lines(io.StringIO):
    """What a supervisor prints; ``is_there`` is a condition for its ``is_ready``."""

    def is_there(self, *texts):
        return lambda: all(text in self.getvalue() for text in texts)


def planned():
    """What `up` runs."""
    return programs_module.programs(
        root=ROOT, data_dir=ROOT, web=Address("127.0.0.1", 1), gateways=1, demo_stations=1, for_people=False
    )


def stop_when_ready(number=signal.SIGTERM):
    return lambda: os.kill(os.getpid(), number)


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie is nobody's any more; the first process of a container may be slow to notice.
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_every_line_stands_under_its_programs_name():
    out = Lines()
    programs = [
        program("short", "print('one'); print('two'); input()"),
        program("longer-name", "print('three')"),
    ]
    ready = out.is_there("one", "two", "three")
    assert Supervisor(programs, is_ready=ready, on_ready=stop_when_ready(), out=out).run() == 0
    lines = out.getvalue().splitlines()
    assert {"short       | one", "short       | two", "longer-name | three"} <= set(lines)


def test_what_isnt_printable_in_a_line_is_escaped():
    out = Lines()
    programs = [program("station", r"print('\x1b[2J\rforged \u202e ü', flush=True); input()")]
    Supervisor(programs, is_ready=out.is_there("forged"), on_ready=stop_when_ready(), out=out).run()
    assert r"station | \x1b[2J\rforged \u202e ü" in out.getvalue()


def test_what_dies_is_started_again_after_a_growing_pause():
    out = Lines()
    ready = out.is_there("again in 0.5 s", "again in 1 s")
    Supervisor([program("mortal", "exit(3)")], is_ready=ready, on_ready=stop_when_ready(), out=out).run()
    assert "mortal ended with exit code 3, again in 0.5 s" in out.getvalue()


def test_a_killed_program_is_named_with_its_signal():
    out = Lines()
    code = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    ready = out.is_there("again in")
    Supervisor([program("mortal", code)], is_ready=ready, on_ready=stop_when_ready(), out=out).run()
    assert "mortal ended by SIGKILL" in out.getvalue()


def test_the_pause_doubles_up_to_half_a_minute():
    assert [supervisor.delay(failures) for failures in (1, 2, 3, 6, 7, 8, 1000)] == [
        0.5,
        1,
        2,
        16,
        30,
        30,
        30,
    ]


def test_a_minute_of_health_starts_a_new_row_of_failures():
    assert supervisor.failures_in_a_row(5, lived_s=59) == 6
    assert supervisor.failures_in_a_row(5, lived_s=60) == 1


def test_programs_are_stopped_by_stage_the_highest_first():
    out = Lines()
    programs = [
        program(name, POLITE, stage=stage) for name, stage in [("low", 0), ("high", 2), ("middle", 1)]
    ]
    ready = out.is_there("low    | up", "middle | up", "high   | up")
    assert Supervisor(programs, is_ready=ready, on_ready=stop_when_ready(), out=out).run() == 0
    asked = [line.split()[0] for line in out.getvalue().splitlines() if line.endswith("| asked")]
    assert asked == ["high", "middle", "low"]


def test_ctrl_c_stops_like_sigterm():
    out = Lines()
    programs = [program("polite", POLITE)]
    stop = stop_when_ready(signal.SIGINT)
    assert Supervisor(programs, is_ready=out.is_there("| up"), on_ready=stop, out=out).run() == 0
    assert "| asked" in out.getvalue()


def test_what_doesnt_stop_is_killed_with_all_that_it_started(tmp_path):
    child_pid = tmp_path / "pid"
    code = f"""
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", {STUBBORN!r}])
open({str(child_pid)!r}, "w").write(str(child.pid))
child.wait()
"""
    out = Lines()
    ready = out.is_there("stubborn | up")
    supervisor = Supervisor(
        [program("stubborn", code)], is_ready=ready, on_ready=stop_when_ready(), out=out, kill_after_s=0.2
    )
    assert supervisor.run() == 0
    assert "stubborn killed" in out.getvalue()
    wait_for(lambda: not is_alive(int(child_pid.read_text())))


class Clock:
    """A clock that moves when it is looked at; stands for the supervisor's `time`."""

    def __init__(self, step_s):
        self.now, self._step_s = 0.0, step_s

    def monotonic(self):
        self.now += self._step_s
        return self.now


def test_all_is_stopped_in_time_though_neither_programs_nor_servers_listen(monkeypatch):
    clock = Clock(step_s=0.25)
    monkeypatch.setattr(supervisor, "time", clock)
    out = Lines()
    server = Child(program("server", STUBBORN))
    server.start()
    asked = []

    def ask():
        asked.append(clock.now)
        os.kill(os.getpid(), signal.SIGTERM)
        clock.now += programs_module.ANSWER_WITHIN_S  # what the look that was under way still waits for

    names = ["one", "two"]
    run = Supervisor(
        [program(name, STUBBORN, stage=stage) for stage, name in enumerate(names)],
        servers=[server],
        is_ready=out.is_there("one    | up", "two    | up", "server | up"),
        on_ready=ask,
        out=out,
    )
    assert run.run() == 0
    assert clock.now - asked[0] <= supervisor.STOPPED_WITHIN_S
    killed = [line.split()[-2] for line in out.getvalue().splitlines() if line.endswith(" killed")]
    assert killed == ["one", "two", "server"]
    assert not server.is_running()


def test_the_time_to_stop_is_enough_for_every_stage():
    stages = {each.stage for each in planned()}
    assert len(stages) * supervisor.STAGE_S <= supervisor.KILL_AFTER_S
    spent_s = supervisor.KILL_AFTER_S + supervisor.SERVERS_STOP_WITHIN_S
    assert supervisor.STOPPED_WITHIN_S - spent_s >= 2


def test_a_second_ctrl_c_kills_at_once():
    out = Lines()

    def ask_twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    supervisor = Supervisor(
        [program("stubborn", STUBBORN)],
        is_ready=out.is_there("| up"),
        on_ready=ask_twice,
        out=out,
        kill_after_s=600,
    )
    assert supervisor.run() == 0
    assert "stubborn killed" in out.getvalue()


def test_a_server_is_watched_too_and_stopped_after_everything_else():
    out = Lines()
    server = Child(program("server", POLITE))
    server.start()
    to_kill = [server.pid]

    def kill_it_once():
        starts = out.getvalue().count("server | up")
        if starts == 1 and to_kill:
            os.kill(to_kill.pop(), signal.SIGKILL)
        return starts == 2 and "client | up" in out.getvalue()

    supervisor = Supervisor(
        [program("client", POLITE)],
        servers=[server],
        is_ready=kill_it_once,
        on_ready=stop_when_ready(),
        out=out,
    )
    assert supervisor.run() == 0
    assert not server.is_running()
    asked = [line.split()[0] for line in out.getvalue().splitlines() if line.endswith("| asked")]
    assert asked == ["client", "server"]


def test_a_failing_hook_leaves_no_program_behind():
    out = Lines()
    pids = []

    def fail():
        pids.extend(int(line.split()[-1]) for line in out.getvalue().splitlines() if "pid" in line)
        raise RuntimeError("on purpose")

    programs = [program("any", "import os, time; print('pid', os.getpid(), flush=True); time.sleep(60)")]
    with pytest.raises(RuntimeError, match="on purpose"):
        Supervisor(programs, is_ready=out.is_there("pid"), on_ready=fail, out=out).run()
    assert not is_alive(pids[0])


def test_without_a_reader_everything_is_stopped(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    stopped = tmp_path / "stopped"
    code = POLITE.replace('(print("asked", flush=True)', f"(open({str(stopped)!r}, 'w').close()")
    # What couldn't be written is tried once more when the file is closed.
    with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "w") as out:
        assert Supervisor([program("polite", code)], out=out).run() == 0
    assert stopped.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a signal for orphans")
def test_a_supervisor_that_is_killed_leaves_no_program_behind():
    code = f"""
import os, sys
from emobi.process import Program
from emobi.supervisor import Supervisor
code = "import os; print(os.getpid(), flush=True)" + {STUBBORN!r}
Supervisor([Program(name=name, argv=[sys.executable, "-c", code]) for name in ("one", "two")]).run()
"""
    with subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as running:
        said = [running.stdout.readline().split()[-1] for _ in range(4)]
        pids = [int(word) for word in said if word != "up"]
        assert all(is_alive(pid) for pid in pids)
        running.kill()
        wait_for(lambda: not any(is_alive(pid) for pid in pids))
