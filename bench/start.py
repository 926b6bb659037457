"""`make run` after its install: from `manage.py up` in an empty folder to sessions of both versions."""

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from bench import surroundings

BOTH = {"1.6", "2.0.1"}
LOOK_EVERY_S = 0.25
LONGEST_S = 300.0


def start(_options: argparse.Namespace) -> Mapping[str, Any]:
    """Seconds until the API is well, until it shows sessions of both versions, and for stopping all of it."""
    with tempfile.TemporaryDirectory(prefix="emobi-start-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        data, port = Path(folder) / "data", surroundings.free_port()
        begun = time.monotonic()
        up = subprocess.Popen(
            [sys.executable, "manage.py", "up"],
            cwd=surroundings.ROOT,
            env=_of_a_bare_machine(data, port),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            well_s = _until(lambda: _ask(port, "health", data), begun, up)
            charging_s = _until(lambda: _charging(port, data) == BOTH, begun, up)
        finally:
            asked = time.monotonic()
            up.send_signal(signal.SIGTERM)
            up.wait(60)
    return {
        "well_s": round(well_s, 1),
        "both_charging_s": round(charging_s, 1),
        "stopped_s": round(time.monotonic() - asked, 1),
    }


def _of_a_bare_machine(data: Path, port: int) -> dict[str, str]:
    """What `make run` finds there, but for ports that nobody has and the folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("EMOBI_", "DJANGO_"))}
    for name in ("DATABASE_URL", "REDIS_URL"):
        ours.pop(name, None)
    return ours | {
        "EMOBI_DATA_DIR": str(data),
        "EMOBI_BIND": f"127.0.0.1:{port}",
        "EMOBI_OCPP_BIND": f"127.0.0.1:{surroundings.free_port()}",
        "EMOBI_OCPP_TLS_BIND": f"127.0.0.1:{surroundings.free_port()}",
    }


def _charging(port: int, data: Path) -> set[str]:
    """The versions of stations that charge now."""
    charging = {session["station"] for session in _ask(port, "sessions?state=active", data)["items"]}
    stations = _ask(port, "stations", data)["items"]
    return {station["ocpp_version"] for station in stations if station["identity"] in charging}


def _ask(port: int, path: str, data: Path) -> Any:  # noqa: ANN401 - JSON
    key = (data / "api-key").read_text().strip()
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v1/{path}", headers={"Authorization": f"Bearer {key}"}
    )
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)


def _until(there: Callable[[], object], begun: float, up: subprocess.Popen[bytes]) -> float:
    """Seconds since ``begun`` until it is there.

    Raises:
        RuntimeError: If it doesn't come.
    """
    while time.monotonic() - begun < LONGEST_S and up.poll() is None:
        with contextlib.suppress(OSError):
            if there():
                return time.monotonic() - begun
        time.sleep(LOOK_EVERY_S)
    raise RuntimeError("`manage.py up` shows nobody who charges")
