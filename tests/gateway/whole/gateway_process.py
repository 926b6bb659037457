"""`manage.py gateway` as a process of its own, on the database and the Redis of the test run."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from django.conf import settings

from tests.gateway.listener_process import PATIENCE_S, ROOT


class GatewayProcess:
    """One gateway process, while the context lasts.

    Attributes:
        name: As its row in the database has it.
        port: For ws.
        tls_port: For wss.
    """

    def __init__(
        self, folder: Path, *, port: int | None = None, environment: Mapping[str, str] | None = None
    ) -> None:
        self.port = port or free_port()
        self.tls_port = free_port()
        self.name = ""
        self._log_file = folder / f"gateway-{self.tls_port}.log"
        self._environment = environment or {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self.kill()

    def start(self) -> None:
        """Start the process, again if it has ended, and wait until it lets stations in."""
        given = {
            "DATABASE_URL": database_url(),
            "EMOBI_OCPP_BIND": f"127.0.0.1:{self.port}",
            "EMOBI_OCPP_TLS_BIND": f"127.0.0.1:{self.tls_port}",
            "EMOBI_LOG_FORMAT": "console",
        }
        started_at = self._log_file.stat().st_size if self._log_file.exists() else 0
        with self._log_file.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "gateway"],
                cwd=ROOT,
                env={**os.environ, **given, **self._environment},
                stdout=log,
                stderr=log,
            )
        self._wait_until_up(started_at)

    def stop(self) -> int:
        """Ask it to end, as the supervisor does; its exit status."""
        self.signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_S)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    @property
    def log(self) -> str:
        return self._log_file.read_text()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def _wait_until_up(self, started_at: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while " is up" not in (said := self.log[started_at:]):
            assert self.process.poll() is None, said
            assert time.monotonic() < deadline, said
            time.sleep(0.02)
        self.name = said.partition(" is up")[0].split()[-1]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


def database_url(**changes: Any) -> str:
    """The URL of the test database; ``changes`` are other values of Django's settings for it."""
    known: dict[str, Any] = {**settings.DATABASES["default"], **changes}
    account = quote(known["USER"], safe="")
    if known["PASSWORD"]:
        account += f":{quote(known['PASSWORD'], safe='')}"
    place = f"{account}@:{known['PORT']}/{quote(known['NAME'])}"
    return f"postgresql://{place}?host={quote(known['HOST'], safe='')}"
