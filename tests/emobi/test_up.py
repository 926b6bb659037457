"""The front door: `manage.py up`, as `make run` starts it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.emobi.ports import free_ports

ROOT = Path(__file__).resolve().parent.parent.parent
READY_WITHIN_S = 90
CHARGING_WITHIN_S = 90


@pytest.fixture
def installation(tmp_path):
    """`up` in a data folder of its own, on free ports; stopped afterwards whatever happens."""
    web, ws, wss = free_ports(3)
    tmp_path.chmod(0o711)
    env = {name: value for name, value in os.environ.items() if not name.startswith(("EMOBI_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL"):
        env.pop(name, None)
    env |= {
        "EMOBI_DATA_DIR": str(tmp_path / "data"),
        "EMOBI_BIND": f"127.0.0.1:{web}",
        "EMOBI_OCPP_BIND": f"127.0.0.1:{ws}",
        "EMOBI_OCPP_TLS_BIND": f"127.0.0.1:{wss}",
        "EMOBI_DEMO_STATIONS": "4",
    }
    log = tmp_path / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    yield process, web, tmp_path / "data", log
    if process.poll() is None:
        process.kill()
    process.wait()


def until(condition, timeout_s, log):
    """What ``condition`` answers once it is true."""
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except OSError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"not in {timeout_s} s; it said:\n{log.read_text()[-4000:]}")


def test_it_shows_both_versions_charging_and_stops_cleanly(installation):
    process, web, data, log = installation

    def ask(path):
        key = (data / "api-key").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{web}/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    until(lambda: "Dashboard" in log.read_text(), READY_WITHIN_S, log)

    def versions_charging():
        charging = {session["station"] for session in ask("sessions?state=active")["items"]}
        stations = ask("stations")["items"]
        found = {each["ocpp_version"] for each in stations if each["identity"] in charging}
        return found if found == {"1.6", "2.0.1"} else None

    until(versions_charging, CHARGING_WITHIN_S, log)

    printed = log.read_text()
    login, password = (data / "operator").read_text().split()
    assert login == "admin"
    assert password in printed
    assert str(data / "api-key") in printed
    assert f"http://127.0.0.1:{web}/" in printed

    process.send_signal(signal.SIGTERM)
    # How long it may take is the supervisor's to keep, and its own tests hold it to that.
    assert process.wait(READY_WITHIN_S) == 0
