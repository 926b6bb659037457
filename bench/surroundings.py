"""What a bench runs against: a fresh database and Redis, gateway processes, a network full of stations."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil
import psycopg

from emobi import embedded, env, programs
from emobi.core import clock, heard

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def program(argv: Sequence[str], **more: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of ours until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *argv],
        cwd=ROOT,
        env={**os.environ, **more},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def listens(port: int, timeout_s: float = 120) -> None:
    """Wait until somebody listens.

    Raises:
        TimeoutError: If nobody does in time.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    raise TimeoutError(f"nobody listens on port {port}")


def load(
    *arguments: str, timeout_s: float = 300, begun: Callable[[float], object] = lambda _at: None
) -> dict[str, Any]:
    """Run the load client; what it measured. ``begun`` is told when that begins, by the monotonic clock.

    Raises:
        RuntimeError: If it failed, or took too long.
    """
    argv = [sys.executable, "-m", "bench.load", *arguments]
    figures: dict[str, Any] = {}
    with subprocess.Popen(
        argv, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as client:
        end = threading.Timer(timeout_s, client.kill)
        end.start()
        assert client.stdout is not None
        assert client.stderr is not None
        for line in client.stdout:
            said = json.loads(line)
            if "begun" in said:
                begun(said["begun"])
            else:
                figures = said
        failure = client.stderr.read()
        end.cancel()
    if client.returncode or not figures:
        raise RuntimeError(failure[-2000:] or f"the load client took more than {timeout_s:g} s")
    return figures


@contextlib.contextmanager
def gateway(port: int, **more: str) -> Iterator[psutil.Process]:
    """One gateway process on ws."""
    with program(
        ["manage.py", "gateway"],
        EMOBI_OCPP_BIND=f"127.0.0.1:{port}",
        EMOBI_OCPP_TLS_BIND="",
        EMOBI_LOG_LEVEL="WARNING",
        **more,
    ) as process:
        listens(port)
        yield psutil.Process(process.pid)


def argv_of(name: str) -> Sequence[str]:
    """What `up` runs as worker or beat, less the interpreter."""
    of_machine = programs.programs(
        root=ROOT,
        data_dir=Path(os.environ["EMOBI_DATA_DIR"]),
        web=env.NOWHERE,
        gateways=0,
        demo_stations=0,
        for_people=False,
    )
    return next(program.argv[1:] for program in of_machine if program.name == name)


@contextlib.contextmanager
def worker() -> Iterator[psutil.Process]:
    """A Celery worker and its beat, started as `up` starts them, and heard to be at work."""
    started = clock.wall()
    with (
        program(argv_of("worker"), EMOBI_PROCESS="worker") as process,
        program(argv_of("beat"), EMOBI_PROCESS="beat"),
    ):
        end = time.monotonic() + 60
        while (heard.last([heard.OPERATE])[heard.OPERATE] or started) <= started:
            if time.monotonic() > end:
                raise TimeoutError("no worker takes a task")
            time.sleep(0.2)
        yield psutil.Process(process.pid)


@contextlib.contextmanager
def nobody() -> Iterator[None]:
    """No worker; gateways are told that there is one, so that they don't stand in for it."""
    over = threading.Event()

    def say() -> None:
        while not over.wait(1):
            heard.note(heard.OPERATE)

    heard.note(heard.OPERATE)
    saying = threading.Thread(target=say)
    saying.start()
    try:
        yield
    finally:
        over.set()
        saying.join()


def kill_database() -> None:
    """SIGKILL for the embedded PostgreSQL and all its processes; then it is started on the same data.

    To be called in the main thread, as `embedded.start`.

    Raises:
        TimeoutError: If a process outlives it.
    """
    server = next(child for child in embedded.kept() if child.program.name == "postgresql")
    postmaster = psutil.Process(server.pid)
    postmaster.suspend()  # so that it makes no more of them
    backends = postmaster.children(recursive=True)
    server.kill()
    for backend in backends:
        with contextlib.suppress(psutil.NoSuchProcess):
            backend.kill()
    end = time.monotonic() + 10
    while any(map(_lives, backends)):
        if time.monotonic() > end:
            raise TimeoutError("a process of PostgreSQL's doesn't end")
        time.sleep(0.01)
    server.start()


def database_is_back(timeout_s: float = 60) -> None:
    """Wait until PostgreSQL takes connections.

    Raises:
        TimeoutError: If it doesn't in time.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5).close()
            return
        time.sleep(0.02)
    raise TimeoutError("PostgreSQL isn't back")


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for embedded servers that anybody may pass through: PostgreSQL won't run as root."""
    with tempfile.TemporaryDirectory(prefix="emobi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"
