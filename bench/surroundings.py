"""What a bench runs against: a fresh database and Redis, gateway processes, a network full of stations."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def program(argv: Sequence[str], **env: str) -> Iterator[subprocess.Popen[str]]:
    """Run a program of ours until the end of the block."""
    process = subprocess.Popen(
        [sys.executable, *argv],
        cwd=ROOT,
        env={**os.environ, **env},
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


def load(*arguments: str, timeout_s: float = 300) -> dict[str, Any]:
    """Run the load client; what it measured.

    Raises:
        RuntimeError: If it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "bench.load", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


@contextlib.contextmanager
def gateway(port: int, **env: str) -> Iterator[psutil.Process]:
    """One gateway process on ws."""
    with program(
        ["manage.py", "gateway"],
        EMOBI_OCPP_BIND=f"127.0.0.1:{port}",
        EMOBI_OCPP_TLS_BIND="",
        EMOBI_LOG_LEVEL="WARNING",
        **env,
    ) as process:
        listens(port)
        yield psutil.Process(process.pid)


@contextlib.contextmanager
def data_folder() -> Iterator[Path]:
    """A folder for embedded servers that anybody may pass through: PostgreSQL won't run as root."""
    with tempfile.TemporaryDirectory(prefix="emobi-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"
