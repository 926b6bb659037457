"""Finds Chromium for tests in a real browser and for screenshots, and installs it where none is."""

import contextlib
import fcntl
import functools
import logging
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TypedDict

logger = logging.getLogger(__name__)

NAMES = ("chromium", "chromium-browser", "google-chrome")

# In a process of its own: Playwright's synchronous API refuses to run beside an event loop.
_ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class BrowserMissing(Exception):
    """There is no Chromium that runs; the text, one line, says what was tried."""


class LaunchOptions(TypedDict):
    """For Playwright: ``playwright.chromium.launch(**launch_options())``."""

    executable_path: str
    args: list[str]


def launch_options() -> LaunchOptions:
    """How to launch the browser.

    Raises:
        BrowserMissing: If there is none and none can be installed.
    """
    # Chromium's sandbox refuses to be made by root.
    return {"executable_path": str(chromium()), "args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@functools.cache
def chromium() -> Path:
    """The program that CHROMIUM names, else one on the PATH, else Playwright's own, else Debian's.

    The last two are installed if they aren't there: Playwright's by a download, Debian's only by root.

    Raises:
        BrowserMissing: If there is none and none can be installed.
    """
    if named := os.environ.get("CHROMIUM"):
        if _runs(Path(named)):
            return Path(named)
        raise BrowserMissing(f"CHROMIUM={named!r} doesn't run")
    with _one_at_a_time():
        for find in (_on_path, _of_playwright, _of_debian):
            if found := find():
                return found
    raise BrowserMissing(
        "no Chromium: none on the PATH, none to be had from Playwright or, as root, from apt-get;"
        " install one, or set CHROMIUM to its path"
    )


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for other processes of ours that look for it: two that install it get in each other's way."""
    with (Path(tempfile.gettempdir()) / f"emobi-browser-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _on_path() -> Path | None:
    found = (Path(path) for name in NAMES if (path := shutil.which(name)))
    return next(filter(_runs, found), None)


def _of_playwright() -> Path | None:
    path = Path(_output(sys.executable, "-c", _ASK_PLAYWRIGHT).strip())
    if not path.exists():
        logger.warning("no Chromium on the PATH: downloading Playwright's")
        _output(sys.executable, "-m", "playwright", "install", "chromium")
    return path if _runs(path) else None


def _of_debian() -> Path | None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return None
    logger.warning("no Chromium on the PATH: installing Debian's")
    _output("apt-get", "update", "--quiet")
    _output("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium")
    return _on_path()


def _output(*command: str) -> str:
    """What a command prints; if it fails, its error is logged and the caller sees the result missing."""
    ran = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )
    if ran.returncode:
        logger.warning("%s: %s", " ".join(command), ran.stderr.strip())
    return ran.stdout


def _runs(program: Path) -> bool:
    """Whether it runs at all: a download may lack the system's libraries."""
    try:
        asked = subprocess.run([program, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
