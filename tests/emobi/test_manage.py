"""manage.py as a person runs it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).parents[2] / "manage.py"

SHOW = """
from django.conf import settings
from django.db import connection
connection.ensure_connection()
print(settings.DATABASES["default"]["HOST"], settings.REDIS_URL, settings.SECRET_KEY, sep="\\n", flush=True)
"""
SHOW_AND_WAIT = f"{SHOW}\nimport time; time.sleep(600)"


@pytest.fixture
def environment(data_dir):
    """Of somebody who has set nothing but the data folder."""
    ours = ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("EMOBI_")
    }
    return kept | {"EMOBI_DATA_DIR": str(data_dir)}


def manage(*arguments, env):
    command = [sys.executable, str(MANAGE), *arguments]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def has_ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("command", ["up", "create_network", "check", "shell"])
def test_a_wrong_setting_is_refused_with_one_line_before_anything_starts(command, environment, data_dir):
    refused = manage(command, env=environment | {"EMOBI_GATEWAYS": "many"})
    assert refused.returncode == 1
    assert refused.stderr == "EMOBI_GATEWAYS='many': not a whole number\n"
    assert refused.stdout == ""
    assert not data_dir.exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://emobi:hunter2@localhost:port/emobi"),
        ("DATABASE_URL", "mysql://emobi:hunter2@localhost/emobi"),
        ("REDIS_URL", "localhost:6379"),
        ("EMOBI_TLS_CERTIFICATES", "chain.pem"),
    ],
)
def test_a_wrong_place_is_refused_with_one_line(name, value, environment):
    refused = manage("check", env=environment | {name: value})
    assert refused.returncode == 1
    assert refused.stderr.startswith(name)
    assert refused.stderr.count("\n") == 1
    assert "hunter2" not in refused.stderr


def test_a_command_starts_the_servers_for_its_own_time_and_makes_a_key_that_stays(environment, data_dir):
    first, second = (manage("shell", "--no-imports", "-c", SHOW, env=environment) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    host, redis_url, key = first.stdout.splitlines()
    assert host.startswith(str(data_dir))
    assert second.stdout.splitlines()[2] == key
    assert redis_url not in second.stdout
    assert has_ended(int((data_dir / "postgresql" / "pid").read_text()))


def test_a_command_takes_the_servers_that_the_environment_names(environment, data_dir):
    named = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    shown = manage("shell", "--no-imports", "-c", SHOW, env=environment | named)
    assert shown.returncode == 0, shown.stderr
    assert named["REDIS_URL"] in shown.stdout
    assert {path.name for path in data_dir.iterdir()} == {"metrics-token", "secret_key"}


def test_a_command_joins_another_that_keeps_servers(environment, data_dir):
    with subprocess.Popen(
        [sys.executable, str(MANAGE), "shell", "--no-imports", "-c", SHOW_AND_WAIT],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as keeper:
        kept = [keeper.stdout.readline() for _ in range(3)]
        joined = manage("shell", "--no-imports", "-c", SHOW, env=environment)
        keeper.terminate()
        assert joined.stdout.splitlines(keepends=True) == kept
        assert keeper.wait(timeout=30) == 128 + signal.SIGTERM
    assert has_ended(int((data_dir / "postgresql" / "pid").read_text()))


def test_a_server_that_cant_start_is_one_line(environment, data_dir):
    data_dir.write_text("a file, not a folder")
    refused = manage("shell", "-c", SHOW, env=environment)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert str(data_dir) in refused.stderr
